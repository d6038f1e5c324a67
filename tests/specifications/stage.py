"""What all days need: a connector that listens, parts to send, and what must fail."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest

from bot.errors import DeliveryError
from bot.part import Part
from bot.testing.runtime import create_mock_runtime


@asynccontextmanager
async def service_of(kind, settings, **more):
    """A service that is open, and does not listen yet."""
    service = await kind.start(create_mock_runtime({**settings, **more}))
    try:
        yield service
    finally:
        await service.stop()


@asynccontextmanager
async def listening(service):
    """A block in which a service listens."""
    task = asyncio.create_task(service.run())
    try:
        yield service.runtime
        if task.done():
            task.result()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def heard(runtime, text):
    """Return once somebody was heard saying `text`."""

    def is_there():
        return any(one.content and one.content.text == text for one in runtime.delivered)

    while not is_there():
        await runtime.wait_for_events(len(runtime.delivered) + 1)


def part(service, room, text, **more):
    """A part on its way to a room."""
    return Part(delivery=uuid4(), ordinal=0, room=service.room(room), text=text, **more)


async def say(service, room, text, **more):
    """Send a text; the message."""
    return (await service.send(part(service, room, text, **more))).message


async def refused(doing, error=DeliveryError):
    """Do what the platform has to refuse."""
    with pytest.raises(error):
        await doing
