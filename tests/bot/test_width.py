"""Thousands of rooms may wait for something at the same time."""

from __future__ import annotations

import asyncio

from bot.action import action
from bot.plugin import Plugin
from bot.testing.connector import said

ROOMS = 2_000


async def test_thousands_of_rooms_wait_at_once(bot):
    """Each of their actions waits until all of them have begun."""
    all_begun, ended = asyncio.Barrier(ROOMS), []

    @action(idempotent=True)
    async def wait(turn) -> None:
        """Wait for all the others."""
        await all_begun.wait()
        ended.append(turn.room.key)

    async with bot(Plugin("p", actions=(wait,))) as runtime, asyncio.timeout(60):
        await runtime.deliver(*(said("/wait", n, room=f"room {n}") for n in range(ROOMS)))
        await runtime.drain()
    assert len(set(ended)) == ROOMS
