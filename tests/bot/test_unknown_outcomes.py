"""Parts of which nobody knows whether they arrived: an outage loses none, and all else goes on."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest

from bot.carrier import ASK_SECONDS, MISSED, SHORT_SECONDS
from bot.content import Content
from bot.desk import Desk
from bot.errors import FileUnavailable, RateLimited, Unauthorized, Unavailable, Unconfirmed
from bot.memory import Room, RoomKind
from bot.records import Delivery, Outgoing, PartState
from bot.rest import AT_MOST, UNKNOWN_SECONDS
from bot.testing.connector import LoopbackService, said
from bot.value import now

LOBBY = said("").room
YARD, HALL = (
    Room(platform="loopback", account="default", key=key, kind=RoomKind.GROUP)
    for key in ("yard", "hall")
)
LONG = " ".join(f"{n:04}" for n in range(900))
HOUR = timedelta(hours=1)


@pytest.fixture
def mute(monkeypatch):
    """A platform that cannot tell whether a part arrived."""

    async def find(_self, _part):
        raise Unconfirmed("nobody knows")

    monkeypatch.setattr(LoopbackService, "find", find)


def texts(room=LOBBY):
    return [part.text for part in LoopbackService.sent[room.key]]


async def lost(runtime, times, *, room=LOBBY, rest=timedelta(0)):
    """Leave a part whose outcome was unknown so many times, and look at it."""
    delivery = Delivery(id=uuid4(), room=room, content=Content(text="hello"))
    parts = runtime.outbox.rendered(delivery)
    async with runtime.store.commit() as c:
        c.put_room(room)
        runtime.outbox.enqueue(c, delivery, parts)
    for state in [PartState.SENDING, PartState.AMBIGUOUS] * times:
        async with runtime.store.commit() as c:
            c.mark(parts[0], state, reason="502", due=now() + rest)
    await looked_at(runtime, room)
    return delivery.id


async def looked_at(runtime, room=LOBBY):
    runtime.wake(room)
    await runtime.drain()


async def the_part(runtime, key):
    return (await runtime.store.parts(key))[0]


async def test_an_outage_of_an_hour_is_outlived(bot, mute):
    """Where nobody can tell, it is tried further and further apart, and not held before that."""
    times = len(UNKNOWN_SECONDS) - 1
    assert sum(UNKNOWN_SECONDS[:times]) > HOUR.total_seconds()
    async with bot() as runtime:
        LoopbackService.outcomes.append(Unconfirmed("503"))
        out = await the_part(runtime, await lost(runtime, times))
        assert (out.state, out.reason) == (PartState.AMBIGUOUS, "503")
        assert (out.due - now()).total_seconds() > UNKNOWN_SECONDS[-1] / 3


async def test_a_platform_that_cannot_be_asked_is_asked_less_and_less_often(bot, monkeypatch):
    """Each look counts as the next, although none of them says anything about the part."""
    pauses = []

    async def find(_self, _part):
        raise Unavailable("503")

    def pause(tries, *, longest=60.0):
        pauses.append((tries, longest))
        return SHORT_SECONDS + 1

    monkeypatch.setattr(LoopbackService, "find", find)
    monkeypatch.setattr("bot.carrier.pause", pause)
    async with bot() as runtime:
        await lost(runtime, 1)
        for _ in range(3):
            await looked_at(runtime)
    asked = [tries for tries, longest in pauses if longest == ASK_SECONDS]
    assert asked == [1, 2, 3, 4]


async def test_what_a_person_settles_while_it_waits_for_its_slot_is_not_sent(bot, mute):
    """They found it there; the bot was about to try again."""
    async with bot() as runtime:
        await runtime.send(YARD, "first")  # from now on, the sender knows its connector's limits
        await runtime.drain()
        runtime.outbox.sender(LOBBY)._carrier._budget.pause(0.5)
        waiting = asyncio.create_task(lost(runtime, 1))
        while not runtime.outbox.sender(LOBBY).waiting:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.005)
        [out] = await runtime.store.outgoing([PartState.AMBIGUOUS])
        await Desk(runtime.store, by="ann").settle(str(out.part.delivery))
        await waiting
        assert (await the_part(runtime, out.part.delivery)).state is PartState.SENT
    assert texts() == []


async def test_a_clock_that_was_put_back_holds_up_nothing(bot):
    """Until when a part rests was told by it while it was ahead."""
    async with bot() as runtime:
        delivery = Delivery(id=uuid4(), room=LOBBY, content=Content(text="hello"))
        parts = runtime.outbox.rendered(delivery)
        out = Outgoing(seq=0, part=parts[0], since=now() + HOUR, due=now() + HOUR)
        carrier = runtime.outbox.sender(LOBBY)._carrier
        async with runtime.store.commit() as c:
            c.put_room(LOBBY)
            runtime.outbox.enqueue(c, delivery, parts)
        await carrier.carry(out)
    assert texts() == ["hello"]


async def test_credentials_that_are_refused_are_not_tried_for_every_room(bot, monkeypatch):
    """One try stands for all: who asks thousands of times with them is locked out."""
    tries = []

    async def send(_self, part):
        tries.append(part)
        raise Unauthorized("401")

    monkeypatch.setattr(LoopbackService, "send", send)
    can(monkeypatch, concurrency=1)
    async with bot() as runtime, asyncio.timeout(20):
        for number in range(100):
            await runtime.send(LOBBY.model_copy(update={"key": f"r{number}"}), "hello")
        while runtime.outbox.sender(LOBBY)._carrier._refusals < 5:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.01)
    assert len(tries) < 50


@pytest.mark.parametrize(("asked", "most"), [(0.0, 50), (-1.0, 50), (1e12, 1)])
async def test_a_wait_that_makes_no_sense_is_not_taken_at_its_word(bot, monkeypatch, asked, most):
    """None at all would be a storm of requests; one of an age, the end of an account."""
    tries = []

    async def send(_self, part):
        tries.append(part)
        raise RateLimited("429", retry_after=asked)

    monkeypatch.setattr(LoopbackService, "send", send)
    async with bot() as runtime:
        key = await runtime.send(LOBBY, "hello")
        await asyncio.sleep(1.0)
        out = await the_part(runtime, key)
    assert 1 <= len(tries) <= most
    assert (out.due - now()).total_seconds() <= AT_MOST


async def test_a_file_that_cannot_be_had_does_not_hold_up_its_room_for_ever(bot, monkeypatch):
    """The platform is there: what waits behind it is said."""
    monkeypatch.setattr("bot.carrier.FILE_TRIES", 3)
    async with bot() as runtime, asyncio.timeout(20):
        LoopbackService.outcomes.extend([FileUnavailable("example.org cannot be reached")] * 3)
        key = await runtime.send(LOBBY, "with a file")
        await runtime.send(LOBBY, "behind it")
        while not texts():  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.01)
        out = await the_part(runtime, key)
    assert (out.state, out.reason) == (
        PartState.FAILED,
        "3 times: example.org cannot be reached",
    )
    assert texts() == ["behind it"]


async def test_in_the_end_a_person_decides(bot, mute):
    """It is not tried without end, and both the cause and the doubt are told."""
    async with bot() as runtime:
        out = await the_part(runtime, await lost(runtime, len(UNKNOWN_SECONDS)))
        assert (out.state, out.reason) == (PartState.HELD, "502; nobody knows")
    assert texts() == []


async def test_what_surely_is_not_there_is_tried_for_longer(bot):
    """No try can have made a copy, so that it needs no person after an hour."""
    async with bot() as runtime:
        LoopbackService.outcomes.append(Unconfirmed("503"))
        out = await the_part(runtime, await lost(runtime, MISSED - 1))
        assert (out.state, out.ambiguous) == (PartState.AMBIGUOUS, MISSED)


async def test_what_never_gets_there_does_not_hold_up_its_room_for_ever(bot):
    """After a day it has failed, and what waits behind it is said."""
    async with bot() as runtime:
        out = await the_part(runtime, await lost(runtime, MISSED))
        await runtime.send(LOBBY, "next")
        await runtime.drain()
        assert (out.state, out.reason) == (PartState.FAILED, f"{MISSED} times: 502")
    assert texts() == ["next"]


def can(monkeypatch, **abilities):
    """Change what the platform can do."""
    able = LoopbackService.capabilities.model_copy(update=abilities)
    monkeypatch.setattr(LoopbackService, "capabilities", able)


async def test_what_rests_holds_nothing_up_but_its_room(bot, mute, monkeypatch):
    """The only slot and the only lane are free for others meanwhile."""
    can(monkeypatch, concurrency=1)
    async with bot() as runtime:
        runtime.outbox.senders["loopback", "default"]._lanes.width = 1
        LoopbackService.outcomes.append(Unconfirmed("503"))
        await lost(runtime, 4)
        await runtime.send(YARD, "elsewhere")
        await runtime.send(LOBBY, "behind it")
        await runtime.drain()
    assert (texts(YARD), texts()) == (["elsewhere"], [])


async def test_what_rests_goes_once_the_platform_takes_others(bot, mute):
    """The outage is over: nobody waits for the rest of a long pause, and the order holds."""
    async with bot() as runtime:
        await lost(runtime, 4, rest=HOUR)
        await runtime.send(LOBBY, "behind it")
        await looked_at(runtime)
        assert texts() == []
        await runtime.send(YARD, "elsewhere")
        await runtime.drain()
        await looked_at(runtime)
    assert texts() == ["hello", "behind it"]


async def test_what_an_outage_met_together_is_tried_one_by_one(bot, mute):
    """The first to get there lets all go, so one of them should not be long in coming."""
    async with bot() as runtime:
        LoopbackService.outcomes.extend([Unconfirmed("503")] * 3)
        rests = []
        for room in (LOBBY, YARD, HALL):
            out = await the_part(runtime, await lost(runtime, 9, room=room))
            rests.append((out.due - out.since).total_seconds())
    assert max(rests) - min(rests) > 0.5


async def test_a_rest_is_kept_over_a_restart(bot, mute):
    """How often it was unknown, too: a new process does not begin anew."""
    async with bot() as runtime:
        LoopbackService.outcomes.append(Unconfirmed("503"))
        key = await lost(runtime, 3)
    async with bot() as runtime:
        await runtime.drain()
        out = await the_part(runtime, key)
        assert (out.state, out.ambiguous, texts()) == (PartState.AMBIGUOUS, 4, [])


@pytest.mark.parametrize(("verb", "sent"), [("resend", ["hello"]), ("settle", [])])
async def test_a_person_need_not_wait_for_a_rest_to_end(bot, mute, verb, sent):
    """What they decide is done at once, and the room goes on."""
    async with bot() as runtime:
        key = await lost(runtime, 4, rest=HOUR)
        await runtime.send(LOBBY, "behind it")
        waiting = await getattr(Desk(runtime.store, by="ann"), verb)(str(key))
        runtime.wake(waiting.room, waiting.delivery)
        await runtime.drain()
    assert texts() == [*sent, "behind it"]


async def test_who_holds_such_parts_is_told_the_cause(bot, hides):
    """A connector that did not foresee an error has said nothing about the outcome."""
    async with bot() as runtime:
        LoopbackService.outcomes.append(ValueError("cannot read the answer"))
        key = await runtime.send(LOBBY, "hello")
        await runtime.drain()
        out = await the_part(runtime, key)
    assert out.reason == "ValueError: cannot read the answer; nobody knows"


async def test_each_trouble_on_the_way_stays_known(bot, mute):
    """What went well is not among it."""
    async with bot() as runtime:
        LoopbackService.outcomes.extend([RateLimited("slow", retry_after=0.01), Unconfirmed("503")])
        key = await runtime.send(LOBBY, "hello")
        await runtime.drain()
        out = await the_part(runtime, key)
    assert [(one.state, one.why) for one in out.setbacks] == [
        ("queued", "slow"),
        ("ambiguous", "503"),
    ]


async def test_a_part_that_found_no_connector_says_so(bot):
    """It was to leave at once."""
    async with bot() as runtime:
        await runtime.send(YARD, "first")  # from now on, the sender knows its connector's limits
        await runtime.drain()
        delivery = Delivery(id=uuid4(), room=LOBBY, content=Content(text="hello"))
        parts = runtime.outbox.rendered(delivery)
        one = runtime.supervisor.services["loopback"]
        async with runtime.outbox.departing(parts) as departing:
            async with runtime.store.commit() as c:
                c.put_room(LOBBY)
                runtime.outbox.enqueue(c, delivery, parts, departing=departing)
            connector, one.service = one.service, None
            one.running.clear()
        await until_told(runtime, delivery.id)
        one.service = connector
        one.running.set()


async def until_told(runtime, key):
    async with asyncio.timeout(10):
        while not (out := await the_part(runtime, key)).setbacks:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.005)
    assert [one.why for one in out.setbacks] == ["loopback does not run"]


@pytest.mark.parametrize(("message", "answered"), [(None, "lobby/1"), ("lobby/99", "lobby/99")])
async def test_a_thread_goes_on_behind_what_a_person_settled(
    bot, hides, monkeypatch, message, answered
):
    """Behind a message that nobody named, it answers what the whole of it answers."""
    can(monkeypatch, chain=True)
    async with bot() as runtime:
        LoopbackService.outcomes.append(Unconfirmed("503"))
        await runtime.deliver(said(LONG))
        await runtime.drain()
        [*_, first] = await runtime.store.outgoing([PartState.HELD])
        key = str(first.part.delivery)
        waiting = await Desk(runtime.store, by="ann").settle(key, message)
        runtime.wake(waiting.room, waiting.delivery)
        await runtime.drain()
        [_, second, _] = await runtime.store.parts(first.part.delivery)
    replies = [part.reply_to for part in LoopbackService.sent["lobby"]]
    assert replies == [answered, second.receipt.message]
