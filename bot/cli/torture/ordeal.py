"""One bot on all platforms, what befalls it, and what came of that."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Collection, Iterable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

import orjson

from bot.cli.demo.child import Child
from bot.cli.torture.clerk import STAMPS
from bot.cli.torture.figures import Figures
from bot.cli.torture.uncertain import Uncertain
from bot.cli.torture.world import Crowd, Scene, raised
from bot.errors import TownhallError

PATIENCE = 90.0
"""How long to wait for the answers to what was asked before a fault ended. Where a platform does
not say for how long it wants no more requests, a minute is a good guess."""
LOOK_EVERY = 0.5

CLERK = "clerk.json"
CHARACTER = {
    "name": "Clerk",
    "plugins": ["bot.cli.torture.clerk:plugin"],
    "flood": 100_000,  # they ask without a pause
}


class Ordeal:
    """What a fault is given to strike at.

    Attributes:
        scenes: the platforms.
        crowd: the people on them.
        chance: decides all that is left to chance, so that a seed gives the same faults again.
    """

    def __init__(
        self, scenes: tuple[Scene, ...], crowd: Crowd, bot: Child, folder: Path, seed: int
    ) -> None:
        self.scenes, self.crowd, self.bot, self.folder = scenes, crowd, bot, folder
        self.chance = random.Random(f"faults {seed}")  # noqa: S311 - no secret
        self.services = tuple(scene.name for scene in scenes)

    @classmethod
    @asynccontextmanager
    async def begun(cls, seed: int) -> AsyncIterator[Self]:
        """The bot is up, and has been in every room, for the block; nothing of it stays."""
        async with AsyncExitStack() as stack:
            folder = Path(stack.enter_context(TemporaryDirectory(prefix="townhall-")))
            (folder / CLERK).write_bytes(orjson.dumps(CHARACTER))
            people = random.Random(f"people {seed}")  # noqa: S311 - no secret
            scenes = await stack.enter_async_context(raised(people))
            bot = Child(_settings(scenes), folder, folder / CLERK)
            ordeal = cls(scenes, Crowd(scenes, people), bot, folder, seed)
            await stack.enter_async_context(bot.running(ordeal.services))
            await ordeal.crowd.greet()
            await ordeal.answered()
            yield ordeal

    @property
    def character(self) -> Path:
        """The file of who the bot is."""
        return self.folder / CLERK

    # what faults do to the bot

    async def restart(self) -> None:
        """Start the bot; return once it is up everywhere."""
        await self.bot.restart(self.services)

    def second(self, database: Path) -> Child:
        """A bot like this one, with a log of its own, that is not started yet."""
        folder = self.folder / "second"
        folder.mkdir(exist_ok=True)
        return Child(_settings(self.scenes), folder, self.character, database)

    async def begin_again(self, lost: Collection[int]) -> None:
        """Blame no later fault for what was lost to this one."""
        for scene in self.scenes:
            scene.tally.forgive(lost)
        await self.bot.kill()
        with suppress(TownhallError):  # what is wrong with it, later faults will tell
            await self.restart()

    async def wait(self, longest: float) -> None:
        """Let a random time pass, at most so many seconds."""
        await asyncio.sleep(self.chance.uniform(0, longest))

    # what came of it

    async def figures(self) -> Figures:
        """What is known so far."""
        seen = self._seen()  # first: what was said again was in doubt before
        unknown = await Uncertain.of(self.bot.database)
        waiting = set().union(*(scene.tally.waiting for scene in self.scenes))
        return replace(
            seen,
            lost=len(waiting - unknown.excused),
            ambiguous=unknown.times,
            repeatable=unknown.repeatable,
            held=frozenset(unknown.held),
        )

    def _seen(self) -> Figures:
        """What the platforms know."""
        tallies = [scene.tally for scene in self.scenes]
        return Figures(
            asked=sum(len(tally.questions) for tally in tallies),
            twice=sum(tally.twice for tally in tallies) + self._stamped_twice(),
            out_of_order=sum(tally.out_of_order for tally in tallies),
            repeated=sum((tally.repeated for tally in tallies), Counter()),
        )

    async def answered(self, patience: float = PATIENCE) -> set[int]:
        """Wait until all that was asked so far is answered; what is not, after `patience`."""
        deadline = time.monotonic() + patience
        asked = [(scene, scene.tally.waiting) for scene in self.scenes]
        while True:
            await asyncio.gather(*(_look(scene, numbers) for scene, numbers in asked))
            left = set().union(*(scene.tally.waiting & numbers for scene, numbers in asked))
            if not left:
                return left
            left -= (await Uncertain.of(self.bot.database)).excused
            if not left or time.monotonic() > deadline:
                return left

    def where(self, left: Collection[int]) -> list[str]:
        """The rooms in which questions were left open, each with the first of them."""
        found: dict[str, str] = {}
        for scene in self.scenes:
            for number in sorted(scene.tally.waiting & set(left)):
                room = scene.tally.questions[number].room
                found.setdefault(
                    f"{scene.name} {room}", f"{scene.name}: no answer to {number} in {room}"
                )
        return list(found.values())

    def _stamped_twice(self) -> int:
        with suppress(FileNotFoundError):
            stamps = Counter((self.folder / STAMPS).read_text().split())
            return sum(times > 1 for times in stamps.values())
        return 0


def _settings(scenes: Iterable[Scene]) -> dict[str, str]:
    return {name: value for one in scenes for name, value in one.settings.items()}


async def _look(scene: Scene, asked: set[int]) -> None:
    with suppress(TimeoutError):
        await scene.simulator.wait_for(
            lambda _: not (scene.tally.waiting & asked), timeout=LOOK_EVERY
        )
