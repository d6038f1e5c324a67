"""A runtime without a world: events are collected, nothing is answered."""

from __future__ import annotations

import asyncio
from typing import Any, NoReturn
from uuid import UUID, uuid4

import structlog

from bot.abilities import Abilities
from bot.content import Attachment, Content
from bot.doors import Doors
from bot.errors import Unavailable
from bot.events import Event, Position
from bot.media import Media
from bot.memory import Room
from bot.records import Delivery, Outgoing
from bot.settings import Layer, Settings


class MockStore:
    """What a connector reads from the store, from the events that it delivered."""

    def __init__(self) -> None:
        self.events: dict[str, Event] = {}
        self.notes: dict[tuple[str, str, str], str] = {}

    async def note(self, platform: str, account: str, name: str) -> str | None:
        """See `Store.note`."""
        return self.notes.get((platform, account, name))

    async def position(self, platform: str, account: str, stream: str) -> str | None:
        """See `Store.position`."""
        found = await self.positions(platform, account)
        return next((p.value for p in found if p.stream == stream), None)

    async def positions(self, platform: str, account: str) -> tuple[Position, ...]:
        """See `Store.positions`."""
        mine = [e.position for e in self._of(platform, account) if e.position]
        return tuple({p.stream: p for p in mine}.values())

    async def rooms(self, platform: str, account: str) -> tuple[Room, ...]:
        """See `Store.rooms`."""
        return tuple({e.room.key: e.room for e in self._of(platform, account) if e.room}.values())

    async def room(self, id: UUID) -> Room | None:
        """See `Store.room`."""
        told = reversed(self.events.values())
        return next((e.room for e in told if e.room and e.room.id == id), None)

    async def delivery(self, id: UUID) -> Delivery | None:
        """See `Store.delivery`: none is made here."""

    async def deliveries_of(self, message: str) -> list[Delivery]:  # noqa: ARG002 - none is made
        """See `Store.deliveries_of`."""
        return []

    async def parts(self, delivery: UUID) -> list[Outgoing]:  # noqa: ARG002 - none is made
        """See `Store.parts`."""
        return []

    def _of(self, platform: str, account: str) -> list[Event]:
        return [e for e in self.events.values() if (e.platform, e.account) == (platform, account)]


class MockOutbox:
    """An outbox of a runtime in which nobody sends."""

    def sender(self, room: Room) -> None:
        """See `Outbox.sender`."""


class MockRuntime:
    """Enough of a `Runtime` to start one service alone.

    Attributes:
        delivered: every event that a connector handed over, duplicates too.
        sent: every message that a service put in the outbox.
    """

    def __init__(self, settings: dict[str, Any]) -> None:
        self.settings = Settings([Layer("test", settings)])
        self.store = MockStore()
        self.logger = structlog.get_logger()
        self.abilities, self.media, self.doors = Abilities(), Media(_nobody), Doors()
        self.outbox = MockOutbox()
        self.delivered: list[Event] = []
        self.sent: list[tuple[Room, Content | str]] = []
        self._arrived = asyncio.Event()

    def get_setting(self, name: str, default: Any = None) -> Any:
        """See `Runtime.get_setting`."""
        return self.settings.get(name, default)

    async def deliver(self, *events: Event) -> None:
        """See `Deliver`."""
        self.delivered.extend(events)
        self.store.events.update({event.key: event for event in events})
        self._arrived.set()

    async def send(self, room: Room, content: Content | str) -> UUID:
        """See `Runtime.send`."""
        self.sent.append((room, content))
        return uuid4()

    async def keep(self, platform: str, account: str, name: str, value: str | None) -> None:
        """See `Runtime.keep`."""
        self.store.notes.pop((platform, account, name), None)
        if value is not None:
            self.store.notes[platform, account, name] = value

    async def wait_for_events(self, count: int, *, timeout: float = 10.0) -> list[Event]:
        """The events, once `count` were delivered."""
        async with asyncio.timeout(timeout):
            while len(self.delivered) < count:
                self._arrived.clear()
                await self._arrived.wait()
        return self.delivered


def _nobody(attachment: Attachment) -> NoReturn:
    raise Unavailable(f"nobody has {attachment.key}")


def create_mock_runtime(settings: dict[str, Any] | None = None) -> Any:
    """A runtime for testing one service: `await MyService.start(create_mock_runtime({...}))`."""
    return MockRuntime(settings or {})
