"""What can happen between the bot and the platforms, and on the platforms."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AsyncExitStack, ExitStack
from functools import partial
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.cli.torture.ordeal import Ordeal
from bot.cli.torture.world import Scene
from bot.errors import TownhallError
from bot.testing.faults import Fault

STORM_SECONDS = 1.0
DOWN_SECONDS = 2.5
MINUTE = 60.0
PAUSE_SECONDS = 0.5
"""What a platform asks for that was asked too much."""

BEAT, SILENCE = 500, 3600.0
"""Milliseconds between two heartbeats to a gateway that falls silent; seconds that it is so."""
LEFT_WITHIN, LOOK_EVERY = 20.0, 0.05

Strike = Callable[[Ordeal], Awaitable[None]]


def storm(fault: Fault, share: float = 0.5, seconds: float = STORM_SECONDS) -> Strike:
    """A fault that befalls a share of all requests for a while, on all platforms."""

    async def strike(ordeal: Ordeal) -> None:
        with ExitStack() as stack:
            for scene in ordeal.scenes:
                stack.enter_context(scene.wire.suffering(fault, share))
            await asyncio.sleep(seconds)

    return strike


def verb(*names: str) -> Strike:
    """What simulators can do to a bot, on each that has one of these verbs."""

    async def strike(ordeal: Ordeal) -> None:
        for scene in ordeal.scenes:
            await _do(scene, *names)
        await asyncio.sleep(PAUSE_SECONDS)

    return strike


async def _do(scene: Scene, *names: str) -> bool:
    """Whether the simulator has one of these verbs, which is done then."""
    verbs = [getattr(scene.simulator, name) for name in names if hasattr(scene.simulator, name)]
    for one in verbs:
        done = one()
        if inspect.isawaitable(done):
            await done
    return bool(verbs)


async def told_twice(ordeal: Ordeal) -> None:
    """A platform says something twice; one that cannot has a cache before it that does."""
    with ExitStack() as stack:
        for scene in ordeal.scenes:
            if not await _do(scene, "double_next", "repeat_next"):
                stack.enter_context(scene.wire.suffering(stale()))
        await asyncio.sleep(STORM_SECONDS)


def stale() -> Fault:
    """Answer every other time that something is asked for as the time before."""
    kept: dict[str, web.Response] = {}

    async def fault(request: web.Request, handler: Handler) -> web.StreamResponse:
        if old := kept.pop(request.path, None):
            return web.Response(body=old.body, headers=old.headers)
        response = await handler(request)
        if request.method == "GET" and isinstance(response, web.Response):
            kept[request.path] = response
        return response

    return fault


def platforms_down(seconds: float) -> Strike:
    """Nothing listens any more; people go on talking."""

    async def strike(ordeal: Ordeal) -> None:
        async with AsyncExitStack() as stack:
            for scene in ordeal.scenes:
                await stack.enter_async_context(scene.simulator.outage())
            await asyncio.sleep(seconds)

    return strike


async def killed_while_down(ordeal: Ordeal) -> None:
    """`kill -9`, and it comes back before the platforms do."""
    async with AsyncExitStack() as stack:
        for scene in ordeal.scenes:
            await stack.enter_async_context(scene.simulator.outage())
        await ordeal.bot.kill()
        await ordeal.bot.spawn()
        await asyncio.sleep(DOWN_SECONDS)


async def zombie(ordeal: Ordeal) -> None:
    """A gateway keeps the connection and says nothing more, not even to heartbeats.

    Raises:
        TownhallError: the bot stays with it.
    """
    for scene in ordeal.scenes:
        if gateway := getattr(scene.simulator, "gateway", None):
            usual, gateway.beat = gateway.beat, BEAT
            await _left(gateway, gateway.ask_to_reconnect)
            gateway.beat = usual
            await _left(gateway, partial(_silence, gateway.sockets))


def _silence(sockets: Iterable[Any]) -> None:
    for socket in sockets:
        socket.delay = SILENCE


async def _left(gateway: Any, strike: Callable[[], None]) -> None:
    """Do something to the connections of a gateway; return when the bot has others."""
    before = set(gateway.sockets)
    strike()
    try:
        async with asyncio.timeout(LEFT_WITHIN):
            while before & gateway.sockets or not gateway.sockets:  # noqa: ASYNC110 - not announced
                await asyncio.sleep(LOOK_EVERY)
    except TimeoutError:
        raise TownhallError("the bot stays with a gateway that is not to be stayed with") from None


async def too_many(ordeal: Ordeal) -> None:
    """The next message is one too many, as the platform itself says it."""
    for scene in ordeal.scenes:
        await scene.simulator.limit_next(PAUSE_SECONDS)
    await asyncio.sleep(PAUSE_SECONDS)
