"""The largest file that bots get comes in, and memory does not grow with it."""

import asyncio
import sys
import tracemalloc
from asyncio.subprocess import PIPE
from contextlib import asynccontextmanager

import aiohttp
import orjson
import pytest

from bot.content import Attachment
from bot.testing.runtime import create_mock_runtime
from connectors.telegram.connector import TelegramService
from connectors.telegram.uploads import Item

MEBIBYTE = 2**20
MOST = 20 * MEBIBYTE
"""Bytes that a file may cost, however large it is."""


@asynccontextmanager
async def simulated():
    """A simulator in a process of its own, where its memory does not count; its settings."""
    command = (sys.executable, "-m", "bot", "simulate", "telegram", "--json")
    child = await asyncio.create_subprocess_exec(*command, stdout=PIPE)
    try:
        yield orjson.loads(await child.stdout.readline())["telegram"]
    finally:
        child.terminate()
        await child.wait()


@asynccontextmanager
async def playing():
    """A room of a Telegram in another process, and a service that talks there."""
    async with simulated() as telegram, aiohttp.ClientSession(telegram["url"]) as people:
        async with people.post("/control/rooms", json={"name": "Friends"}) as answer:
            room = await answer.json()
        runtime = create_mock_runtime(telegram["settings"])
        service = await TelegramService.start(runtime)
        async with runtime.media:
            yield service, room
        await service.stop()


@pytest.fixture
async def stage():
    async with playing() as stage:
        yield stage


@asynccontextmanager
async def cheaply():
    """A block that takes little memory."""
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < MOST
    finally:
        tracemalloc.stop()


def sparse(path, size):
    with path.open("wb") as file:
        file.truncate(size)
    return path


async def test_the_largest_download_takes_little_memory(stage, tmp_path):
    """20 MiB: bots get no more, but from a server of their own."""
    service, room = stage
    path = sparse(tmp_path / "large.bin", 20 * MEBIBYTE)
    async with service.runtime.media.open(Attachment.file(path)) as file:
        asked = {"chat_id": room, "document": Item("document", file).input()}
        sent = await service.client.ask("sendDocument", asked)
    held = Attachment(key=sent["document"]["file_id"], holder="telegram")
    async with cheaply(), service.fetch(held) as pieces:
        assert sum([len(piece) async for piece in pieces]) == 20 * MEBIBYTE
