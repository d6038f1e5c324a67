"""A bot in one process, a simulated platform in another, and people who talk to it from a third."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from statistics import quantiles

import aiohttp
import orjson
from figures import HERE, report

from bot.cli.setup import run_loop
from bot.testing.client import SimulatorClient
from bot.testing.simulator import Said

ROOMS = 200
AT_ONCE = 200
"""Messages that are said in one call: one in each room."""
PATIENCE = 60.0
"""Seconds to wait for the last answer."""
LOOK_EVERY = 0.1


class People:
    """Those who talk to the bot.

    Args:
        rooms: where they do.
    """

    def __init__(self, simulator: SimulatorClient, person: str, rooms: Sequence[str]) -> None:
        self._simulator, self._person, self._rooms = simulator, person, rooms
        self.said = 0

    async def greet(self, room: str) -> None:
        """Say something until the bot answers, so that it is surely there."""
        async with asyncio.timeout(PATIENCE):
            while not any(one.by_bot for one in await self._simulator.said(room)):
                await self._simulator.say({"room": room, "person": self._person, "text": "/echo 0"})
                await asyncio.sleep(LOOK_EVERY)

    async def say(self, count: int) -> None:
        """So many messages in one call, each in the next room."""
        numbers = range(self.said, self.said + count)
        self.said += count
        await self._simulator.say(*(self._message(number) for number in numbers))

    async def answered(self) -> dict[str, list[Said]]:
        """All that was said, by room, when the bot has answered all of it, or will not any more."""
        last = self._rooms[(self.said - 1) % len(self._rooms)]
        for rooms in ([last], self._rooms):  # looking costs the simulator: one room, then all
            for _ in range(int(PATIENCE / LOOK_EVERY)):
                found = await self._simulator.said(*rooms)
                if sum(one.by_bot for one in found) >= len(found) / 2:
                    break
                await asyncio.sleep(LOOK_EVERY)
        return {room: [one for one in found if one.room == room] for room in self._rooms}

    def _message(self, number: int) -> dict[str, str]:
        room = self._rooms[number % len(self._rooms)]
        return {"room": room, "person": self._person, "text": f"/echo {number}"}


async def burst(people: People, count: int) -> None:
    """All at once."""
    for start in range(0, count, AT_ONCE):
        await people.say(min(AT_ONCE, count - start))


async def steady(people: People, count: int, rate: float) -> None:
    """One after the other, `rate` a second."""
    loop = asyncio.get_running_loop()
    begun = loop.time()
    for number in range(count):
        await asyncio.sleep(begun + number / rate - loop.time())
        await people.say(1)


async def measure(platform: str, side: str, count: int, rate: float) -> dict[str, float]:
    """Talk to a bot; what came of it."""
    async with (
        _simulator(platform) as (url, settings),
        _process(_script("bots.py", platform, side), settings) as bot,
        aiohttp.ClientSession() as session,
    ):
        simulator = SimulatorClient(url, session)
        person = await simulator.add_person("Ada")
        hall, *rooms = [await simulator.add_room(f"room-{n}") for n in range(ROOMS + 1)]
        people = People(simulator, person, rooms)
        await people.greet(hall)
        used = _cpu(bot)
        await (steady(people, count, rate) if rate else burst(people, count))
        said = await people.answered()
        return {**_outcome(said), "cpu_us": (_cpu(bot) - used) / count * 1e6}


def _outcome(said: Mapping[str, Sequence[Said]]) -> dict[str, float]:
    asked = {room: [one for one in many if not one.by_bot] for room, many in said.items()}
    answers = {room: [one for one in many if one.by_bot] for room, many in said.items()}
    begun = {one.text.removeprefix("/echo "): one.at for many in asked.values() for one in many}
    heard = [one for many in answers.values() for one in many]
    waited = sorted(1000 * (one.at - begun[one.text]) for one in heard)
    percentiles = quantiles(waited, n=100)
    wanted = {r: [one.text.removeprefix("/echo ") for one in many] for r, many in asked.items()}
    return {
        "per_second": len(heard) / (max(one.at for one in heard) - min(begun.values())),
        "p50_ms": percentiles[49],
        "p99_ms": percentiles[98],
        "lost": len(begun) - len({one.text for one in heard}),
        "repeated": len(heard) - len({one.text for one in heard}),
        "out_of_order": sum([one.text for one in answers[r]] != wanted[r] for r in wanted),
    }


@asynccontextmanager
async def _simulator(platform: str) -> AsyncIterator[tuple[str, dict[str, str]]]:
    """Where it listens, and the settings that point a bot there."""
    command = [sys.executable, "-m", "bot", "simulate", platform, "--json"]
    async with _process(command, {}) as process:
        assert process.stdout
        found = orjson.loads(await process.stdout.readline())[platform]
        yield found["url"], found["settings"]


@asynccontextmanager
async def _process(command: Sequence[str], settings: Mapping[str, str]) -> AsyncIterator[Process]:
    out = PIPE if "--json" in command else DEVNULL
    environment = {**os.environ, **settings}
    process = await asyncio.create_subprocess_exec(*command, stdout=out, env=environment)
    try:
        yield process
    finally:
        process.terminate()
        await process.wait()


def _script(name: str, *arguments: str) -> list[str]:
    return [sys.executable, str(HERE / name), *arguments]


def _cpu(process: Process) -> float:
    """Seconds of CPU that a process has used, where the system tells."""
    stat = Path(f"/proc/{process.pid}/stat")
    if not stat.exists():
        return 0.0
    fields = stat.read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Measure one side."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("platform", choices=("telegram", "discord"))
    parser.add_argument("side", choices=("townhall", "floor", "tuned"))
    parser.add_argument("--events", type=int, default=5_000)
    parser.add_argument("--rate", type=float, default=0.0, help="a second; as fast as can be")
    asked = parser.parse_args()
    report(run_loop(partial(measure, asked.platform, asked.side, asked.events, asked.rate)))


if __name__ == "__main__":
    main()
