"""A thousand rooms in which every answer takes its time: at once, and each room in its order."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator

from figures import Figure, disk, measure, medians, report
from in_process import BATCH, arrival
from worlds import make_bot

from bot import action
from bot.cli.setup import run_loop
from bot.testing.connector import LoopbackService, said

ROOMS = 1_000
SECONDS = (0.7, 0.5, 0.3)
"""How long the action takes for the first, second and third message of a room. Whoever handles a
room's messages at once answers them backwards."""


@action
async def wait(turn, seconds: float) -> str:
    """Say how long it took."""
    await asyncio.sleep(seconds)
    return str(seconds)


async def townhall() -> dict[str, float]:
    """From the first message to the last answer."""
    LoopbackService.reset()
    heard = [
        said(f"/wait {seconds}", number, room=f"r{room}", person=f"p{room}")
        for number, seconds in enumerate(SECONDS)
        for room in range(ROOMS)
    ]
    with disk() as folder:
        async with make_bot(folder / "townhall.db", {"loopback": LoopbackService}, wait) as bot:
            arrived, begun = arrival(len(heard)), time.perf_counter()
            for start in range(0, len(heard), BATCH):
                await bot.deliver(*heard[start : start + BATCH])
            await arrived.wait()
            seconds = time.perf_counter() - begun
    return {"seconds": seconds, "out_of_order": _out_of_order()}


def _out_of_order() -> int:
    asked = [str(seconds) for seconds in SECONDS]
    answers = LoopbackService.sent
    return sum([part.text for part in answers[f"r{r}"]] != asked for r in range(ROOMS))


def figures(times: int) -> Iterator[Figure]:
    """See the module."""
    found = medians(tuple(measure("waiting.py") for _ in range(times)))
    yield Figure(f"{ROOMS} rooms wait thrice", "s", found["seconds"], most=2.0)
    yield Figure("out of order", "rooms", found["out_of_order"], most=0)


if __name__ == "__main__":
    report(run_loop(townhall))
