"""What is stored beside an event, and who waits for what is said to it."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.action import action
from bot.content import Content
from bot.errors import StoreFull
from bot.events import EventKind
from bot.plugin import Plugin
from bot.testing.connector import said
from bot.value import now


async def test_a_dead_room_that_moved_lives_again_when_somebody_writes_there(bot):
    """It took no messages, then got a new key: what is known of it is known by that."""
    news = said("", room="new").model_copy(update={"kind": EventKind.PROFILE, "message": None})
    where = ("loopback", "default")
    async with bot() as runtime:
        runtime.inbox.dead.add(said("", room="old").room.id)
        async with runtime.store.commit() as c:
            c.bury(*where, "old", "blocked")
        await runtime.deliver(news.model_copy(update={"moved_from": "old"}))
        assert list(await runtime.store.dead(*where)) == ["new"]
        await runtime.deliver(said("hello", 2, room="new"))
        assert await runtime.store.dead(*where) == {}


async def test_how_to_answer_is_not_kept_of_what_is_not_answered(bot):
    """It is a secret, and of no use."""
    old = {"kind": EventKind.COMMAND, "at": now() - timedelta(days=1), "via": {"token": "secret"}}
    event = said("/roll").model_copy(update=old)
    async with bot() as runtime:
        await runtime.deliver(event)
        stored = await runtime.store.event(event.key)
    assert stored.event == event.model_copy(update={"via": None})


async def test_who_asks_in_vain_takes_the_answer_from_nobody_else(bot):
    """Two wait for one answer; to one of them, the store had no room."""
    both, gone = asyncio.Event(), asyncio.Event()
    async with bot() as runtime:
        memory, deliver = await heard(runtime, said("hello")), runtime.inbox.deliver

        async def full(*_events):
            await both.wait()
            raise StoreFull("the disk is full")

        async def late(*events):
            both.set()
            await gone.wait()
            await deliver(*events)

        async def one_of_them(*events):
            await behaviours.pop()(*events)

        behaviours, asked = [late, full], [Content(text="Given.")]
        runtime.inbox.deliver = one_of_them
        asking = [asyncio.create_task(runtime.process_actions(memory, asked)) for _ in range(2)]
        [vain], [other] = await asyncio.wait(asking, return_when=asyncio.FIRST_COMPLETED)
        with pytest.raises(StoreFull):
            await vain
        gone.set()
        async with asyncio.timeout(5):
            assert [one.text for one in await other] == ["Given."]


async def test_who_asks_as_the_turn_ends_hears_the_answer(bot):
    """What was read of the store a moment ago says that it is still to come."""
    begun, gate = asyncio.Event(), asyncio.Event()

    @action
    async def hold(turn) -> str:
        """Wait."""
        begun.set()
        await gate.wait()
        return "done"

    async with bot(Plugin("p", actions=(hold,))) as runtime:
        memory, asked = await heard(runtime, said("hello")), [Content(actions=("hold",))]
        first = asyncio.create_task(runtime.process_actions(memory, asked))
        await begun.wait()
        event = runtime.store.event

        async def slowly(key):
            found = await event(key)
            gate.set()
            await first
            return found

        runtime.store.event = slowly
        async with asyncio.timeout(5):
            assert [one.text for one in await runtime.process_actions(memory, asked)] == ["done"]


async def heard(runtime, event):
    """The Memory of an event that was answered."""
    await runtime.deliver(event)
    await runtime.drain()
    return await runtime.store.memory(event.memory_id)
