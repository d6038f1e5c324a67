"""The demo from the first word to the last: people talk, the bot is killed and comes back."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

from bot.cli.demo.child import Child
from bot.cli.demo.play import CROWD, FAREWELL, HOME, OPENING, WORK, Line
from bot.cli.demo.score import Score
from bot.cli.demo.stage import Stage, play, raised, settings
from bot.discovery import installed_simulators
from bot.race import first_to_end
from bot.records import PartState
from bot.settings import DEFAULT_ACCOUNT
from bot.store import Store
from bot.stores.sqlite import SqliteStore

ANSWER_SECONDS = 30.0
"""How long to wait for answers that are still to come, at the end."""
CALM_SECONDS = 0.5
"""How long to listen for answers that should not come, at the end."""
MANY = 100_000
"""More parts than the demo sends."""

ACTS = (WORK, HOME, FAREWELL)


@dataclass(frozen=True, slots=True)
class Figures:
    """What came of it.

    Args:
        away: for how long nobody answered, in seconds, around the restarts.
    """

    platforms: dict[str, Score]
    seconds: float
    restarts: int
    away: float

    @property
    def is_perfect(self) -> bool:
        """Whether every message was answered once, in order."""
        return all(one.is_perfect for one in self.platforms.values())

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "platforms": {name: one.as_json() for name, one in self.platforms.items()},
            "seconds": round(self.seconds, 2),
            "restarts": self.restarts,
        }


class Show:
    """The stages and the bot.

    Args:
        tell: told of what happens to the bot.
    """

    def __init__(
        self, stages: dict[str, Stage], bot: Child, tell: Callable[[str], None] = lambda _: None
    ) -> None:
        self.stages, self.bot, self.tell = stages, bot, tell
        self.away = 0.0
        self._begun = time.monotonic()
        self._restarting = asyncio.Lock()

    @classmethod
    @asynccontextmanager
    async def open(cls) -> AsyncIterator[Self]:
        """Simulators, and a bot that is logged in on them; nothing of it stays."""
        async with AsyncExitStack() as stack:
            folder = Path(stack.enter_context(TemporaryDirectory(prefix="townhall-")))
            stages = await stack.enter_async_context(raised(installed_simulators()))
            bot = Child(settings(stages.values()), folder)
            await stack.enter_async_context(bot.running(stages))
            yield cls(stages, bot)

    async def play(self, pause: float) -> None:
        """Play the script on every platform, with the accident in the middle."""
        await self._everywhere(OPENING, 0)
        await asyncio.gather(*(one.all_answered(ANSWER_SECONDS) for one in self.stages.values()))
        await self._acts(0, pause)
        await self._everywhere(CROWD, 0)
        # Not before the first answer: then other answers are being made, or are on the wire.
        await first_to_end(*(one.next_answer(ANSWER_SECONDS) for one in self.stages.values()))
        await asyncio.gather(self.accident(), self._rest(pause))

    async def accident(self) -> None:
        """Kill the bot and start it again."""
        if self._restarting.locked():
            return
        async with self._restarting:
            begun = time.monotonic()
            await self.bot.kill()
            self.tell("kill -9: the bot is dead; people go on talking")
            await self.bot.restart(self.stages)
            self.away += time.monotonic() - begun
            self.tell(f"the bot is back after {self.away:.1f} s and answers what it missed")

    async def _rest(self, pause: float) -> None:
        for act in range(1, len(ACTS)):
            await self._acts(act, pause)

    async def _acts(self, number: int, pause: float) -> None:
        """Play an act on each platform: on each another one."""
        await asyncio.gather(
            *(
                play(stage, ACTS[(number + place) % len(ACTS)], pause)
                for place, stage in enumerate(self.stages.values())
            )
        )

    async def _everywhere(self, lines: Sequence[Line], pause: float) -> None:
        await asyncio.gather(*(play(stage, lines, pause) for stage in self.stages.values()))

    async def finish(self) -> Figures:
        """Wait for the last answers, stop the bot, and count."""
        await asyncio.gather(*(one.all_answered(ANSWER_SECONDS) for one in self.stages.values()))
        await asyncio.sleep(CALM_SECONDS)
        await self.bot.stop()
        async with SqliteStore(self.bot.database, read_only=True) as store:
            scores = {
                name: stage.score(await _ambiguous(store, name))
                for name, stage in self.stages.items()
            }
        return Figures(scores, time.monotonic() - self._begun, self.bot.restarts, self.away)


async def _ambiguous(store: Store, platform: str) -> int:
    """How many parts were on the wire at a moment when nobody could know."""
    found = await store.outbox(platform, DEFAULT_ACCOUNT, list(PartState), limit=MANY)
    return sum(one.ambiguous > 0 for one in found)
