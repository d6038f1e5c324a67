"""One person's flood, and bots that talk to bots, hold up nobody."""

from __future__ import annotations

import asyncio

import pytest

from bot.errors import StoreError
from bot.memory import RoomKind
from bot.records import EventState
from bot.testing.connector import LoopbackService, said


def texts(room="hall"):
    return [part.text for part in LoopbackService.sent[room]]


def spoken(number, person, *, is_bot=False, room="hall"):
    """What somebody says to the bot in a group."""
    event = said(f"{person} {number}", number, room=room, person=person, kind=RoomKind.GROUP)
    sender = event.sender.model_copy(update={"is_bot": is_bot})
    return event.model_copy(update={"sender": sender, "addressed": True})


async def until(condition):
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - nothing announces it
            await asyncio.sleep(0.005)


async def test_a_flood_delays_only_whoever_makes_it(bot):
    """Others in the room are answered at once; what is too much waits, in order, and is kept."""
    async with bot(flood=2) as runtime:
        flood = [spoken(n, "bob") for n in range(6)]
        await runtime.deliver(*flood, spoken(10, "ada"))
        await until(lambda: len(texts()) == 3)
        waiting = await runtime.store.pending()
    assert texts() == ["BOB 0", "BOB 1", "ADA 10"]
    assert [one.event.content.text for one in waiting] == [f"bob {n}" for n in range(2, 6)]


async def test_a_flood_that_was_interrupted_goes_on(bot):
    """What waited in a lane of its own is found again by the next process, once."""
    async with bot(flood=2) as runtime:
        await runtime.deliver(*[spoken(n, "bob") for n in range(3)])
        await until(lambda: len(texts()) == 2)
    async with bot(flood=10_000) as runtime:
        await runtime.turns.lanes.drain()
        await runtime.outbox.senders["loopback", "default"].drain()
        assert texts() == ["BOB 2"]


async def test_what_is_told_again_makes_no_flood(bot):
    """A platform that was away tells all of the last minutes anew."""
    async with bot(flood=3) as runtime:
        told = [spoken(n, "bob") for n in range(2)]
        for _ in range(3):
            await runtime.deliver(*told)
        await runtime.deliver(spoken(2, "bob"))
        await until(lambda: texts() == ["BOB 0", "BOB 1", "BOB 2"])


async def test_what_could_not_be_stored_makes_no_flood(bot):
    """A connector offers it until it is; only then was it said."""
    async with bot(flood=1) as runtime:
        store = runtime.store
        await store.__aexit__()
        with pytest.raises(StoreError):
            await runtime.deliver(spoken(0, "bob"))
        await store.__aenter__()
        await runtime.deliver(spoken(0, "bob"))
        await until(lambda: texts() == ["BOB 0"])


async def test_in_private_nobody_is_delayed_by_anybody(bot):
    """There is no limit where a person is alone with the bot."""
    async with bot(flood=1) as runtime:
        await runtime.deliver(*[said(f"bob {n}", n, person="bob") for n in range(4)])
        await until(lambda: len(texts("lobby")) == 4)


async def test_bots_that_speak_to_others_use_up_no_rounds(bot):
    """A room full of news from programs still lets one of them ask something."""
    async with bot(bots=1) as runtime:
        news = [spoken(n, "robot", is_bot=True) for n in range(3)]
        news = [one.model_copy(update={"addressed": False}) for one in news]
        await runtime.deliver(*news, spoken(3, "robot", is_bot=True))
        await until(lambda: texts() == ["ROBOT 3"])


async def test_bots_are_cut_off_after_a_few_rounds(bot):
    """Until a person speaks."""
    async with bot(bots=2) as runtime:
        robots = [spoken(n, "robot", is_bot=True) for n in range(4)]
        await runtime.deliver(*robots, spoken(5, "ada"), spoken(6, "robot", is_bot=True))
        await until(lambda: len(texts()) == 4)
        states = [(await runtime.store.event(one.key)).state for one in robots]
    assert texts() == ["ROBOT 0", "ROBOT 1", "ADA 5", "ROBOT 6"]
    assert states[2:] == [EventState.KEPT, EventState.KEPT]
