"""Rooms in which every answer takes its time: all at once, and each room in its order."""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Iterator, Sequence
from functools import partial

from figures import Figure, disk, measure, medians, memory, report
from in_process import BATCH, arrival
from worlds import make_bot

from bot import action
from bot.cli.setup import run_loop
from bot.testing.connector import LoopbackService, said

ROOMS = 1_000
SECONDS = (0.7, 0.5, 0.3)
"""How long the action takes for the first, second and third message of a room. Whoever handles a
room's messages at once answers them backwards."""
MANY_ROOMS = 5_000
LONG_SECONDS = (10.0,)
"""As with a model that thinks: all rooms wait at the same time."""


@action
async def wait(turn, seconds: float) -> str:
    """Say how long it took."""
    await asyncio.sleep(seconds)
    return str(seconds)


async def townhall(rooms: int, waits: Sequence[float]) -> dict[str, float]:
    """From the first message to the last answer."""
    LoopbackService.reset()
    heard = [
        said(f"/wait {seconds}", number, room=f"r{room}", person=f"p{room}")
        for number, seconds in enumerate(waits)
        for room in range(rooms)
    ]
    with disk() as folder:
        async with make_bot(folder / "townhall.db", {"loopback": LoopbackService}, wait) as bot:
            arrived, begun = arrival(len(heard)), time.perf_counter()
            for start in range(0, len(heard), BATCH):
                await bot.deliver(*heard[start : start + BATCH])
            await arrived.wait()
            seconds = time.perf_counter() - begun
    asked = [str(one) for one in waits]
    answers = ([part.text for part in LoopbackService.sent[f"r{room}"]] for room in range(rooms))
    return {
        "seconds": seconds,
        "out_of_order": sum(one != asked for one in answers),
        "megabytes": memory("VmHWM"),
    }


def figures(times: int) -> Iterator[Figure]:
    """See the module."""
    found = medians(tuple(measure("waiting.py") for _ in range(times)))
    yield Figure(f"{ROOMS:,} rooms wait thrice", "s", found["seconds"], most=2.0)
    yield Figure("out of order", "rooms", found["out_of_order"], most=0)
    found = medians(tuple(measure("waiting.py", "--long") for _ in range(times)))
    yield Figure(f"{MANY_ROOMS:,} rooms wait {sum(LONG_SECONDS):g} s", "s", found["seconds"])
    yield Figure("memory meanwhile", "MB", found["megabytes"], most=250)


def main() -> None:
    """Measure one of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--long", action="store_true")
    asked = (MANY_ROOMS, LONG_SECONDS) if parser.parse_args().long else (ROOMS, SECONDS)
    report(run_loop(partial(townhall, *asked)))


if __name__ == "__main__":
    main()
