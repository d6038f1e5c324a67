"""One person's flood, and bots that talk to bots, hold up nobody."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager

import pytest

from bot.capabilities import Rate
from bot.errors import StoreError
from bot.flood import Flood, own_lane
from bot.lane import Later
from bot.memory import RoomKind
from bot.model import Generated, ModelType
from bot.plugin import ModelHandler, Plugin
from bot.records import EventState
from bot.testing.connector import LoopbackService, said

BURST = 200
"""A limit whose pace, an answer in 0.3 s, a test can wait for."""


QUICK = 1_000
"""A limit whose pace is hardly felt: an answer in 60 ms."""


async def hesitant(params):
    """A model that says what it heard, and has to think about somebody's number zero."""
    heard = params.messages[-1].text
    await asyncio.sleep(0.6 if heard.endswith(" 0") else 0)
    return Generated(text=heard, provider="hesitant")


HESITANT = Plugin("hesitant", models=(ModelHandler(ModelType.TEXT_LARGE, hesitant, "hesitant"),))


async def hurried(seconds):
    """A nap of somebody who has no time for it."""
    raise Later(seconds)


@asynccontextmanager
async def talks_on(runtime, numbers):
    """Bob, who says one more thing each time that he is answered."""
    said, is_answered = iter(numbers), asyncio.Semaphore(0)

    async def talk():
        for number in said:
            await is_answered.acquire()
            await runtime.deliver(spoken(number, "bob"))

    LoopbackService.on_sent.append(lambda _part: is_answered.release())
    talking = asyncio.create_task(talk())
    yield
    talking.cancel()


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


async def test_where_the_platform_sends_little_a_flood_leaves_room(bot, monkeypatch):
    """A group takes 20 messages a minute; who talks without a pause does not get all of them."""
    limits = (Rate(count=20, seconds=60, per_room=True),)
    slow = LoopbackService.capabilities.model_copy(update={"rates": limits})
    monkeypatch.setattr(LoopbackService, "capabilities", slow)
    async with bot(flood=5) as runtime, talks_on(runtime, range(1, 40)):
        await runtime.deliver(spoken(0, "bob"))
        await until(lambda: len(texts()) >= 5)
        await runtime.deliver(*[spoken(n, "bob") for n in range(40, 60)], spoken(99, "ada"))
        await until(lambda: "ADA 99" in texts())
        assert len(texts()) < 10


async def test_where_the_model_is_slow_few_go_first(bot):
    """All others wait for no more of one person's than are answered in a minute."""
    async with bot(flood=5) as runtime:
        await runtime.deliver(*[spoken(n, "bob") for n in range(40)], spoken(99, "ada"))
        await until(lambda: len(texts()) >= 6)
    assert texts()[5] == "ADA 99"


async def test_what_is_too_much_is_answered_in_order(bot):
    """Also while its sender talks on, and though what came first needs long."""
    many = BURST + 5
    async with (
        bot(flood=BURST, model=HESITANT) as runtime,
        talks_on(runtime, range(many, many + 5)),
    ):
        await runtime.deliver(*[spoken(n, "bob") for n in range(many)])
        await until(lambda: len(texts()) == many + 5)
    assert texts() == [f"bob {n}" for n in range(many + 5)]


async def test_what_is_answered_in_a_lane_of_its_own_is_counted():
    """A person gets so many answers in all, and not twice of it; then each takes its time."""
    flood, bob = Flood(3), spoken(0, "bob")
    assert flood.lane(bob) == bob.room.id
    flood.end(bob)
    await flood.wait(bob, hurried)
    await flood.wait(bob, hurried)
    assert flood.lane(bob) == own_lane(bob.room, bob.sender)
    with pytest.raises(Later) as later:
        await flood.wait(bob, hurried)
    assert later.value.seconds == pytest.approx(20, abs=1)


def test_a_lane_of_its_own_is_left_when_all_in_it_is_answered():
    """Until then, what is said next goes there, too, though the room's lane is empty."""
    flood, bob = Flood(QUICK), spoken(0, "bob")
    room, own = bob.room.id, own_lane(bob.room, bob.sender)
    for _ in range(2 * QUICK):
        flood.uncount(bob, flood.lane(bob))
    assert [flood.lane(bob) for _ in range(QUICK)] == [room] * QUICK
    time.sleep(2 * 60 / QUICK)  # now one may be answered, but as many wait
    assert flood.lane(bob) == own
    for _ in range(QUICK):
        flood.end(bob)
    assert flood.lane(bob) == own
    flood.uncount(bob, own)
    flood.end(bob)
    assert flood.lane(bob) == room


async def test_what_ended_elsewhere_is_not_waited_for():
    """A room that moved has another lane, and what was before in the old one never ends there."""
    flood, bob = Flood(QUICK), spoken(0, "bob")
    for _ in range(QUICK + 1):
        flood.lane(bob)
    await flood.wait(bob, asyncio.sleep)
    flood.end(bob)
    await asyncio.sleep(2 * 60 / QUICK)  # an answer comes back
    assert flood.lane(bob) == bob.room.id


async def test_whoever_is_answered_in_between_is_in_line_with_the_others(bot):
    """What waits is counted, and what has been answered is not."""
    async with bot(flood=5) as runtime:
        for number in range(5):
            event = spoken(number, "bob")
            await runtime.deliver(event)
            assert own_lane(event.room, event.sender) not in runtime.turns.lanes
            await runtime.drain()
        await runtime.deliver(spoken(5, "bob"))
        assert own_lane(event.room, event.sender) in runtime.turns.lanes


async def test_a_flood_that_was_interrupted_stays_in_order(bot):
    """What is said to the next process waits for what is left of the last one."""
    async with bot(flood=1) as runtime:
        await runtime.deliver(*[spoken(n, "bob") for n in (1, 0)])
        await until(lambda: len(texts()) == 1)
    async with bot(flood=BURST, model=HESITANT) as runtime:
        await runtime.deliver(spoken(2, "bob"))
        await until(lambda: len(texts()) == 2)
        assert texts() == ["bob 0", "bob 2"]


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
