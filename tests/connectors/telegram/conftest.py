"""A simulated Telegram, and a service that talks to it."""

import asyncio
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest

from bot.memory import Room, RoomKind
from bot.part import Part
from bot.testing.runtime import create_mock_runtime
from connectors.telegram.connector import TelegramService
from connectors.telegram.simulator import TelegramSimulator


class Scene:
    """Ada has a private chat with the bot, and both are in a group."""

    def __init__(self, telegram, service):
        self.telegram, self.service, self.runtime = telegram, service, service.runtime
        self.ada = telegram.add_person("Ada")
        self.dm = telegram.add_room(self.ada, kind="dm")
        self.group = telegram.add_room("Friends")

    async def say(self, text, room=None, **how):
        return await self.telegram.say(room or self.dm, self.ada, text, **how)

    def part(self, text, room=None, *, kind=RoomKind.GROUP, reply_to=None):
        room = Room(platform="telegram", account="default", key=room or self.dm, kind=kind)
        return Part(delivery=uuid4(), ordinal=0, room=room, text=text, reply_to=reply_to)

    async def send(self, text, room=None, **how):
        return await self.service.send(self.part(text, room, **how))

    async def heard(self, count):
        """The events, once there are so many."""
        return await self.runtime.wait_for_events(count)

    @asynccontextmanager
    async def listening(self, service=None):
        task = asyncio.create_task((service or self.service).run())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def until(self, condition):
        async with asyncio.timeout(10):
            while not condition(self):  # noqa: ASYNC110 - nothing announces it
                await asyncio.sleep(0.005)

    @asynccontextmanager
    async def another(self, *, deliver=None, **settings):
        """Another run of the same bot, with what the last one stored."""
        runtime = create_mock_runtime(self.telegram.settings | settings)
        runtime.store, runtime.deliver = self.runtime.store, deliver or runtime.deliver
        service = await TelegramService.start(runtime)
        try:
            async with self.listening(service):
                yield service
        finally:
            await service.stop()


@asynccontextmanager
async def play(**options):
    async with TelegramSimulator(**options) as telegram:
        service = await TelegramService.start(create_mock_runtime(telegram.settings))
        yield Scene(telegram, service)
        await service.stop()


@pytest.fixture
async def scene():
    async with play() as scene:
        yield scene


@pytest.fixture
async def private():
    """A scene in which the bot is in privacy mode."""
    async with play(privacy=True) as scene:
        yield scene


@pytest.fixture
async def limited():
    """A scene with Telegram's limits."""
    async with play(limits=True) as scene:
        yield scene
