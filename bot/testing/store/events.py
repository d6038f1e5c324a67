"""What is true of events and turns."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from bot.content import Content
from bot.events import Event, EventKind, Position
from bot.records import EventState, Step, StepState
from bot.store import Store
from bot.testing.store.engine import HALL, NOON, YARD, Engine, accept, an_event


def nested(levels: int) -> Any:
    """Lists in lists."""
    return [nested(levels - 1)] if levels else "core"


class EventLaws(Engine):
    """Known twice, handled once, in order."""

    async def test_an_event_is_accepted_once_per_key(self, store: Store) -> None:
        """What is told again is known, and the first telling stays."""
        [seq] = await accept(store, an_event())
        async with store.commit() as c:
            again = c.accept(an_event(content=Content(text="other")), EventState.KEPT)
        stored = await store.event(an_event().key)
        assert not again.is_new
        assert stored is not None
        assert (stored.seq, stored.event, stored.state) == (seq, an_event(), EventState.PENDING)

    async def test_of_many_tellings_at_once_one_is_new(self, store: Store) -> None:
        """Commits that race with the same event agree on who was first."""

        async def tell() -> bool:
            async with store.commit() as c:
                accepted = c.accept(an_event(), EventState.PENDING)
            return accepted.is_new

        assert sum(await asyncio.gather(*(tell() for _ in range(20)))) == 1

    async def test_known_and_new_events_of_one_batch_are_told_apart(self, store: Store) -> None:
        """Each new one learns its own place, whatever stands beside it."""
        await accept(store, *(an_event(n) for n in range(0, 200, 3)))
        numbers = [*range(200), *range(50)]
        async with store.commit() as c:
            told = [c.accept(an_event(n), EventState.PENDING) for n in numbers]
        new = [n for n, one in zip(numbers, told, strict=True) if one.is_new]
        assert new == [n for n in range(200) if n % 3]
        for n, one in zip(numbers, told, strict=True):
            stored = await store.event(an_event(n).key)
            assert stored is not None
            assert one.seq in (None, stored.seq)

    async def test_many_commits_at_once_write_what_each_says(self, store: Store) -> None:
        """A turn's end is the same alone and among a hundred others."""
        seqs = await accept(store, *(an_event(n) for n in range(150)))

        async def end(n: int, seq: int) -> None:
            async with store.commit() as c:
                c.step(seq, Step(ordinal=0, kind="action", name=str(n), state=StepState.DONE))
                c.finish(seq, EventState.DONE if n % 2 else EventState.DEAD, f"reason {n}")

        await asyncio.gather(*(end(n, seq) for n, seq in enumerate(seqs)))
        for n, seq in enumerate(seqs):
            stored = await store.event(an_event(n).key)
            assert stored is not None
            assert (stored.state, stored.reason) == (("dead", "done")[n % 2], f"reason {n}")
            assert [step.name for step in await store.steps(seq)] == [str(n)]

    async def test_events_are_placed_in_the_order_of_their_commits(self, store: Store) -> None:
        """Places grow from commit to commit, and within one."""
        first = await accept(store, *(an_event(n) for n in range(10)))
        async with store.commit() as c:
            batch = [c.accept(an_event(n), EventState.PENDING) for n in range(10, 20)]
        seqs = [*first, *(one.seq or 0 for one in batch)]
        assert seqs == sorted(set(seqs))
        assert [one.event for one in await store.pending()] == [an_event(n) for n in range(20)]

    async def test_an_event_comes_back_as_it_was_told(self, store: Store) -> None:
        """Every field survives."""
        event = an_event(
            kind=EventKind.COMMAND,
            revision=3,
            reply_to="hall/0",
            addressed=True,
            position=Position(stream="updates", value="17"),
            responses=(Content(text="hm", actions=("REPLY",), values={"n": [1, None]}),),
            raw={
                "text": "emoji \U0001f600, nul \0, line\u2028end",
                "n": 1.5,
                "deep": [{"a": None}],
            },
            problem="none",
        )
        await accept(store, event)
        stored = await store.event(event.key)
        assert stored is not None
        assert stored.event == event

    @pytest.mark.parametrize(
        "raw",
        [b"\xff\x00", "\ud83d", {b"k": {1, 2}, 3: ("\udc00",)}, object, 10**400],
        ids=["bytes", "half an emoji", "odd keys", "a class", "a huge number"],
    )
    async def test_any_payload_can_be_kept(self, store: Store, raw: Any) -> None:
        """What could not be understood is stored, as near as it comes."""
        event = Event(
            kind=EventKind.MALFORMED,
            platform="chat",
            account="default",
            ids=("1",),
            at=NOON,
            raw={"payload": raw},
        )
        await accept(store, event, state=EventState.KEPT)
        stored = await store.event(event.key)
        assert stored is not None
        assert stored.event.raw["payload"]

    @pytest.mark.parametrize("levels", [50, 150, 230, 500])
    async def test_a_deep_payload_can_be_kept(self, store: Store, levels: int) -> None:
        """However deep a payload is, what is stored can be read again."""
        await accept(store, an_event(raw=nested(levels)))
        [stored] = await store.pending()
        assert str(stored.event.raw).startswith("[" * 50)

    async def test_bytes_become_text(self, store: Store) -> None:
        """A payload of bytes is kept readable, with a sign where it is no text."""
        await accept(store, an_event(raw=b"caf\xc3\xa9 \xff"))
        stored = await store.event(an_event().key)
        assert stored is not None
        assert stored.event.raw == "café \ufffd"

    async def test_pending_events_are_read_in_pages(self, store: Store) -> None:
        """`after` and `limit` walk through all that waits, in order."""
        seqs = await accept(store, *(an_event(n) for n in range(7)))
        seen: list[int] = []
        while page := await store.pending(after=seen[-1] if seen else 0, limit=3):
            assert [len(page)] <= [3]
            seen += [one.seq for one in page]
        assert seen == seqs

    async def test_pending_events_of_one_room(self, store: Store) -> None:
        """A room's queue holds its own events only, and pages as well."""
        events = [an_event(n, room) for n in range(3) for room in (HALL, YARD)]
        seqs = await accept(store, *events)
        page = await store.pending(room=YARD.id, after=seqs[1], limit=1)
        assert [one.event for one in page] == [an_event(1, YARD)]
        assert [one.event for one in await store.pending(room=YARD.id)] == events[1::2]

    async def test_rooms_wait_in_the_order_of_their_oldest_event(self, store: Store) -> None:
        """The room that waits longest comes first; who does not wait, does not come."""
        [oldest, *_] = await accept(store, an_event(1, YARD), an_event(1, HALL), an_event(2, YARD))
        assert await store.pending_rooms() == [YARD.id, HALL.id]
        async with store.commit() as c:
            c.finish(oldest, EventState.DONE)
        assert await store.pending_rooms() == [HALL.id, YARD.id]

    @pytest.mark.parametrize("state", [state for state in EventState if state != "pending"])
    async def test_a_finished_event_waits_no_more(self, store: Store, state: EventState) -> None:
        """It keeps its state and reason, and leaves the queue."""
        [seq] = await accept(store, an_event())
        async with store.commit() as c:
            c.finish(seq, state, "because")
        stored = await store.event(an_event().key)
        assert stored is not None
        assert (stored.state, stored.reason) == (state, "because")
        assert (await store.pending(), await store.pending_rooms()) == ([], [])

    async def test_when_an_event_came_and_ended_is_known(self, store: Store) -> None:
        """By our clock; what was not finished has not ended."""
        [seq] = await accept(store, an_event())
        first = await store.event(an_event().key)
        async with store.commit() as c:
            c.finish(seq, EventState.DONE)
        last = await store.event(an_event().key)
        assert first is not None
        assert last is not None
        assert first.received_at is not None
        assert first.received_at == last.received_at
        assert (first.ended_at, last.ended_at is None) == (None, False)

    @pytest.mark.parametrize("ids", [("hall", "1"), ("hall/1",)])
    async def test_what_was_told_of_a_message_is_found(
        self, store: Store, ids: tuple[str, ...]
    ) -> None:
        """Its edits too, on every account, in order of arrival."""
        sales = HALL.model_copy(update={"account": "sales"})
        edit = an_event(kind=EventKind.EDIT, revision=1, ids=ids)
        told = [an_event(ids=ids), an_event(2), an_event(room=sales, ids=ids), edit]
        async with store.commit() as c:
            c.put_room(HALL)
            c.put_room(sales)
        await accept(store, *told)
        assert [one.event for one in await store.events_of("hall/1")] == [told[0], *told[2:]]
        assert await store.events_of("hall/3") == []

    async def test_events_are_listed_by_state(self, store: Store) -> None:
        """Any choice of states, the newest first, in pages."""
        for n, state in enumerate([*EventState, *EventState]):
            await accept(store, an_event(n), state=state)
        for n, state in enumerate(EventState):
            newest = [an_event(n + len(EventState)), an_event(n)]
            assert [one.event for one in await store.events([state])] == newest
        first = await store.events(list(EventState), limit=4)
        then = await store.events(list(EventState), before=first[-1].seq)
        assert [one.event for one in (*first, *then)] == [
            an_event(n) for n in reversed(range(2 * len(EventState)))
        ]

    async def test_attempts_are_counted(self, store: Store) -> None:
        """Each begun turn counts."""
        [seq] = await accept(store, an_event())
        for _ in range(2):
            async with store.commit() as c:
                c.attempt(seq)
        assert [one.attempts for one in await store.pending()] == [2]

    async def test_steps_are_a_log(self, store: Store) -> None:
        """They come in order, and a newer line stands for the older of its ordinal."""
        [seq, other] = await accept(store, an_event(1), an_event(2))
        begun, done, decision = (
            Step(ordinal=1, kind="action", name="roll", state=StepState.STARTED, body={"n": 6}),
            Step(ordinal=1, kind="action", name="roll", state=StepState.DONE, body=["4", None]),
            Step(ordinal=0, kind="decision", name="eliza", state=StepState.DONE),
        )
        for step in (begun, done, decision):
            async with store.commit() as c:
                c.step(seq, step)
        assert await store.steps(seq) == [decision, done]
        assert await store.steps(other) == []

    async def test_events_are_counted_by_state(self, store: Store) -> None:
        """Every state has its figure, none where there is nothing."""
        for n, state in enumerate(EventState):
            await accept(store, *(an_event(10 * n + m) for m in range(n)), state=state)
        counts = await store.counts()
        expected = {f"events.{state}": n for n, state in enumerate(EventState)}
        assert {name: n for name, n in counts.items() if name in expected} == expected
