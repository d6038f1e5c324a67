"""What is true of what leaves."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.memory import Room
from bot.part import Part, Priority, Receipt
from bot.records import Outgoing, PartState
from bot.store import Store
from bot.testing.store.engine import HALL, NOON, SALES, YARD, Engine, a_delivery, enqueue, parts_of
from bot.value import now

QUEUED = (PartState.QUEUED,)


async def mark(store: Store, part: Part, *states: PartState, **details: Any) -> Outgoing:
    """Move a part through `states`, a commit for each; what it is then."""
    for state in states:
        async with store.commit() as c:
            c.mark(part, state, **details)
    return (await store.parts(part.delivery))[part.ordinal]


class OutboxLaws(Engine):
    """Queued once, in order, and every step of the way is known."""

    async def test_a_delivery_comes_back_with_its_parts(self, store: Store) -> None:
        """Every field survives."""
        delivery = a_delivery(event="chat:default:message:1", priority=Priority.BULK)
        part = Part(delivery=delivery.id, ordinal=0, room=HALL, text="<b>hi</b>", reply_to="hall/1")
        part = part.model_copy(update={"extra": {"markup": "html"}, "priority": Priority.BULK})
        async with store.commit() as c:
            c.enqueue(delivery, [part])
        [out] = await store.outbox("chat", "default", QUEUED)
        assert await store.delivery(delivery.id) == delivery
        assert (out.part, out.state, out.attempts, out.receipt) == (part, "queued", 0, None)

    async def test_a_departing_delivery_is_on_its_way_from_the_beginning(
        self, store: Store
    ) -> None:
        """Its first part is marked as it is queued, which counts as an attempt; the rest waits."""
        delivery = a_delivery()
        async with store.commit() as c:
            c.enqueue(delivery, parts_of(delivery, 2), departing=True)
        first, second = await store.parts(delivery.id)
        assert (first.state, first.attempts) == ("sending", 1)
        assert (second.state, second.attempts) == ("queued", 0)
        [gone] = await store.outbox("chat", "default", (PartState.SENDING,))
        assert gone == first

    async def test_many_parts_on_their_way_at_once(self, store: Store) -> None:
        """Each is marked, counted and linked as if it were alone."""
        rooms = [Room(platform="chat", account="default", key=f"r{n}") for n in range(100)]
        told = [a_delivery(f"d{n}", room) for n, room in enumerate(rooms)]
        await asyncio.gather(*(enqueue(store, delivery) for delivery in told))

        async def send(n: int, part: Part) -> None:
            await mark(store, part, PartState.SENDING)
            await mark(store, part, PartState.SENT, receipt=Receipt(message=f"m{n}"))

        await asyncio.gather(*(send(n, parts_of(one)[0]) for n, one in enumerate(told)))
        for n, delivery in enumerate(told):
            [out] = await store.parts(delivery.id)
            assert (out.part, out.state, out.attempts) == (parts_of(delivery)[0], "sent", 1)
            assert await store.linked("chat", "default", f"m{n}") == delivery.memory

    async def test_a_delivery_is_queued_once(self, store: Store) -> None:
        """A second telling of the same id adds nothing, however it is rendered."""
        await enqueue(store, a_delivery(), parts=2)
        await enqueue(store, a_delivery(), parts=3)
        assert [out.part for out in await store.parts(a_delivery().id)] == parts_of(a_delivery(), 2)

    async def test_parts_leave_in_the_order_of_their_commits(self, store: Store) -> None:
        """The outbox is a queue, and is read in pages."""
        deliveries = [a_delivery(f"d{n}") for n in range(4)]
        parts = await enqueue(store, *deliveries, parts=2)
        seen: list[Outgoing] = []
        while page := await store.outbox(
            "chat", "default", QUEUED, after=seen[-1].seq if seen else 0, limit=3
        ):
            seen += page
        assert [out.part for out in seen] == parts

    async def test_an_outbox_is_an_accounts_own(self, store: Store) -> None:
        """Each account sees its own parts."""
        [_, sale] = await enqueue(store, a_delivery("hall"), a_delivery("sale", SALES))
        assert [out.part for out in await store.outbox("chat", "sales", QUEUED)] == [sale]
        assert await store.outbox("post", "default", QUEUED) == []

    async def test_an_outbox_is_read_by_room(self, store: Store) -> None:
        """A room's parts, from behind a place."""
        names = [(f"{room.key}{n}", room) for n in range(3) for room in (HALL, YARD)]
        parts = await enqueue(store, *(a_delivery(name, room) for name, room in names))
        first, *_ = found = await store.outbox("chat", "default", QUEUED, room=YARD.id)
        assert [out.part for out in found] == parts[1::2]
        behind = await store.outbox("chat", "default", QUEUED, room=YARD.id, after=first.seq)
        assert [out.part for out in behind] == parts[3::2]

    async def test_an_outbox_is_read_by_state(self, store: Store) -> None:
        """Any choice of states, still in the order of sending."""
        parts = await enqueue(store, *(a_delivery(state) for state in PartState))
        for part, state in zip(parts, PartState, strict=True):
            await mark(store, part, state)
        for states in ([one] for one in PartState):
            [out] = await store.outbox("chat", "default", states)
            assert [out.state] == states
        found = await store.outbox("chat", "default", list(PartState), limit=4)
        assert [out.part for out in found] == parts[:4]

    async def test_parts_of_all_accounts_are_listed_by_state(self, store: Store) -> None:
        """Any choice of states, the newest first, in pages."""
        rooms = [HALL, SALES] * len(PartState)
        parts = await enqueue(store, *(a_delivery(f"d{n}", room) for n, room in enumerate(rooms)))
        for n, part in enumerate(parts):
            await mark(store, part, list(PartState)[n // 2])
        for n, state in enumerate(PartState):
            newest = [parts[2 * n + 1], parts[2 * n]]
            assert [out.part for out in await store.outgoing([state])] == newest
        first = await store.outgoing(list(PartState), limit=5)
        then = await store.outgoing(list(PartState), before=first[-1].seq)
        assert [out.part for out in (*first, *then)] == parts[::-1]

    async def test_rooms_wait_in_the_order_of_their_oldest_part(self, store: Store) -> None:
        """The room that waits longest comes first; only the asked states wait."""
        [first, *_] = await enqueue(
            store, a_delivery("y1", YARD), a_delivery("h1"), a_delivery("y2", YARD)
        )
        assert await store.outbox_rooms("chat", "default", QUEUED) == [YARD.id, HALL.id]
        await mark(store, first, PartState.HELD)
        assert await store.outbox_rooms("chat", "default", QUEUED) == [HALL.id, YARD.id]
        both = (PartState.QUEUED, PartState.HELD)
        assert await store.outbox_rooms("chat", "default", both) == [YARD.id, HALL.id]
        assert await store.outbox_rooms("chat", "sales", QUEUED) == []

    async def test_sending_counts_an_attempt(self, store: Store) -> None:
        """And says since when it is on the wire."""
        [part] = await enqueue(store, a_delivery())
        queued = await mark(store, part)
        sending = await mark(store, part, PartState.SENDING)
        again = await mark(store, part, PartState.QUEUED, PartState.SENDING)
        assert [queued.attempts, sending.attempts, again.attempts] == [0, 1, 2]
        assert queued.since < sending.since <= again.since

    async def test_an_unknown_outcome_counts(self, store: Store) -> None:
        """Once, until the part is on the wire again."""
        [part] = await enqueue(store, a_delivery())
        once = await mark(store, part, PartState.SENDING, *[PartState.AMBIGUOUS] * 2)
        twice = await mark(store, part, PartState.SENDING, PartState.AMBIGUOUS)
        held = await mark(store, part, PartState.HELD, reason="nobody knows")
        assert [once.ambiguous, twice.ambiguous, held.ambiguous] == [1, 2, 2]
        assert (await store.counts())["parts.ever_ambiguous"] == 1

    async def test_sent_keeps_the_receipt_and_links_it(self, store: Store) -> None:
        """The platform's message leads to the delivery's Memory."""
        parts = await enqueue(store, a_delivery(), parts=2)
        for n, part in enumerate(parts):
            receipt = Receipt(message=f"r{n}")
            sent = await mark(store, part, PartState.SENDING)
            sent = await mark(store, part, PartState.SENT, receipt=receipt)
            assert (sent.state, sent.receipt) == (PartState.SENT, receipt)
        memory = a_delivery().memory
        assert await store.messages(memory) == ["r0", "r1"]
        assert await store.linked("chat", "default", "r1") == memory

    @pytest.mark.parametrize("count", [1, 3])
    async def test_what_went_wrong_with_a_part_stays_known(self, store: Store, count: int) -> None:
        """Each time, with how long it waited for it; also once it is sent."""
        parts = await enqueue(store, *(a_delivery(str(n)) for n in range(count)))
        due = NOON + timedelta(seconds=4)
        steps: list[tuple[PartState, dict[str, Any]]] = [
            (PartState.QUEUED, {"reason": "too many", "due": due}),
            (PartState.AMBIGUOUS, {"reason": "no answer"}),
            (PartState.SENT, {"receipt": Receipt(message="1")}),
        ]
        for state, details in steps:
            async with store.commit() as c:
                for part in parts:
                    c.mark(part, state, **details)
        told = [("queued", "too many", due), ("ambiguous", "no answer", None)]
        for part in parts:
            [out] = await store.parts(part.delivery)
            assert [(one.state, one.why, one.due) for one in out.setbacks] == told
            assert (out.state, out.reason) == ("sent", None)

    async def test_of_many_setbacks_the_first_and_the_last_are_kept(self, store: Store) -> None:
        """A part that waits for days does not grow with them."""
        [part] = await enqueue(store, a_delivery())
        for n in range(60):
            async with store.commit() as c:
                c.mark(part, PartState.QUEUED, reason=str(n))
        [out] = await store.parts(part.delivery)
        assert [one.why for one in out.setbacks] == [*map(str, (*range(10), *range(20, 60)))]

    async def test_a_message_leads_to_its_delivery(self, store: Store) -> None:
        """Each part's does, on whichever account; that of another does not."""
        async with store.commit() as c:
            c.put_room(SALES)
        for part in await enqueue(store, a_delivery(room=SALES), parts=2):
            await mark(store, part, PartState.SENT, receipt=Receipt(message=f"r{part.ordinal}"))
        assert await store.deliveries_of("r0") == [a_delivery(room=SALES)]
        assert await store.deliveries_of("r1") == [a_delivery(room=SALES)]
        assert await store.deliveries_of("r2") == []

    @pytest.mark.parametrize("state", PartState)
    async def test_how_a_part_is_sent_is_a_secret_that_ends_with_it(
        self, store: Store, state: PartState
    ) -> None:
        """What may be sent yet, or again by a person, keeps it."""
        part = parts_of(a_delivery())[0].model_copy(update={"via": {"token": "secret"}})
        async with store.commit() as c:
            c.enqueue(a_delivery(), [part])
        kept = await mark(store, part, state)
        is_over = state in (PartState.SENT, PartState.DISCARDED)
        assert kept.part == part.model_copy(update={"via": None if is_over else part.via})

    async def test_a_part_can_wait(self, store: Store) -> None:
        """Why and until when is known until the next mark."""
        [part] = await enqueue(store, a_delivery())
        due = NOON + timedelta(minutes=1)
        waits = await mark(store, part, PartState.QUEUED, reason="slow down", due=due)
        goes = await mark(store, part, PartState.SENDING)
        assert [(one.reason, one.due) for one in (waits, goes)] == [
            ("slow down", due),
            (None, None),
        ]

    async def test_an_abandoned_delivery_fails_where_it_waits(self, store: Store) -> None:
        """What is on its way or ended stays as it is."""
        [sent, *_] = await enqueue(store, a_delivery(), parts=3)
        await mark(store, sent, PartState.SENT)
        async with store.commit() as c:
            c.abandon(sent.delivery, "rejected")
        states = [(out.state, out.reason) for out in await store.parts(sent.delivery)]
        assert states == [("sent", None), ("failed", "rejected"), ("failed", "rejected")]
        assert await store.outbox("chat", "default", QUEUED) == []

    async def test_parts_are_counted_by_state(self, store: Store) -> None:
        """Every state has its figure, none where there is nothing."""
        for n, state in enumerate(PartState):
            for part in await enqueue(store, *(a_delivery(f"{state}{m}") for m in range(n))):
                await mark(store, part, state)
        counts = await store.counts()
        expected = {f"parts.{state}": n for n, state in enumerate(PartState)}
        assert {name: n for name, n in counts.items() if name in expected} == expected

    @pytest.mark.parametrize("state", PartState)
    async def test_the_outbox_survives_a_restart(self, tmp_path: Path, state: PartState) -> None:
        """Parts are found as they were left."""
        async with self.open(self.address(tmp_path)) as store:
            [part] = await enqueue(store, a_delivery())
            left = await mark(store, part, state, reason="as it was")
        async with self.open(self.address(tmp_path)) as store:
            assert await store.outbox("chat", "default", [state]) == [left]

    async def test_what_was_sent_is_forgotten(self, store: Store) -> None:
        """With its delivery, once every part of it is; the link to what it said stays."""
        first, second = a_delivery("first"), a_delivery("second")
        one, two, three = [*await enqueue(store, first), *await enqueue(store, second, parts=2)]
        for part in (one, two):
            await mark(store, part, PartState.SENT, receipt=Receipt(message=str(part.id)))
        async with store.commit() as c:
            c.prune(now() + timedelta(hours=1), 10)
        assert await store.delivery(first.id) is None
        assert await store.parts(first.id) == []
        assert await store.linked("chat", "default", str(one.id)) == first.memory
        assert [out.part for out in await store.parts(second.id)] == [two, three]

    async def test_what_was_discarded_lately_does_not_hold_up_what_was_sent(
        self, store: Store
    ) -> None:
        """However much of it came before: here as much as one commit forgets."""
        failed, sent = await enqueue(store, a_delivery("first"), a_delivery("second"))
        await mark(store, failed, PartState.FAILED)
        await mark(store, sent, PartState.SENT)
        long_ago = now()
        await mark(store, failed, PartState.DISCARDED)
        async with store.commit() as c:
            c.prune(long_ago, 1)
        assert await store.delivery(sent.delivery) is None
        assert await store.delivery(failed.delivery)
