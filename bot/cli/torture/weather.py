"""What can happen between the bot and the platforms, and on the platforms."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, ExitStack

from bot.cli.torture.ordeal import Ordeal
from bot.testing.faults import Fault

STORM_SECONDS = 1.0
DOWN_SECONDS = 2.5
PAUSE_SECONDS = 0.5
"""What a platform asks for that was asked too much."""

Strike = Callable[[Ordeal], Awaitable[None]]


def storm(fault: Fault, share: float = 0.5) -> Strike:
    """A fault that befalls a share of all requests for a while, on all platforms."""

    async def strike(ordeal: Ordeal) -> None:
        with ExitStack() as stack:
            for scene in ordeal.scenes:
                stack.enter_context(scene.wire.suffering(fault, share))
            await asyncio.sleep(STORM_SECONDS)

    return strike


def verb(*names: str) -> Strike:
    """What simulators can do to a bot, on each that has one of these verbs."""

    async def strike(ordeal: Ordeal) -> None:
        for scene in ordeal.scenes:
            for name in names:
                done = getattr(scene.simulator, name, lambda: None)()
                if inspect.isawaitable(done):
                    await done
        await asyncio.sleep(PAUSE_SECONDS)

    return strike


async def platforms_down(ordeal: Ordeal) -> None:
    """Nothing listens any more; people go on talking."""
    async with AsyncExitStack() as stack:
        for scene in ordeal.scenes:
            await stack.enter_async_context(scene.simulator.outage())
        await asyncio.sleep(DOWN_SECONDS)


async def killed_while_down(ordeal: Ordeal) -> None:
    """`kill -9`, and it comes back before the platforms do."""
    async with AsyncExitStack() as stack:
        for scene in ordeal.scenes:
            await stack.enter_async_context(scene.simulator.outage())
        await ordeal.bot.kill()
        await ordeal.bot.spawn()
        await asyncio.sleep(DOWN_SECONDS)


async def too_many(ordeal: Ordeal) -> None:
    """The next message is one too many, as the platform itself says it."""
    for scene in ordeal.scenes:
        await scene.simulator.limit_next(PAUSE_SECONDS)
    await asyncio.sleep(PAUSE_SECONDS)
