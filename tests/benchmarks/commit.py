"""How long one commit takes on this disk, alone."""

from __future__ import annotations

import asyncio
import time
from statistics import median

from figures import disk, report

from bot.cli.setup import run_loop
from bot.events import Position
from bot.stores.sqlite import SqliteStore

COMMITS = 300
PAUSE = 0.005


async def main() -> dict[str, float]:
    """The median of commits with a pause in between, in ms."""
    times = []
    with disk() as folder:
        async with SqliteStore(folder / "townhall.db") as store:
            for number in range(COMMITS):
                await asyncio.sleep(PAUSE)
                begun = time.perf_counter()
                async with store.commit() as c:
                    c.move("loopback", "default", Position(stream="s", value=str(number)))
                times.append(time.perf_counter() - begun)
    return {"p50_ms": 1000 * median(times)}


if __name__ == "__main__":
    report(run_loop(main))
