"""What a subclass names, and a scene to play the laws in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar
from uuid import uuid4

import pytest
import pytest_asyncio

from bot.action import action
from bot.character import Character
from bot.connector import Connector, account_name
from bot.errors import StoreFull
from bot.events import Event, EventKind
from bot.memory import Memory, Room
from bot.model import Generated, GenerateText, ModelType
from bot.part import Part
from bot.plugin import Plugin
from bot.runtime import Runtime
from bot.service import Health, Status
from bot.settings import Layer, Settings
from bot.stores.sqlite import SqliteStore
from bot.testing.simulator import Said, Simulator, Upload
from bot.turn import Turn

ABILITIES = {
    "bots": "shows who is a bot",
    "buttons": "has something to press under a message",
    "commands": "has commands of its own, with arguments",
    "credentials": "asks who we are",
    "deletes": "tells when a message is deleted",
    "dms": "has rooms of the bot and one person",
    "documents": "takes files of any type, and keeps their names",
    "edits": "tells when a message is edited",
    "files": "takes files",
    "groups": "has rooms of several people, in which not all is said to the bot",
    "history": "keeps what was said while nobody listened",
    "limits": "refuses what is too much or too long",
    "links": "has an address for each message",
    "malformed": "can tell what nobody understands",
    "network": "can be out of reach",
    "reacting": "lets the bot react to a message",
    "reactions": "tells how people react to a message",
    "removing": "lets the bot delete what it said",
    "replies": "says which message another one answers",
    "rewriting": "lets the bot edit what it said",
}
"""What a platform may lack, by the name that `lacks` gives it."""

PATIENCE = 20.0
"""Seconds that anything may take on a machine with much to do."""


@action
async def add(_turn: Turn, one: int, other: int) -> str:
    """Add two numbers."""
    return str(one + other)


class Witness(Runtime):
    """A bot that repeats what it hears, and remembers what its connector told it.

    Attributes:
        told: the events that were stored, those known before among them.
        refused: the events that were not, or of which nobody heard that they were.
        is_full: whether the store takes nothing.
        is_unheard: whether the store takes all, and nobody hears that it did.
        idea: what the bot waits for before it answers "Hm?".
    """

    def __init__(self, connector: type[Connector], settings: Mapping[str, str], path: Path) -> None:
        platform = connector.platform
        super().__init__(
            Character(name="Echo", connectors=(platform,), flood=100_000),  # one person says it all
            settings=Settings([Layer("contract", dict(settings))]),
            store=SqliteStore(path),
            connectors={platform: connector},
            plugins=[Plugin("contract", actions=(add,))],
            discover=False,
        )
        self.register_model(ModelType.TEXT_LARGE, self._repeat, "echo")
        self.told: list[Event] = []
        self.refused: list[Event] = []
        self.is_full = self.is_unheard = False
        self.idea = asyncio.Event()
        self._name = account_name(platform, "default")

    async def deliver(self, *events: Event) -> None:
        """See `Runtime.deliver`."""
        if not self.is_full:
            await super().deliver(*events)
            self.told += events
        if self.is_full or self.is_unheard:
            self.refused += events
            raise StoreFull("the contract leaves no room")

    async def _repeat(self, params: GenerateText) -> Generated:
        text = params.messages[-1].text
        if text == "Hm?":
            await self.idea.wait()
        return Generated(text=text, provider="echo")

    @property
    def service(self) -> Connector:
        """The connector, while it runs."""
        service = self.get_service(self._name)
        assert isinstance(service, Connector)
        return service

    async def fares(self) -> Health:
        """How the connector fares."""
        return (await self.health())[self._name]

    async def becomes(self, *statuses: Status) -> Health:
        """How the connector fares, once it has one of these statuses."""
        async with asyncio.timeout(PATIENCE):
            while (health := await self.fares()).status not in statuses:  # noqa: ASYNC110 - nothing announces it
                await asyncio.sleep(0.005)
        return health

    def events(self, kind: EventKind = EventKind.MESSAGE) -> list[Event]:
        """What was told of a kind, each once, in order."""
        return list({one.key: one for one in self.told if one.kind is kind}.values())

    async def hears(self, count: int = 1, kind: EventKind = EventKind.MESSAGE) -> list[Event]:
        """What was told of a kind, once it is so many."""
        await until(lambda: len(self.events(kind)) >= count)
        return self.events(kind)

    async def loses(self) -> Event:
        """The first message that was not stored, or of which nobody heard that it was."""
        await until(lambda: any(one.kind is EventKind.MESSAGE for one in self.refused))
        return next(one for one in self.refused if one.kind is EventKind.MESSAGE)

    async def remembers(self, event: Event) -> Memory:
        """The Memory of what was told in `event`."""
        memory = await self.store.memory(event.memory_id) if event.memory_id else None
        assert memory
        return memory

    async def is_done(self) -> None:
        """Return once nothing waits for an answer, and no answer waits to leave."""
        await self.turns.lanes.drain()
        for sender in self.outbox.senders.values():
            await sender.drain()


@dataclass(frozen=True, slots=True)
class Scene:
    """Ann, a room that she shares with the bot, and a place for its database."""

    platform: Simulator
    connector: type[Connector]
    settings: Mapping[str, str]
    path: Path
    ann: str
    hall: str

    @asynccontextmanager
    async def bot(self) -> AsyncIterator[Witness]:
        """A bot that listens; each is a new one, with what the last one stored."""
        async with Witness(self.connector, self.settings, self.path) as bot:
            await bot.becomes(Status.UP)
            yield bot

    async def say(
        self,
        text: str,
        room: str = "",
        *,
        mention: bool = True,
        reply_to: str | None = None,
        files: Sequence[Upload] = (),
    ) -> str:
        """Ann says something to the bot, in the hall unless another room is named."""
        where = room or self.hall
        return await self.platform.say(
            where, self.ann, text, mention=mention, reply_to=reply_to, files=files
        )

    async def greet(self) -> None:
        """Say "hello" and hear it again: from here on, the bot knows where it is."""
        await self.say("hello")
        await self.answers(1)

    async def answers(self, count: int = 1, room: str = "") -> list[Said]:
        """What the bot said, once it said so much."""
        return await self.platform.wait_for_answers(room or self.hall, count, timeout=PATIENCE)


class Stage:
    """What a subclass names.

    Attributes:
        connector: the class under test.
        simulator: the platform that it is tested on.
        settings: what the connector is told besides the simulator's settings.
        lacks: the `ABILITIES` that the platform does not have, each with the reason.
    """

    connector: ClassVar[type[Connector]]
    simulator: ClassVar[type[Simulator]]
    settings: ClassVar[Mapping[str, str]] = {}
    lacks: ClassVar[Mapping[str, str]] = {}

    def needs(self, *abilities: str) -> None:
        """Skip the law where the platform lacks one of `abilities`."""
        for one in abilities:
            if one in self.lacks:
                pytest.skip(f"no {one}: {self.lacks[one]}")

    @asynccontextmanager
    async def play(self, path: Path, *, limits: bool = False) -> AsyncIterator[Scene]:
        """A scene; its simulator ends with it."""
        async with self.simulator(limits=limits) as platform:
            settings = {**platform.settings, **self.settings}
            ann = platform.add_person("Ann")
            is_alone = "groups" in self.lacks
            hall = platform.add_room(ann, kind="dm") if is_alone else platform.add_room("Hall")
            yield Scene(platform, self.connector, settings, path / "townhall.db", ann, hall)

    @pytest_asyncio.fixture
    async def scene(self, tmp_path: Path) -> AsyncIterator[Scene]:
        """A scene without limits."""
        async with self.play(tmp_path) as scene:
            yield scene


def part(room: Room, text: str, **fields: Any) -> Part:
    """One part on its way to a room."""
    return Part(delivery=uuid4(), ordinal=0, room=room, text=text, **fields)


async def until(condition: Callable[[], bool], seconds: float = PATIENCE) -> None:
    """Return once `condition` holds.

    Raises:
        TimeoutError: it did not, within `seconds`.
    """
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - it is about many things, which nothing announces
            await asyncio.sleep(0.005)
