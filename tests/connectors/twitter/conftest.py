"""A simulated X, and a service that talks to it through tweepy."""

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from uuid import uuid4

import pytest

from bot.content import Content
from bot.errors import StoreError
from bot.memory import Room, RoomKind
from bot.part import Part
from bot.records import Delivery
from bot.testing.runtime import MockStore, create_mock_runtime
from bot.value import now
from connectors.twitter.connector import TwitterService
from connectors.twitter.simulator import TwitterSimulator


class Notebook:
    """Notes in memory."""

    def __init__(self):
        self.notes = {}
        self.is_full = False

    async def note(self, name):
        return self.notes.get(name)

    async def keep(self, name, value):
        if self.is_full:
            raise StoreError("no room")
        self.notes[name] = value


class Outbox(MockStore):
    """A store in which each delivery was made at one time, and none is known to have arrived."""

    def __init__(self):
        super().__init__()
        self.made = now()

    async def delivery(self, id):
        room = Room(platform="twitter", account="default", key="timeline")
        return Delivery(id=id, room=room, content=Content(), created_at=self.made)


def made(settings):
    """A runtime with such a store."""
    runtime = create_mock_runtime(settings)
    runtime.store = Outbox()
    return runtime


@pytest.fixture
def notes():
    return Notebook()


@pytest.fixture
async def x():
    async with TwitterSimulator() as simulator:
        yield simulator


@pytest.fixture
def runtime(x):
    return made({**x.settings, "TWITTER_POLL_SECONDS": "0.02"})


@pytest.fixture
async def start(x):
    """Start a service with more settings, or with the runtime of one before; it ends by itself."""
    async with AsyncExitStack() as stack:

        async def start(runtime=None, **more):
            if runtime is None:
                settings = {**x.settings, "TWITTER_POLL_SECONDS": "0.02", **more}
                runtime = made(settings)
            service = await TwitterService.start(runtime)
            stack.push_async_callback(service.stop)
            return service

        yield start


@pytest.fixture
async def service(runtime, start):
    return await start(runtime)


@pytest.fixture
def ada(x):
    return x.add_person("Ada Lovelace")


@pytest.fixture
def square(x):
    return x.add_room("What do you think of engines?")


@pytest.fixture
def say(x, ada, square):
    """Ada speaks to the bot in the square."""

    async def say(text, **how):
        return await x.say(square, ada, text, **{"mention": True, **how})

    return say


@pytest.fixture
def answer(say, square, part):
    """Ada speaks, and a service answers; the answer."""

    async def answer(service):
        asked = await say("Hello")
        return (await service.send(part(square, "Hello, Ada.", reply_to=asked))).message

    return answer


@pytest.fixture
def listening():
    """A block in which a service listens."""

    @asynccontextmanager
    async def listen(service):
        task = asyncio.create_task(service.run())
        try:
            yield task
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    return listen


@pytest.fixture
def until():
    """Wait for a condition that nothing announces."""

    async def until(condition):
        async with asyncio.timeout(10):
            while not condition():  # noqa: ASYNC110 - as said, nothing announces it
                await asyncio.sleep(0.005)

    return until


@pytest.fixture
def part():
    """One part of a delivery, for the room with that key."""

    def part(key, text, *, reply_to=None):
        kind = RoomKind.DM if key.startswith("dm/") else RoomKind.THREAD
        room = Room(platform="twitter", account="default", key=key, kind=kind)
        return Part(delivery=uuid4(), ordinal=0, room=room, text=text, reply_to=reply_to)

    return part
