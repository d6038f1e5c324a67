"""What is true when the process is killed."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from bot.records import PartState, Stored
from bot.store import Store
from bot.testing.store.engine import Engine, a_delivery

EVERYTHING = 1_000_000


async def write_and_kill(engine: str, address: str, run: str, lines: int) -> list[str]:
    """Let a process commit, and kill it after `lines` acknowledgements; all that it gave."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot.testing.store.writer", engine, address, run),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        acknowledged = [await process.stdout.readline() for _ in range(lines)]
    finally:
        process.kill()
    rest = await process.stdout.read()
    await process.wait()
    return [line.decode().strip() for line in (*acknowledged, *rest.splitlines())]


async def is_whole(store: Store, stored: Stored) -> bool:
    """Whether everything of the commit that brought an event is there."""
    event = stored.event
    memory, delivery = event.memory(), a_delivery(event.key, event=event.key)
    assert memory is not None
    parts = await store.parts(delivery.id)
    return (
        await store.memory(memory.id) == memory
        and await store.linked("chat", "default", str(event.message)) == memory.id
        and await store.linked("chat", "default", f"sent {event.message}") == delivery.memory
        and await store.delivery(delivery.id) == delivery
        and [out.state for out in parts] == [PartState.SENT, PartState.QUEUED]
    )


class KillLaws(Engine):
    """What was acknowledged is there; what is there is whole."""

    @pytest.mark.parametrize("lines", [1, 37, 600])
    async def test_a_kill_loses_nothing_acknowledged(self, tmp_path: Path, lines: int) -> None:
        """A process that commits much at once is killed, twice, on one store."""
        address, acknowledged = self.address(tmp_path), set[str]()
        for run in ("a", "b"):
            acknowledged |= set(await write_and_kill(self.engine, address, run, lines))
        async with self.open(address) as store:
            found = await store.pending(limit=EVERYTHING)
            queued = await store.outbox("chat", "default", (PartState.QUEUED,), limit=EVERYTHING)
            assert acknowledged <= {" ".join(one.event.ids) for one in found}
            assert all([await is_whole(store, one) for one in found])
            assert len(queued) == len(found)

    async def test_a_killed_process_keeps_its_order(self, tmp_path: Path) -> None:
        """What one task committed is there without a gap, in its order."""
        await write_and_kill(self.engine, self.address(tmp_path), "a", 200)
        async with self.open(self.address(tmp_path)) as store:
            found = await store.pending(limit=EVERYTHING)
        for task in {one.event.ids[0] for one in found}:
            numbers = [int(one.event.ids[1]) for one in found if one.event.ids[0] == task]
            assert numbers == list(range(len(numbers)))
