"""Each part leaves once, in order, and trouble in one room stays there."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from uuid import uuid4

from bot.content import Content
from bot.errors import RateLimited, StoreError, Unauthorized, Unavailable, Unconfirmed
from bot.memory import Room, RoomKind
from bot.part import Priority
from bot.records import PartState
from bot.service import Status
from bot.testing.connector import LoopbackService, said

LONG = " ".join(f"{n:04}" for n in range(900))


def texts(room="lobby"):
    return [part.text for part in LoopbackService.sent[room]]


def room(key):
    return Room(platform="loopback", account="default", key=key, kind=RoomKind.GROUP)


async def until(condition):
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - nothing announces it
            await asyncio.sleep(0.005)


async def test_a_held_part_holds_the_rest_of_its_delivery(bot, hides):
    """Nothing is said from the middle of an answer."""
    async with bot() as runtime:
        LoopbackService.outcomes.append(Unconfirmed("timed out"))
        await runtime.deliver(said(LONG))
        await runtime.turns.lanes.drain()
        await runtime.outbox.senders["loopback", "default"].drain()
        assert (await runtime.store.counts())["parts.held"] == 3
        assert texts() == []


async def test_a_room_that_must_wait_leaves_its_lane_to_others(bot):
    """However many rooms fail, a healthy one is served."""
    async with bot() as runtime:
        sender = runtime.outbox.senders["loopback", "default"]
        sender._lanes.width = 2
        for n in range(5):
            LoopbackService.outcomes.append(RateLimited("slow down", retry_after=60, room=True))
            await runtime.send(room(f"slow {n}"), "later")
        await until(lambda: not LoopbackService.outcomes)
        await runtime.send(room("well"), "now")
        await until(lambda: texts("well") == ["now"])


async def test_a_reply_does_not_wait_behind_a_backlog(bot):
    """A room with a reply gets a lane though all are taken."""
    gate = asyncio.Event()
    async with bot() as runtime:
        sender = runtime.outbox.senders["loopback", "default"]
        sender._lanes.width = 2
        await until(lambda: runtime.get_service("loopback") is not None)
        connector, send = runtime.get_service("loopback"), LoopbackService.send

        async def slow(part):
            if part.priority is Priority.NORMAL:
                await gate.wait()
            return await send(connector, part)

        connector.send = slow
        for n in range(5):
            await runtime.send(room(f"news {n}"), "news")
        await runtime.deliver(said("hello"))
        await until(lambda: texts() == ["HELLO"])
        gate.set()


async def test_refused_credentials_show_in_health_and_lose_nothing(bot):
    """A person is told; once the credentials work, what waited is sent, and all is well."""
    told = []
    async with bot() as runtime, asyncio.timeout(20):
        LoopbackService.outcomes.extend([Unauthorized("the token was revoked")] * 3)
        await runtime.deliver(said("hello"))
        while texts() != ["HELLO"]:
            told.append((await runtime.health())["loopback"])
            await asyncio.sleep(0.005)
        await runtime.drain()
        assert (await runtime.health())["loopback"].status is Status.UP
    assert (Status.DOWN, "the token was revoked") in {(one.status, one.why) for one in told}


async def test_an_answer_that_shows_nothing_is_not_remembered(bot):
    """White space is not a message."""
    async with bot() as runtime:
        await runtime.send(room("lobby"), Content(text="  \n"))
        assert (await runtime.store.counts())["memories"] == 0


async def test_what_an_earlier_process_left_goes_before_what_is_new(bot):
    """A part on the wire at a crash, one that waited, and a new answer leave in that order."""
    async with bot() as runtime:
        LoopbackService.outcomes.extend([Unavailable("down")] * 50)
        await runtime.deliver(said("one", 1), said("two", 2))
        await runtime.turns.lanes.drain()
        store, account = runtime.store, ("loopback", "default")
        [one, *_] = await store.outbox(*account, [PartState.QUEUED, PartState.SENDING])
        async with store.commit() as c:
            c.mark(one.part, PartState.SENDING)
    async with bot() as runtime:
        await runtime.deliver(said("three", 3))
        await until(lambda: texts() == ["ONE", "TWO", "THREE"])


async def test_a_reply_with_a_free_way_is_stored_as_being_sent(bot):
    """It costs no commit between the turn's and the platform: the turn's says that it leaves."""
    async with bot() as runtime:
        await answered(runtime, "first")  # from now on, the sender knows its connector's limits
        stored = []
        LoopbackService.on_sent.append(lambda part: stored.append(part.text))
        before = commits_of(runtime.store)
        await answered(runtime, "again")
        assert stored == ["AGAIN"]
        assert len(before) == 3  # heard; answered and on its way; sent


async def test_a_turn_that_cannot_be_stored_gives_its_slot_back(bot):
    """The sender's lane and slot are free for the next answer."""
    async with bot() as runtime:
        await answered(runtime, "first")
        part = LoopbackService.sent["lobby"][0].model_copy(update={"delivery": uuid4()})
        for _ in range(2 * LoopbackService.capabilities.concurrency):
            with suppress(StoreError):
                async with runtime.outbox.departing([part]) as departing:
                    assert departing
                    raise StoreError("the disk is full")
        await answered(runtime, "next")
    assert texts() == ["FIRST", "NEXT"]


async def answered(runtime, text):
    await runtime.deliver(said(text, len(LoopbackService.sent["lobby"]) + 1))
    await runtime.drain()


def commits_of(store):
    """The commits that a store makes from now on."""
    made, commit = [], store.commit

    def counted(lease=None):
        made.append(lease)
        return commit(lease)

    store.commit = counted
    return made
