"""Reading what was missed leaves the account's limit to those who speak."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest
from aiohttp import web

from bot.budget import Budget
from bot.memory import Room, RoomKind
from bot.part import Priority
from connectors.discord.connector import DiscordService
from connectors.discord.pace import LEAST, MOST, Pace
from connectors.discord.simulator import DiscordSimulator

ROOM = Room(platform="discord", account="default", key="51", kind=RoomKind.GROUP)
SLACK = 0.9
"""Clocks are read a little before and after."""


async def times(pace, count):
    """The moments of so many turns."""
    found = []
    for _ in range(count):
        await pace.turn(ROOM)
        found.append(asyncio.get_running_loop().time())
    return found


@pytest.mark.parametrize(("is_idle", "rate"), [(True, MOST), (False, LEAST)])
async def test_pages_come_one_by_one_and_slowly_beside_others(is_idle, rate):
    """But the first comes at once, and nobody starves them."""
    begun = asyncio.get_running_loop().time()
    first, *rest = await times(Pace(lambda _: is_idle), 4)
    assert min(b - a for a, b in pairwise([first, *rest])) >= SLACK / rate
    assert first - begun < 1 / LEAST


async def test_a_broadcast_and_what_is_read_beside_it_keep_within_the_limit():
    """Together they are never more than 50 requests in a second, as long as it lasts."""
    budget, asked = Budget(DiscordService.capabilities.rates, 32), []
    now, pace = asyncio.get_running_loop().time, Pace(budget.spare)

    async def tell():
        async with budget.slot(ROOM, Priority.BULK):
            asked.append(now())

    async def read():
        while True:
            await pace.turn(ROOM)
            asked.append(now())

    reading = asyncio.create_task(read())
    await asyncio.gather(*(tell() for _ in range(70)))
    reading.cancel()
    asked.sort()
    assert len(asked) > 70
    assert all(later - one > SLACK for one, later in zip(asked, asked[50:], strict=False))


async def test_what_was_missed_is_read_at_that_pace(listening):
    """By a bot that is to keep Discord's limits."""
    discord, asked = DiscordSimulator(limits=True), []

    async def note(request, handler):
        if request.method == "GET" and request.path.endswith("/messages"):
            asked.append(asyncio.get_running_loop().time())
        return await handler(request)

    discord.middlewares.append(web.middleware(note))
    async with discord:
        ann, rooms = discord.add_person("Ann"), [discord.add_room(f"{n}") for n in range(5)]
        async with listening(discord.settings) as first:
            await first.runtime.wait_for_events(len(rooms))
        for room in rooms:
            await discord.say(room, ann, "missed")
        async with listening(discord.settings, first.runtime.store) as second:
            await second.hears(len(rooms))
    assert asked[-1] - asked[0] >= SLACK * (len(rooms) - 1) / MOST
