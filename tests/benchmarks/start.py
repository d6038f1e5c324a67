"""From the start of the process to the last login, and what an idle bot takes."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from asyncio.subprocess import DEVNULL
from collections.abc import Iterator
from contextlib import AsyncExitStack

from figures import Figure, disk, measure, medians, memory, report

from bot.cli.setup import run_loop
from connectors.discord.simulator import DiscordSimulator
from connectors.telegram.simulator import TelegramSimulator
from connectors.twitter.simulator import TwitterSimulator

IDLE = 3.0
"""Seconds after the last login at which the memory is looked at."""
LOOK_EVERY = 0.005
MENTIONS = "GET", "/2/users/{id}/mentions"
"""What the bot asks X for once it is logged in."""


async def townhall() -> dict[str, float]:
    """`townhall run eliza` on the three platforms."""
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(disk())
        discord, telegram, twitter = [
            await stack.enter_async_context(kind())
            for kind in (DiscordSimulator, TelegramSimulator, TwitterSimulator)
        ]
        settings = {**discord.settings, **telegram.settings, **twitter.settings}
        logins = {
            "discord": lambda: discord.gateway.identified,
            "telegram": lambda: telegram.calls["getupdates"],
            "twitter": lambda: MENTIONS in twitter.gate.windows,
        }
        command = [sys.executable, "-m", "bot", "run", "eliza", "--database", folder / "bot.db"]
        begun = time.perf_counter()
        environment = {**os.environ, **settings}
        bot = await asyncio.create_subprocess_exec(*command, env=environment, stdout=DEVNULL)
        times = {}
        while len(times) < len(logins):
            now = time.perf_counter() - begun
            times |= {name: now for name, is_in in logins.items() if name not in times and is_in()}
            await asyncio.sleep(LOOK_EVERY)
        await asyncio.sleep(IDLE)
        megabytes = memory("VmRSS", bot.pid)
        bot.terminate()
        await bot.wait()
    return {**times, "seconds": max(times.values()), "megabytes": megabytes}


def figures(times: int) -> Iterator[Figure]:
    """See the module."""
    found = medians(tuple(measure("start.py") for _ in range(times)))
    yield Figure("logged in on all three", "s", found["seconds"], most=2.0)
    for platform in ("discord", "telegram", "twitter"):
        yield Figure(f"logged in on {platform}", "s", found[platform])
    yield Figure("idle memory", "MB", found["megabytes"], most=100)


if __name__ == "__main__":
    report(run_loop(townhall))
