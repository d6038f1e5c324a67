"""Services under a supervisor, without a bot around them."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

from bot.service import Service
from bot.supervisor import Supervisor
from bot.testing.runtime import create_mock_runtime


class Clock(Service):
    service_type = "clock"
    capability_description = "Tells the time"


@asynccontextmanager
async def supervised(*kinds, **how):
    """A supervisor with services, each under its type."""
    supervisor = Supervisor(**{"delay": lambda _: 0.0, **how})
    runtime = create_mock_runtime()
    for kind in kinds:
        supervisor.register(kind.service_type, kind, lambda kind=kind: kind.start(runtime))
    await supervisor.start()
    try:
        yield supervisor
    finally:
        await supervisor.stop(1.0)


async def until(condition):
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - nothing announces it
            await asyncio.sleep(0.005)
