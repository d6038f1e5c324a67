"""Whatever is written, in whatever order: the store answers as a few dictionaries would."""

from __future__ import annotations

import asyncio
import copy
from collections import Counter
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from bot.records import EventState, PartState, StepState
from bot.stores.sqlite import SqliteStore

from .ledger import OPEN, ROOMS, WHERE, Ledger, delivery_of, event_of, memory_of

NUMBERS, TIMES = st.integers(0, 3), st.integers(0, 4)
EVENTS = st.one_of(
    st.tuples(st.just("accept"), NUMBERS, st.sampled_from(EventState)),
    st.tuples(st.just("attempt"), NUMBERS, st.sampled_from((1, -1))),
    st.tuples(st.just("step"), NUMBERS, st.integers(0, 2), st.sampled_from(StepState)),
    st.tuples(st.just("finish"), NUMBERS, st.sampled_from(EventState)),
    st.tuples(st.just("reopen"), NUMBERS),
    st.tuples(st.just("redact"), NUMBERS),
)
MEMORIES = st.tuples(st.just("remember"), NUMBERS, TIMES, st.booleans())
DELIVERIES = st.one_of(
    st.tuples(st.just("enqueue"), NUMBERS, st.integers(1, 3)),
    st.tuples(st.just("mark"), NUMBERS, st.integers(0, 2), st.sampled_from(PartState)),
    st.tuples(st.just("abandon"), NUMBERS, st.sampled_from((PartState.FAILED, PartState.HELD))),
)
ACCOUNTS = st.one_of(
    st.tuples(st.just("move"), st.sampled_from("ab"), st.text("019", max_size=3)),
    st.tuples(st.just("keep"), st.sampled_from("ab"), st.none() | st.text(max_size=3)),
    st.tuples(st.just("succeed"), st.sampled_from(ROOMS), st.sampled_from(ROOMS)),
    st.tuples(st.just("prune"), st.sampled_from((-1, 10_000))),
)


def number(call):
    return call[1]


SOME = st.tuples(
    *(st.lists(calls, max_size=3, unique_by=number) for calls in (EVENTS, MEMORIES, DELIVERIES))
).map(lambda kinds: [call for calls in kinds for call in calls])
"""Writes of which no two are about one thing: what is written at once has no order."""


class Undone(Exception):
    """What ends a commit before it is made."""


class Machine(RuleBasedStateMachine):
    """A store and its model, side by side."""

    def __init__(self):
        super().__init__()
        self.folder, self.runner = TemporaryDirectory(), asyncio.Runner()
        self.ledger = Ledger()
        self.open()

    def open(self):
        self.store = SqliteStore(Path(self.folder.name) / "townhall.db")
        self.runner.run(self.store.__aenter__())

    def close(self):
        self.runner.run(self.store.__aexit__(None, None, None))

    def teardown(self):
        self.close()
        self.runner.close()
        self.folder.cleanup()

    @rule(calls=SOME, size=st.integers(1, 4))
    def commit(self, calls, size):
        """Several commits at once, each of so many writes."""

        async def together():
            pieces = [calls[at : at + size] for at in range(0, len(calls), size)]
            await asyncio.gather(*map(self.make, pieces))

        self.runner.run(together())
        self.ledger.learn()

    @rule(call=ACCOUNTS)
    def arrange(self, call):
        """What is about many things at once goes alone."""
        self.runner.run(self.make([call]))

    @rule(calls=SOME)
    def think_better_of_it(self, calls):
        """A block that raises writes nothing."""
        before = copy.deepcopy(self.ledger)
        with suppress(Undone):
            self.runner.run(self.make(calls, undone=True))
        self.ledger = before

    async def make(self, calls, *, undone=False):
        """One commit, here and in the model."""
        async with self.store.commit() as c:
            for name, *arguments in calls:
                getattr(self.ledger, name)(c, *arguments)
            if undone:
                raise Undone

    @rule()
    def restart(self):
        """What is durable is there again."""
        self.close()
        self.open()

    @invariant()
    def agree(self):
        """All that can be asked is answered alike."""
        self.runner.run(self.compare())

    async def compare(self):
        for n in range(4):
            await self.compare_event(n)
            await self.compare_memory(n)
            await self.compare_parts(n)
        for room in ROOMS:
            await self.compare_room(room)
        told = {one.stream: one.value for one in await self.store.positions(*WHERE)}
        assert told == self.ledger.positions
        for name, value in self.ledger.notes.items():
            assert await self.store.note(*WHERE, name) == value
        for message, memory in self.ledger.links.items():
            assert await self.store.linked(*WHERE, message) == memory
        await self.compare_counts()

    async def compare_event(self, n):
        one, found = self.ledger.events.get(n), await self.store.event(event_of(n).key)
        assert (found is None) == (one is None)
        if one:
            told = found.state, found.attempts, found.reason, found.event.content is not None
            assert told == (one.state, one.attempts, one.reason, one.has_words)
            assert (found.seq, found.event.room.key) == (one.seq, one.room)
            steps = {step.ordinal: step.state for step in await self.store.steps(found.seq)}
            assert steps == one.steps

    async def compare_memory(self, n):
        one, found = self.ledger.memories.get(n), await self.store.memory(memory_of(n))
        assert (found is None) == (one is None)
        if one:
            assert (found.revision, found.deleted) == (one.revision, one.text is None)
            assert found.content.text == (one.text or "")

    async def compare_parts(self, n):
        found = [
            (*_state(one), one.reason, one.receipt and one.receipt.message)
            for one in await self.store.parts(delivery_of(n).id)
        ]
        parts = self.ledger.parts.get(n, [])
        assert found == [tuple(vars(one).values()) for one in parts]

    async def compare_room(self, room):
        ledger, key = self.ledger, room.key
        waiting = [
            event_of(n).key
            for n, one in ledger.events.items()
            if (one.room, one.state) == (key, EventState.PENDING)
        ]
        assert [one.event.key for one in await self.store.pending(room=room.id)] == waiting
        texts = [one.text for one in ledger.memories.values() if one.room == key and one.text]
        assert [one.content.text for one in await self.store.history(room.id)] == texts
        leaving = [
            delivery_of(n).id
            for n, many in ledger.parts.items()
            for one in many
            if one.room == key and one.state in OPEN
        ]
        found = await self.store.outbox(*WHERE, OPEN, room=room.id)
        assert [one.part.delivery for one in found] == leaving

    async def compare_counts(self):
        events, parts = self.ledger.events.values(), self.ledger.parts.values()
        known = Counter(f"events.{one.state}" for one in events)
        known += Counter(f"parts.{one.state}" for many in parts for one in many)
        known["memories"] = len(self.ledger.memories)
        known["parts.ever_ambiguous"] = sum(one.ambiguous > 0 for many in parts for one in many)
        assert +Counter(await self.store.counts()) == +known


def _state(one):
    return one.part.room.key, one.state, one.attempts, one.ambiguous


TestStore = Machine.TestCase
TestStore.settings = settings(
    max_examples=25,
    stateful_step_count=15,
    deadline=None,
    phases=(Phase.reuse, Phase.generate),  # each step goes to disk: shrinking takes minutes
)
