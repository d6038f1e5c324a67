"""The engine under test, and things to store in it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from pkgutil import resolve_name
from typing import Any, ClassVar

import pytest_asyncio

from bot.content import Content
from bot.events import Event, EventKind
from bot.memory import Entity, Room, RoomKind, World
from bot.part import Part
from bot.records import Accepted, Delivery, EventState
from bot.store import Store
from bot.value import uid

NOON = datetime(2025, 6, 1, 12, tzinfo=UTC)
ANN = Entity(platform="chat", key="7", name="Ann", username="ann", locale="en")
BOT = Entity(platform="chat", key="8", name="Bot", is_bot=True)
TOWN = World(platform="chat", account="default", key="w", name="Town")
HALL = Room(platform="chat", account="default", key="hall", kind=RoomKind.CHANNEL, world=TOWN)
SALES = Room(platform="chat", account="sales", key="ann")
YARD = Room(platform="chat", account="default", key="yard", kind=RoomKind.CHANNEL, world=TOWN)


class Engine:
    """What a subclass names.

    Attributes:
        engine: where the Store's class is, as `package.module:Class`; it is called with the
            address alone, also by other processes.
    """

    engine: ClassVar[str]

    def address(self, tmp_path: Path) -> str:
        """An address that opens an empty store, the same one for the same path."""
        raise NotImplementedError

    def open(self, address: str) -> Store:
        """The store at `address`, not yet entered."""
        store: Store = resolve_name(self.engine)(address)
        return store

    @pytest_asyncio.fixture
    async def store(self, tmp_path: Path) -> AsyncIterator[Store]:
        """An empty store, open."""
        async with self.open(self.address(tmp_path)) as store:
            yield store


def an_event(n: int = 1, room: Room = HALL, **changes: Any) -> Event:
    """The `n`-th message of a room."""
    told = {
        "kind": EventKind.MESSAGE,
        "platform": room.platform,
        "account": room.account,
        "ids": (room.key, str(n)),
        "at": NOON + timedelta(seconds=n),
        "room": room,
        "sender": ANN,
        "content": Content(text=f"message {n}"),
        "message": f"{room.key}/{n}",
    }
    return Event(**{**told, **changes})


def a_delivery(name: str = "first", room: Room = HALL, **changes: Any) -> Delivery:
    """A delivery that is the same for the same name."""
    said = {
        "id": uid("delivery", name),
        "room": room,
        "content": Content(text=name),
        "created_at": NOON,
        "memory": uid("said", name),
    }
    return Delivery(**{**said, **changes})


def parts_of(delivery: Delivery, count: int = 1) -> list[Part]:
    """A delivery, rendered into `count` parts."""
    return [
        Part(delivery=delivery.id, ordinal=n, room=delivery.room, text=f"part {n}")
        for n in range(count)
    ]


async def accept(store: Store, *events: Event, state: EventState = EventState.PENDING) -> list[int]:
    """Accept new events, each in a commit of its own; their places."""
    return [await _accept(store, event, state) for event in events]


async def _accept(store: Store, event: Event, state: EventState) -> int:
    async with store.commit() as c:
        accepted: Accepted = c.accept(event, state)
    assert accepted.seq is not None
    return accepted.seq


async def enqueue(store: Store, *deliveries: Delivery, parts: int = 1) -> Sequence[Part]:
    """Put deliveries in the outbox, each in a commit of its own; all their parts."""
    every: list[Part] = []
    for delivery in deliveries:
        rendered = parts_of(delivery, parts)
        async with store.commit() as c:
            c.enqueue(delivery, rendered)
        every += rendered
    return every
