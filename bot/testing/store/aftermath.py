"""What is true of events once they have ended: opened again, redacted, forgotten."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from bot.records import Act, EventState, Step, StepState
from bot.store import Store
from bot.testing.store.engine import HALL, NOON, SALES, Engine, accept, an_event
from bot.value import now, uid


async def prune(store: Store, before: datetime, rows: int) -> None:
    """Forget, in one commit."""
    async with store.commit() as c:
        c.prune(before, rows)


class AftermathLaws(Engine):
    """What a person does about it, and time."""

    async def test_what_was_given_up_is_opened_again(self, store: Store) -> None:
        """With all its attempts; what was started is forgotten, what was done is not."""
        [seq] = await accept(store, an_event())
        started, done = (
            Step(ordinal=n, kind="action", name="pay", state=state)
            for n, state in enumerate((StepState.STARTED, StepState.DONE))
        )
        async with store.commit() as c:
            c.attempt(seq, by=3)
            c.step(seq, started)
            c.step(seq, done)
            c.finish(seq, EventState.DEAD, "it always fails")
        lane = uid("another", "lane")
        async with store.commit() as c:
            c.reopen(seq, lane)
        [waiting] = await store.pending(room=lane)
        assert (waiting.seq, waiting.attempts, waiting.reason) == (seq, 0, None)
        assert await store.steps(seq) == [done]

    @pytest.mark.parametrize("count", [1, 3])
    async def test_what_went_wrong_with_an_event_stays_known(
        self, store: Store, count: int
    ) -> None:
        """Each time, with what became of it then; also once it is opened again, or given up."""
        seqs = await accept(store, *(an_event(n) for n in range(count)))
        for reason in ("it failed", None):
            async with store.commit() as c:
                for seq in seqs:
                    c.attempt(seq, reason=reason)
        for state, reason in ((EventState.DEAD, "it always fails"), (EventState.DONE, None)):
            async with store.commit() as c:
                for seq in seqs:
                    c.reopen(seq, uid("a", "lane"))
            async with store.commit() as c:
                for seq in seqs:
                    c.finish(seq, state, reason)
        found = await store.events([EventState.DONE])
        told = [("pending", "it failed"), ("dead", "it always fails")]
        assert [[(one.state, one.why) for one in event.setbacks] for event in found] == [
            told
        ] * count
        assert all(one.at <= now() for event in found for one in event.setbacks)

    async def test_why_no_turn_is_due_is_known(self, store: Store) -> None:
        """From the moment that the event is told."""
        async with store.commit() as c:
            c.accept(an_event(), EventState.KEPT, reason="nobody spoke to us")
        [kept] = await store.events([EventState.KEPT])
        assert (kept.reason, kept.setbacks) == ("nobody spoke to us", ())

    async def test_what_people_did_is_written_down(self, store: Store) -> None:
        """The newest first, of one subject or of all."""
        acts = [Act(by="ann", verb="replay", subject=key, at=NOON) for key in ("a", "b", "a")]
        for act in acts:
            async with store.commit() as c:
                c.audit(act)
        assert await store.acts() == acts[::-1]
        assert await store.acts(limit=1) == acts[2:]
        assert await store.acts(subject="b") == [acts[1]]

    @pytest.mark.parametrize("ids", [("hall", "1"), ("hall/1",)])
    async def test_a_deleted_message_leaves_no_words(
        self, store: Store, ids: tuple[str, ...]
    ) -> None:
        """Not in what was told of it either; what another account was told is its own."""
        mine, other = an_event(ids=ids), an_event(room=SALES, message="hall/1", ids=ids)
        await accept(store, mine, other)
        async with store.commit() as c:
            c.redact("chat", "default", f"{HALL.key}/1")
        stored, kept = await store.event(mine.key), await store.event(other.key)
        assert stored
        assert kept
        assert (stored.event.content, stored.event.sender) == (None, mine.sender)
        assert kept.event == other

    async def test_how_an_event_is_answered_is_a_secret_that_ends_with_it(
        self, store: Store
    ) -> None:
        """Alone or among many; what waits for a turn or a person can still be answered."""
        events = [an_event(n, via={"token": "secret"}) for n in range(2 * len(EventState))]
        seqs = await accept(store, *events)
        states = [EventState.DONE, *EventState, *EventState][: len(events)]
        async with store.commit() as c:
            c.finish(seqs[0], states[0])
        async with store.commit() as c:
            for seq, state in list(zip(seqs, states, strict=True))[1:]:
                c.finish(seq, state, "because")
        open_still = {EventState.PENDING, EventState.DEAD, EventState.AMBIGUOUS}
        for event, state in zip(events, states, strict=True):
            stored = await store.event(event.key)
            assert stored is not None
            via = event.via if state in open_still else None
            assert stored.event == event.model_copy(update={"via": via})

    async def test_what_is_done_with_is_forgotten(self, store: Store) -> None:
        """The oldest first, so many at a time; what waits or was given up stays."""
        done = await accept(store, *(an_event(n) for n in range(4)))
        waiting = an_event(5)
        dead = an_event(6)
        [_, seq] = await accept(store, waiting, dead)
        async with store.commit() as c:
            c.step(done[0], Step(ordinal=0, kind="action", name="pay", state=StepState.DONE))
            for one in done:
                c.finish(one, EventState.DONE)
            c.finish(seq, EventState.DEAD, "it always fails")
        await prune(store, now() - timedelta(hours=1), 10)
        assert (await store.counts())["events.done"] == len(done)
        await prune(store, now() + timedelta(hours=1), 3)
        assert await store.steps(done[0]) == []
        assert [await store.event(an_event(n).key) is None for n in range(4)] == [
            *[True] * 3,
            False,
        ]
        await prune(store, now() + timedelta(hours=1), 3)
        left = [one.event for one in await store.events(list(EventState))]
        assert left == [dead, waiting]

    async def test_what_ended_lately_does_not_hold_up_what_ended_long_ago(
        self, store: Store
    ) -> None:
        """However much of it came before: here as much as one commit forgets."""
        given_up, done = await accept(store, an_event(1), an_event(2))
        async with store.commit() as c:
            c.finish(given_up, EventState.DEAD, "it always fails")
            c.finish(done, EventState.DONE)
        long_ago = now()
        async with store.commit() as c:
            c.finish(given_up, EventState.DISCARDED, "nobody waits for it")
        await prune(store, long_ago, 1)
        assert [one.seq for one in await store.events(list(EventState))] == [given_up]
