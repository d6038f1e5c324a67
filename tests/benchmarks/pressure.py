"""More than can be handled at once, more than was handled before, and what is forgotten of it."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from statistics import median
from typing import ClassVar

import aged
import orjson
from figures import Figure, disk, measure, medians, memory, report
from worlds import echo_again, make_bot

from bot.cli.setup import run_loop
from bot.events import Event
from bot.part import Part, Receipt
from bot.records import EventState
from bot.retention import PAUSE, Retention
from bot.runtime import Runtime
from bot.stores.sqlite import SqliteStore
from bot.testing.connector import LoopbackService, said

EVENTS = 200_000
UNHANDLED = 100_000
HANDLED = 1_000_000
SAMPLE = 20_000
"""How many events the rate is taken of."""
ROOMS = 1_000
MANY_ROOMS = 20_000
ROUNDS = 3
"""How often the rate is taken on each of two files, by turns."""
PRUNINGS = 50
SOURCES = 20
"""How many hand over events at the same time, each a batch as soon as its last one is stored."""
BATCH = 100
PATIENCE = 1_800.0
"""Seconds after which a process that measures is taken for dead."""


class Counting(LoopbackService):
    """Takes what is sent, and keeps only what tells whether all of it came, in order.

    Attributes:
        taken: how many came.
        disorder: how many were not the next one of their room.
        moments: when it came what is waited for, by what it says.
    """

    taken: ClassVar[int] = 0
    disorder: ClassVar[int] = 0
    last: ClassVar[dict[str, int]] = {}
    moments: ClassVar[dict[str, asyncio.Future[float]]] = {}

    @classmethod
    def forget(cls) -> None:
        """Count anew."""
        cls.taken = cls.disorder = 0
        cls.last.clear()

    async def send(self, part: Part) -> Receipt:
        """See `Connector.send`."""
        cls, number = type(self), int(part.text)
        cls.taken += 1
        cls.disorder += number <= cls.last.get(part.room.key, -1)
        cls.last[part.room.key] = number
        if moment := cls.moments.pop(part.text, None):
            moment.set_result(time.monotonic())
        return Receipt(message=f"sent-{number}")


def heard(number: int, rooms: int) -> Event:
    """The message of that number: each is said in the next room."""
    place = f"r{number % rooms}"
    return said(f"/echo {number}", number, room=place, person=place)


@asynccontextmanager
async def running(database: Path) -> AsyncIterator[Runtime]:
    """A bot that answers what it hears before the block ends."""
    async with make_bot(database, {"loopback": Counting}, echo_again) as bot:
        yield bot
        await bot.turns.lanes.drain()
        for sender in bot.outbox.senders.values():
            await sender.drain()


async def flood(database: Path, events: int, rooms: int, first: int = 0) -> dict[str, float]:
    """Events as fast as the store takes them, until the last is answered."""
    async with running(database) as bot:
        starts = iter(range(first, first + events, BATCH))
        begun, used = time.perf_counter(), time.process_time()

        async def hand_over() -> None:
            for start in starts:
                await bot.deliver(*(heard(n, rooms) for n in range(start, start + BATCH)))

        await asyncio.gather(*(hand_over() for _ in range(SOURCES)))
        waiting = events - Counting.taken
        await bot.turns.lanes.drain()
        seconds = time.perf_counter() - begun
    return {
        "waiting": waiting,
        "per_second": events / seconds,
        "cpu_us": (time.process_time() - used) / events * 1e6,
        "lost": events - Counting.taken,
        "out_of_order": Counting.disorder,
        "megabytes": memory("VmHWM"),
    }


async def restart(database: Path, events: int, rooms: int) -> dict[str, float]:
    """From the start of a process until it has answered: what waits, and what is new."""
    async with SqliteStore(database) as store:
        for start in range(0, events, BATCH):
            await _leave(store, start, rooms)
    command = [sys.executable, __file__, "serve", "--database", database]
    command += ["--events", str(events), "--rooms", str(rooms)]
    begun = time.monotonic()
    process = await asyncio.create_subprocess_exec(*command, stdout=PIPE)
    found = orjson.loads((await process.communicate())[0])
    return {**found, "old": found["old"] - begun, "new": found["new"] - begun}


async def _leave(store: SqliteStore, start: int, rooms: int) -> None:
    """Store a batch of events as a process does that is killed before it handles them."""
    async with store.commit() as c:
        for event in (heard(number, rooms) for number in range(start, start + BATCH)):
            memory = event.memory()
            assert memory
            c.accept(event, EventState.PENDING)
            c.put_room(event.room)
            c.put_entity(event.sender)
            c.remember(memory)
            c.link(event.platform, event.account, event.message, memory.id)


async def serve(database: Path, events: int, rooms: int) -> dict[str, float]:
    """What `restart` starts."""
    old, new = (asyncio.get_running_loop().create_future() for _ in range(2))
    Counting.moments.update({"0": old, str(events): new})
    async with running(database) as bot:
        await bot.deliver(said(f"/echo {events}", events, room="new"))
        times = {"old": await old, "new": await new}
    return {**times, "lost": events + 1 - Counting.taken, "megabytes": memory("VmHWM")}


async def rate(database: Path, events: int, rooms: int) -> dict[str, float]:
    """The same on a file in which nothing was handled yet, and then much."""
    await flood(database, SAMPLE // 10, rooms)
    await asyncio.to_thread(aged.multiply, database, events // (SAMPLE // 10))
    found = []
    with disk() as folder:
        for number in range(1, 1 + ROUNDS):
            for place in (folder / "young.db", database):
                Counting.forget()
                found.append(await flood(place, SAMPLE, rooms, first=number * 10 * SAMPLE))
    young, old = found[::2], found[1::2]
    return {
        "young": median(one["per_second"] for one in young),
        "old": median(one["per_second"] for one in old),
        "young_cpu_us": median(one["cpu_us"] for one in young),
        "old_cpu_us": median(one["cpu_us"] for one in old),
        **await _prune(database),
    }


async def _prune(database: Path) -> dict[str, float]:
    """How fast it is forgotten what was handled, and how long that holds up others."""
    times = []
    async with SqliteStore(database) as store:
        before = await store.counts()
        for _ in range(PRUNINGS):
            begun = time.perf_counter()
            await Retention(store, days=None).prune(0.0)
            times.append(time.perf_counter() - begun)
        after = await store.counts()
    gone = before["events.done"] - after["events.done"]
    return {
        "forgotten_per_second": gone / (sum(times) + PAUSE * PRUNINGS),
        "prune_ms": 1000 * median(times),
    }


def figures(times: int) -> Iterator[Figure]:
    """See the module."""
    for rooms in (ROOMS, MANY_ROOMS):
        found = _medians(times, "flood", EVENTS, rooms)
        yield Figure(f"{EVENTS:,} at once in {rooms:,} rooms", "MB", found["megabytes"], most=250)
        yield Figure("of these waited in the store", "events", found["waiting"])
        yield Figure(
            "lost or out of order", "events", found["lost"] + found["out_of_order"], most=0
        )
    for rooms in (ROOMS, MANY_ROOMS):
        found = _medians(times, "restart", UNHANDLED, rooms)
        yield Figure(
            f"{UNHANDLED:,} wait in {rooms:,} rooms, first answer", "s", found["old"], most=2
        )
        yield Figure("the same, answer to what is new", "s", found["new"], most=2)
        yield Figure("lost", "events", found["lost"], most=0)
    found = _medians(times, "rate", HANDLED, ROOMS)
    name = f"{HANDLED:,} handled before"
    yield Figure(name, "events/s", found["old"], found["young"], least=0.9)
    yield Figure("CPU for each", "us", found["old_cpu_us"], found["young_cpu_us"])
    yield Figure("forgotten again", "events/s", found["forgotten_per_second"])
    yield Figure("which holds up a commit for", "ms", found["prune_ms"])


def _medians(times: int, what: str, events: int, rooms: int) -> dict[str, float]:
    options = (what, "--events", events, "--rooms", rooms)
    runs = (measure("pressure.py", *options, patience=PATIENCE) for _ in range(times))
    return medians(tuple(runs))


def main() -> None:
    """Measure one of them."""
    kinds = {"flood": flood, "restart": restart, "serve": serve, "rate": rate}
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=kinds)
    parser.add_argument("--events", type=int, required=True)
    parser.add_argument("--rooms", type=int, default=ROOMS)
    parser.add_argument("--database", type=Path, help="by default a new one")
    asked = parser.parse_args()
    with disk() as folder:
        database = asked.database or folder / "townhall.db"
        report(run_loop(partial(kinds[asked.what], database, asked.events, asked.rooms)))


if __name__ == "__main__":
    main()
