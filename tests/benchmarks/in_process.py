"""Events in, echoes out, in one process: no network, a real store on a real disk."""

from __future__ import annotations

import argparse
import asyncio
import gc
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import apsw
from figures import Figure, beside, disk, report
from floor import Loop, Writer
from worlds import echo, echo_again, make_bot

from bot.cli.setup import run_loop
from bot.testing.connector import LoopbackService, said

EVENTS = 20_000
ROOMS = 1_000
BATCH = 100
"""How many events are handed over at once: as many as Telegram answers a poll with."""


async def townhall(database: Path, events: int, *, idempotent: bool) -> dict[str, float]:
    """Townhall, with the platform in memory."""
    LoopbackService.reset()
    bot = make_bot(database, {"loopback": LoopbackService}, echo_again if idempotent else echo)
    async with bot as runtime:
        arrived = arrival(events)
        heard = [
            said(f"/echo hello {n}", n, room=f"r{n % ROOMS}", person=f"p{n % ROOMS}")
            for n in range(events)
        ]
        gc.freeze()  # no bot holds thousands of events that nobody told it yet
        begun, cpu = time.perf_counter(), time.process_time()
        for start in range(0, events, BATCH):
            await runtime.deliver(*heard[start : start + BATCH])
        await arrived.wait()
        for sender in runtime.outbox.senders.values():
            await sender.drain()
        result = _result(events, begun, cpu)
    answers = {room: [part.text for part in parts] for room, parts in LoopbackService.sent.items()}
    return {**result, "out_of_order": _out_of_order(answers, events), **written(database)}


def arrival(count: int) -> asyncio.Event:
    """Set when the platform took so many parts."""
    arrived, left = asyncio.Event(), iter(range(count - 1, -1, -1))
    LoopbackService.on_sent.append(lambda _: None if next(left) else arrived.set())
    return arrived


async def floor(database: Path, events: int, *, idempotent: bool) -> dict[str, float]:
    """The same writes by hand."""
    with Writer.open(database) as writer:
        loop = Loop(writer, idempotent=idempotent)
        begun, cpu = time.perf_counter(), time.process_time()
        for start in range(0, events, BATCH):
            numbers = range(start, min(start + BATCH, events))
            await loop.deliver([(n, n % ROOMS) for n in numbers])
        await loop.drain()
        result = _result(events, begun, cpu)
    answers = {f"r{room}": [f"hello {n}" for n in sent] for room, sent in loop.sent.items()}
    return {**result, "out_of_order": _out_of_order(answers, events), **written(database)}


def _result(events: int, begun: float, cpu: float) -> dict[str, float]:
    seconds = time.perf_counter() - begun
    return {"per_second": events / seconds, "cpu_us": (time.process_time() - cpu) / events * 1e6}


def _out_of_order(answers: dict[str, list[str]], events: int) -> int:
    """In how many rooms something else was said than an echo of each event, in order."""
    asked = {f"r{room}": range(room, events, ROOMS) for room in range(min(ROOMS, events))}
    return sum(answers.get(r) != [f"hello {n}" for n in numbers] for r, numbers in asked.items())


def written(database: Path) -> dict[str, int]:
    """How many rows are in each table, and the bytes in all: both sides must have written both."""
    db = apsw.Connection(str(database))
    tables = [name for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type='table'")]
    rows = {f"rows.{one}": db.execute(f"SELECT count(*) FROM {one}").get for one in tables}
    pages, size = db.pragma("page_count"), db.pragma("page_size")
    db.close()
    return {**rows, "bytes": pages * size}


def figures(times: int) -> Iterator[Figure]:
    """See the module."""
    for name, options in (("4 commits", ()), ("3 commits", ("--idempotent",))):
        ours, base = beside(times, "in_process.py", ("townhall", *options), ("floor", *options))
        yield Figure(name, "events/s", ours["per_second"], base["per_second"], least=0.6)
        yield Figure(f"{name}, out of order", "rooms", ours["out_of_order"], most=0)


def main() -> None:
    """Measure one side."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("side", choices=("townhall", "floor"))
    parser.add_argument("--events", type=int, default=EVENTS)
    parser.add_argument("--idempotent", action="store_true")
    asked = parser.parse_args()
    side = townhall if asked.side == "townhall" else floor
    with disk() as folder:
        database = folder / "townhall.db"
        measured = partial(side, database, asked.events, idempotent=asked.idempotent)
        report(run_loop(measured))


if __name__ == "__main__":
    main()
