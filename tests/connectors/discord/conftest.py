"""A simulated Discord, and our connector on it through the real library."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import uuid4

import pytest

from bot.content import Content
from bot.events import EventKind
from bot.memory import Room
from bot.part import Part
from bot.records import Delivery, Outgoing
from bot.testing.runtime import MockStore, create_mock_runtime
from bot.value import now
from connectors.discord.connector import DiscordService
from connectors.discord.simulator import DiscordSimulator

HEARD = frozenset(EventKind) - {EventKind.MEMBERSHIP}
"""What people did; the connector also notes where it stands in each room."""


@dataclass
class Bot:
    """A connector that listens."""

    service: DiscordService
    runtime: object

    def events(self):
        """What was delivered, each once, in order."""
        unique = {one.key: one for one in self.runtime.delivered if one.kind in HEARD}
        return list(unique.values())

    async def does(self, kind, count):
        """The events of a kind that tell of somebody, once there are `count`."""

        def found():
            return [one for one in self.runtime.delivered if one.kind is kind and one.sender]

        await self.until(lambda: len(found()) >= count)
        return found()

    def texts(self):
        """What people were heard saying, in order."""
        return [one.content.text for one in self.events() if one.content]

    async def hears(self, count, timeout=15.0):
        """The events, once there are `count`."""
        await self.until(lambda: len(self.events()) >= count, timeout)
        return self.events()

    async def until(self, condition, timeout=15.0):
        """Return once `condition` holds; it is looked at whenever something is delivered."""
        async with asyncio.timeout(timeout):
            while not condition():
                await self.runtime.wait_for_events(len(self.runtime.delivered) + 1, timeout=timeout)


class Ledger(MockStore):
    """A store that also knows what became of parts."""

    def __init__(self):
        super().__init__()
        self._begun, self._became = {}, {}

    def begin(self, part, at):
        """A part was decided on at a time."""
        self._begun[part.delivery] = Delivery(
            id=part.delivery, room=part.room, content=Content(text=part.text), created_at=at
        )

    def book(self, part, receipt):
        """A part became a message."""
        self.begin(part, now())
        self._became[receipt.message] = Outgoing(seq=1, part=part, since=now(), receipt=receipt)

    async def delivery(self, id):
        """See `Store.delivery`."""
        return self._begun.get(id)

    async def deliveries_of(self, message):
        """See `Store.deliveries_of`."""
        became = self._became.get(message)
        return [self._begun[became.part.delivery]] if became else []

    async def parts(self, delivery):
        """See `Store.parts`."""
        return [one for one in self._became.values() if one.part.delivery == delivery]


@asynccontextmanager
async def start_listening(settings, store=None, kind=DiscordService):
    """A bot on the gateway, stopped at the end."""
    runtime = create_mock_runtime(settings)
    runtime.store = store or runtime.store
    service = kind(runtime)
    await service.open()
    task = asyncio.create_task(service.run())
    try:
        yield Bot(service, runtime)
        if task.done():
            task.result()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await service.stop()


def part(room, text, **more):
    """A part on its way to a room."""
    where = Room(platform="discord", account="default", key=room)
    return Part(delivery=uuid4(), ordinal=0, room=where, text=text, **more)


@pytest.fixture
async def discord():
    async with DiscordSimulator() as simulator:
        yield simulator


@pytest.fixture
async def ready(discord):
    """A bot that has seen the server: it has noted where its first room stands."""
    discord.add_room("lobby")
    async with start_listening(discord.settings) as bot:
        await bot.runtime.wait_for_events(1)
        yield bot


@pytest.fixture
async def sender(discord):
    """A connector that only sends: the gateway is not needed for it."""
    runtime = create_mock_runtime(discord.settings)
    runtime.store = Ledger()
    service = await DiscordService.start(runtime)
    yield service
    await service.stop()


@pytest.fixture
def ann(discord):
    return discord.add_person("Ann")


@pytest.fixture
def to():
    """A part on its way to a room: `to(room, "hello")`."""
    return part


@pytest.fixture
def listening():
    """A bot on the gateway: `async with listening(settings) as bot`."""
    return start_listening
