"""What people said while a bot was dead is answered when it is back (guarantee 6)."""

from __future__ import annotations

import pytest

from bot.cli.demo.play import ATTIC, DM, HALL, PEOPLE
from bot.cli.torture.ordeal import Ordeal

MANY = 132
BUSY = (*[HALL] * 10, ATTIC, DM)
"""More is missed in the hall than any platform gives in one page."""


async def ask(ordeal, rooms, count):
    """Let people speak on all platforms."""
    for number in range(count):
        for scene in ordeal.scenes:
            room, person = rooms[number % len(rooms)], PEOPLE[number % len(PEOPLE)]
            await ordeal.crowd.ask(scene, room, person)


async def chat(scene, name):
    """People talk in a room, and not to the bot."""
    room = scene.simulator.add_room(name)
    await scene.simulator.say(room, scene.simulator.add_person(f"Guest of {name}"), "Hm.")
    return room


@pytest.mark.timeout(120)
async def test_what_was_missed_is_answered_once_and_oldest_first():
    """On every platform, from the first page to the last."""
    async with Ordeal.begun(5) as ordeal:
        before = await ordeal.figures()
        await ordeal.bot.kill()
        await ask(ordeal, BUSY, MANY)
        await ordeal.restart()
        assert not await ordeal.answered(60)
        after = await ordeal.figures()
    assert after.asked - before.asked == MANY * len(ordeal.scenes)
    assert (after.lost, after.twice, after.unexplained.total(), after.out_of_order) == (0, 0, 0, 0)


async def test_rooms_without_news_cost_no_request():
    """Only where somebody spoke meanwhile is the platform asked."""
    async with Ordeal.begun(5) as ordeal:
        quiet = [(s, await chat(s, f"Room {n}")) for s in ordeal.scenes for n in range(20)]
        await ask(ordeal, (HALL,), 1)
        await ordeal.answered()
        await ordeal.bot.kill()
        for scene in ordeal.scenes:
            scene.wire.requests.clear()
        await ask(ordeal, (HALL, ATTIC), 2)
        await ordeal.restart()
        assert not await ordeal.answered()
        paths = {
            scene.name: " ".join(path for _, path in scene.wire.requests) for scene, _ in quiet
        }
    assert not [room for scene, room in quiet if room in paths[scene.name]]
