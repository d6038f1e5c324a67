"""What is true of every commit."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from bot.cluster import Lease
from bot.errors import Fenced, StoreError
from bot.part import Receipt
from bot.records import EventState, PartState, Step, StepState
from bot.store import Store
from bot.testing.store.engine import (
    ANN,
    HALL,
    NOON,
    Engine,
    a_delivery,
    accept,
    an_event,
    parts_of,
)

MANY = 300


class CommitLaws(Engine):
    """Whole or not at all, once, in order, and only by who may."""

    async def test_a_block_that_raises_writes_nothing(self, store: Store) -> None:
        """An error inside the block leaves the store as it was."""
        with suppress(LookupError):
            async with store.commit() as c:
                c.accept(an_event(), EventState.PENDING)
                raise LookupError
        assert await store.event(an_event().key) is None

    async def test_an_empty_commit_is_no_work(self, store: Store) -> None:
        """Nothing is written where nothing was asked for, not even the lease."""
        async with store.commit(Lease(name="lanes/1", epoch=9)):
            pass
        async with store.commit(Lease(name="lanes/1", epoch=1)) as c:
            c.put_entity(ANN)
        assert await store.entity(ANN.id) == ANN

    async def test_hundreds_of_commits_at_once_all_get_through(self, store: Store) -> None:
        """Each of many tasks has its own event stored, at a place of its own."""
        seqs = await asyncio.gather(*(accept(store, an_event(n)) for n in range(MANY)))
        stored = await store.pending(limit=2 * MANY)
        assert sorted(seq for (seq,) in seqs) == [one.seq for one in stored]
        assert {one.event.key for one in stored} == {an_event(n).key for n in range(MANY)}

    async def test_a_bad_commit_fails_alone(self, store: Store) -> None:
        """Text that no database can hold fails its own commit, not those beside it."""

        async def bad() -> None:
            async with store.commit() as c:
                c.put_entity(ANN)
                c.link("chat", "default", "\ud800", uuid4())

        good = [accept(store, an_event(n)) for n in range(20)]
        outcomes = await asyncio.gather(*good, bad(), return_exceptions=True)
        assert [type(one) for one in outcomes] == [list] * 20 + [StoreError]
        assert await store.entity(ANN.id) is None

    async def test_who_stops_waiting_harms_nobody(self, store: Store) -> None:
        """A task that is cancelled in the middle of its commit leaves the others theirs."""
        tasks = [asyncio.create_task(accept(store, an_event(n))) for n in range(20)]
        await asyncio.sleep(0)
        for task in tasks[::2]:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        known = {one.event.key for one in await store.pending()}
        assert known >= {an_event(n).key for n in range(1, 20, 2)}

    async def test_every_write_is_harmless_twice(self, store: Store) -> None:
        """A commit that is tried again leaves what it left the first time."""
        event, delivery = an_event(), a_delivery()
        [seq], memory = await accept(store, event), event.memory()
        assert memory is not None
        assert delivery.memory is not None
        seen = []
        for _ in range(2):
            async with store.commit() as c:
                c.accept(event, EventState.PENDING)
                c.remember(memory)
                c.put_room(HALL)
                c.put_entity(ANN)
                c.link("chat", "default", "hall/1", memory.id)
                c.step(seq, Step(ordinal=0, kind="action", name="say", state=StepState.DONE))
                c.enqueue(delivery, parts_of(delivery))
                c.mark(parts_of(delivery)[0], PartState.SENT, receipt=Receipt(message="r1"))
                c.finish(seq, EventState.DONE)
            [out] = await store.parts(delivery.id)
            links = await store.messages(memory.id) + await store.messages(delivery.memory)
            out = replace(out, since=NOON)
            seen.append((await store.event(event.key), out, links, await store.counts()))
        assert seen[0] == seen[1]

    async def test_an_older_lease_is_refused(self, store: Store) -> None:
        """Who lost the work to a newer holder can write nothing any more."""
        for epoch in (1, 2):
            async with store.commit(Lease(name="lanes/1", epoch=epoch)) as c:
                c.accept(an_event(epoch), EventState.PENDING)
        with pytest.raises(Fenced):
            async with store.commit(Lease(name="lanes/1", epoch=1)) as c:
                c.accept(an_event(3), EventState.PENDING)
        assert [one.event for one in await store.pending()] == [an_event(1), an_event(2)]

    async def test_a_refused_commit_fails_alone(self, store: Store) -> None:
        """Of commits at once under an old and a new lease, only the old ones are refused."""
        await self._put(store, epoch=2)
        at_once = (self._put(store, epoch=1 + n % 2) for n in range(20))
        outcomes = await asyncio.gather(*at_once, return_exceptions=True)
        assert [type(one) for one in outcomes] == [Fenced, type(None)] * 10

    async def test_leases_of_other_names_do_not_matter(self, store: Store) -> None:
        """Each name has its own epochs."""
        await self._put(store, epoch=5)
        await self._put(store, epoch=1, name="lanes/2")

    async def test_a_lease_is_remembered_by_the_next_process(self, tmp_path: Path) -> None:
        """An old holder is refused after the store was opened again."""
        async with self.open(self.address(tmp_path)) as store:
            await self._put(store, epoch=2)
        async with self.open(self.address(tmp_path)) as store:
            with pytest.raises(Fenced):
                await self._put(store, epoch=1)

    async def test_a_closed_store_says_so(self, tmp_path: Path) -> None:
        """A commit after the end is an error, and waits for nothing."""
        async with self.open(self.address(tmp_path)) as store:
            pass
        with pytest.raises(StoreError):
            await self._put(store, epoch=1)

    async def _put(self, store: Store, *, epoch: int, name: str = "lanes/1") -> None:
        async with store.commit(Lease(name=name, epoch=epoch)) as c:
            c.put_entity(ANN)
