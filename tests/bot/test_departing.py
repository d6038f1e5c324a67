"""What is stored as being sent is sent, once, or was never on its way."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from uuid import uuid4

from bot.capabilities import Rate
from bot.character import Character
from bot.content import Content, Verb
from bot.errors import StoreError
from bot.events import EventKind
from bot.records import Delivery
from bot.runtime import Runtime
from bot.settings import Layer, Settings
from bot.stores.sqlite import SqliteStore
from bot.testing.connector import LoopbackService, said


def texts(room="lobby"):
    return [part.text for part in LoopbackService.sent[room]]


async def until(condition):
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - nothing announces it
            await asyncio.sleep(0.005)


async def answered(runtime, text, number):
    await runtime.deliver(said(text, number))
    await runtime.drain()


async def was_ambiguous(runtime):
    await runtime.drain()
    return (await runtime.store.counts())["parts.ever_ambiguous"]


def a_reply(runtime, text):
    """A delivery with its parts, as a turn makes them."""
    delivery = Delivery(id=uuid4(), room=said("").room, content=Content(text=text))
    return delivery, runtime.outbox.rendered(delivery)


async def test_what_was_cancelled_while_it_was_stored_leaves_all_the_same(bot):
    """The commit was on its way into the store; the part is not taken for one on the wire."""
    async with bot() as runtime:
        await answered(runtime, "first", 1)
        delivery, parts = a_reply(runtime, "second")

        async def commit():
            async with runtime.outbox.departing(parts) as departing, runtime.store.commit() as c:
                runtime.outbox.enqueue(c, delivery, parts, departing=departing)

        task = asyncio.create_task(commit())
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert await was_ambiguous(runtime) == 0
        assert texts() == ["FIRST", "second"]


async def test_what_was_stored_as_the_lanes_closed_is_not_of_unknown_outcome(bot):
    """Somebody speaks while it stops: it waits for the next process like all else."""
    async with bot() as runtime:
        await answered(runtime, "first", 1)
        delivery, parts = a_reply(runtime, "second")
        async with runtime.outbox.departing(parts) as departing:
            await runtime.outbox.senders["loopback", "default"].stop(0)
            async with runtime.store.commit() as c:
                runtime.outbox.enqueue(c, delivery, parts, departing=departing)
    async with bot() as runtime:
        await until(lambda: texts() == ["second"])
        assert await was_ambiguous(runtime) == 0


class Limited(LoopbackService):
    """Takes two messages a minute."""

    capabilities = LoopbackService.capabilities.model_copy(
        update={"rates": (Rate(count=2, seconds=60),)}
    )


async def test_a_slot_that_was_not_used_counts_for_nothing(tmp_path, bot):
    """A turn that could not be stored takes nothing from the platform's limit."""
    made = Runtime(
        Character(name="Eliza", connectors=("loopback",)),
        settings=Settings([Layer("test", {})]),
        store=SqliteStore(tmp_path / "limited.db"),
        plugins=bot().plugins,
        connectors={"loopback": Limited},
        discover=False,
    )
    async with made as runtime:
        await answered(runtime, "first", 1)
        _, parts = a_reply(runtime, "lost")
        with suppress(StoreError):
            async with runtime.outbox.departing(parts) as departing:
                assert departing
                raise StoreError("the disk is full")
        async with asyncio.timeout(5):
            await answered(runtime, "next", 2)
        assert texts() == ["FIRST", "NEXT"]


async def test_a_deletion_whose_receipt_met_a_broken_read_comes_to_its_end(bot):
    """It happened, and is harmless when done twice: it does not stay on the wire for ever."""
    async with bot() as runtime:
        await answered(runtime, "first", 1)
        *_, ours = await runtime.store.history(said("").room.id)
        store, delivery = runtime.store, runtime.store.delivery
        failures = [StoreError("the disk did not answer")]

        async def broken(key):
            if failures:
                raise failures.pop()
            return await delivery(key)

        store.delivery = broken
        gone = Content(verb=Verb.DELETE, target=ours.id)
        key = await runtime.outbox.send(said("").room, gone)
        await runtime.drain()
        assert [one.state for one in await store.parts(key)] == ["sent"]


async def test_a_part_that_waits_for_its_connector_is_not_of_unknown_outcome(bot):
    """It was to leave at once, and the connector had just gone; then the process ends."""
    async with bot() as runtime:
        await answered(runtime, "first", 1)
        delivery, parts = a_reply(runtime, "second")
        one = runtime.supervisor.services["loopback"]
        async with runtime.outbox.departing(parts) as departing:
            async with runtime.store.commit() as c:
                runtime.outbox.enqueue(c, delivery, parts, departing=departing)
            one.service = None
            one.running.clear()
    async with bot() as runtime:
        await until(lambda: texts() == ["second"])
        assert await was_ambiguous(runtime) == 0


async def test_a_room_that_moves_takes_along_what_no_lane_holds(bot):
    """What waits in the store beyond a lane's depth leaves under the new key, with no restart."""
    gate = asyncio.Event()
    async with bot() as runtime:
        await answered(runtime, "first", 1)
        connector, send = runtime.get_service("loopback"), LoopbackService.send

        async def slow(part):
            await gate.wait()
            return await send(connector, part)

        connector.send = slow
        old = said("").room
        for n in range(40):
            await runtime.send(old, f"{n}")
        moved = said("", 99, room="castle").model_copy(
            update={"kind": EventKind.PROFILE, "message": None, "moved_from": old.key}
        )
        await runtime.deliver(moved)
        gate.set()
        await until(lambda: len(texts()) + len(texts("castle")) == 41)


async def test_what_waits_for_its_slot_holds_up_nothing_that_is_heard(bot):
    """Nobody can have answered it: only what is on the wire is waited for."""
    async with bot() as runtime:
        await answered(runtime, "first", 1)
        budget = runtime.outbox.senders["loopback", "default"]._carrier._budget
        budget.pause(2, said("").room)
        await runtime.send(said("").room, "later")
        await until(lambda: budget.waiting)
        reply = said("no", 2).model_copy(update={"reply_to": "lobby/of-others"})
        begun = asyncio.get_running_loop().time()
        await runtime.deliver(reply)
        assert asyncio.get_running_loop().time() - begun < 0.9
