"""A web hook, and a connector that notifies it."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest

from bot.part import Part
from bot.service import Status
from bot.testing.runtime import create_mock_runtime
from connectors.apprise.connector import AppriseService

from .hook import Hook


class Scene:
    """A hook, and what a connector told its runtime."""

    def __init__(self, hook, service):
        self.hook, self.service, self.runtime = hook, service, service.runtime

    def part(self, text, room="json/hall", **fields):
        room = self.service.room(room)
        return Part(delivery=uuid4(), ordinal=0, room=room, text=text, **fields)

    async def send(self, text, room="json/hall", **fields):
        return await self.service.send(self.part(text, room, **fields))

    def texts(self, room="json/hall"):
        return [one.text for one in self.hook.said_by_bot(room)]


@asynccontextmanager
async def started(settings, store=None):
    """A connector with these settings; without a store, nothing was kept before."""
    runtime = create_mock_runtime(settings)
    runtime.store = store or runtime.store
    service = await AppriseService.start(runtime)
    try:
        yield service
    finally:
        await service.stop()


@asynccontextmanager
async def listening(service):
    """The block begins when the connector is up."""
    task = asyncio.create_task(service.run())
    try:
        async with asyncio.timeout(10):
            while (await service.health()).status is not Status.UP:  # noqa: ASYNC110 - nothing announces it
                await asyncio.sleep(0.005)
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
async def scene():
    async with Hook() as hook, started(hook.settings) as service:
        yield Scene(hook, service)
