"""The platforms, the people who talk on them without a pause, and what became of it."""

from __future__ import annotations

import asyncio
import math
import random
import socket
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from bot.cli.demo.play import ATTIC, DM, HALL, PEOPLE, How, Line
from bot.cli.demo.stage import Stage
from bot.cli.torture.clerk import WIDTH, question
from bot.cli.torture.tally import Tally
from bot.connector import Connector, account_name
from bot.discovery import installed_connectors, installed_simulators
from bot.settings import DEFAULT_ACCOUNT, names_of
from bot.testing.faults import Wire
from bot.testing.simulator import Simulator

HOOKED = "hooked"
"""The account that is told by webhook, where a platform can do that."""

ROOMS = (HALL, ATTIC, DM, DM)
LONG = 2.2
"""How many messages long a long answer is."""
LONG_SHARE, STAMPED_SHARE = 0.1, 0.2
"""Of the questions: those with a long answer, and those with an effect besides."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One account on its platform.

    Args:
        name: of the service that speaks for it.
        settings: point the bot here.
        wire: what requests pass on their way here.
    """

    name: str
    stage: Stage
    settings: dict[str, str]
    wire: Wire
    lines: int
    tally: Tally = field(default_factory=Tally)

    @property
    def simulator(self) -> Simulator:
        """The platform."""
        return self.stage.simulator


@asynccontextmanager
async def raised(chance: random.Random) -> AsyncIterator[tuple[Scene, ...]]:
    """A scene for each platform, and a second one where the platform can call a webhook."""
    async with AsyncExitStack() as stack:
        scenes = []
        connectors = installed_connectors()
        for platform, kind in installed_simulators().items():
            connector = connectors[platform]
            for account, more in _accounts(connector):
                wire = Wire(chance)
                simulator: Simulator = kind()
                simulator.middlewares.append(wire.carry)
                await stack.enter_async_context(simulator)
                settings = _named(simulator.settings | more, account)
                lines = math.ceil(LONG * connector.capabilities.max_length / WIDTH)
                name = account_name(platform, account)
                scenes.append(Scene(name, Stage(simulator), settings, wire, lines))
        for scene in scenes:
            scene.simulator.on_said.append(scene.tally.hear)
        yield tuple(scenes)


class Crowd:
    """People who ask questions.

    Args:
        chance: decides who asks what, and where.
    """

    def __init__(self, scenes: Iterable[Scene], chance: random.Random) -> None:
        self._scenes, self._chance = tuple(scenes), chance
        self._numbers = count(1)

    async def greet(self) -> None:
        """Ask something in every room.

        A platform may show the bot only those conversations that it was in before: nobody could
        find a first direct message that was written while it was away.
        """
        for scene in self._scenes:
            for person in PEOPLE:
                for room in dict.fromkeys(ROOMS):
                    await self.ask(scene, room, person)

    @asynccontextmanager
    async def talking(self, pause: float) -> AsyncIterator[None]:
        """Ask without an end on all platforms at once, for the block.

        Args:
            pause: seconds between two questions on a platform.
        """
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._talk(scene, pause)) for scene in self._scenes]
            yield
            for task in tasks:
                task.cancel()

    async def _talk(self, scene: Scene, pause: float) -> None:
        while True:
            await self.ask(scene, self._chance.choice(ROOMS), self._chance.choice(PEOPLE))
            await asyncio.sleep(self._chance.uniform(0, 2 * pause))

    async def ask(self, scene: Scene, room: str, person: str) -> None:
        """Let somebody ask something."""
        chance = self._chance
        lines = scene.lines if chance.random() < LONG_SHARE else chance.randint(1, 3)
        words = question(next(self._numbers), lines, stamped=chance.random() < STAMPED_SHARE)
        how = How.TO_THE_ROOM if room == DM else How.NAMING
        await scene.stage.perform(Line(room, person, how, words))


def _accounts(connector: type[Connector]) -> Iterable[tuple[str, dict[str, str]]]:
    """The accounts to have on a platform, each with settings besides those of its simulator."""
    yield DEFAULT_ACCOUNT, {}
    fields: dict[str, Any] = dict(connector.config_type.model_fields)
    names = {attribute: names_of(info)[0] for attribute, info in fields.items() if names_of(info)}
    if "webhook_url" in names and "webhook_port" in names:
        port = _free_port()
        url = f"http://127.0.0.1:{port}/updates"
        yield HOOKED, {names["webhook_url"]: url, names["webhook_port"]: str(port)}


def _named(settings: dict[str, str], account: str) -> dict[str, str]:
    if account == DEFAULT_ACCOUNT:
        return settings
    return {f"{name}__{account.upper()}": value for name, value in settings.items()}


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
