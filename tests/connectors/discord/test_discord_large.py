"""The largest files pass in both directions, and memory does not grow with them."""

from __future__ import annotations

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
from connectors.discord.connector import DiscordService

MEBIBYTE = 2**20
MOST = 20 * MEBIBYTE
"""Bytes that a file may cost, however large it is."""


@asynccontextmanager
async def simulated():
    """A simulator in a process of its own, where its memory does not count; its settings."""
    command = (sys.executable, "-m", "bot", "simulate", "discord", "--json")
    child = await asyncio.create_subprocess_exec(*command, stdout=PIPE)
    try:
        yield orjson.loads(await child.stdout.readline())["discord"]
    finally:
        child.terminate()
        await child.wait()


@asynccontextmanager
async def boosted():
    """A room of a server of the highest tier, and a connector that is logged in."""
    async with simulated() as discord, aiohttp.ClientSession(discord["url"]) as people:
        runtime = create_mock_runtime(discord["settings"])
        await people.post("/control/boost", json={"tier": 3})
        async with people.post("/control/rooms", json={"name": "lobby"}) as answer:
            room = await answer.json()
        service = await DiscordService.start(runtime)
        async with runtime.media:
            yield service, room
        await service.stop()


@pytest.fixture
async def stage():
    async with boosted() as stage:
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


async def test_the_largest_file_passes_in_both_directions(stage, to, tmp_path):
    """100 MiB out and in again, for less than 20."""
    service, room = stage
    path = tmp_path / "large.bin"
    with path.open("wb") as file:
        file.truncate(100 * MEBIBYTE)
    await service.send(to(room, "first"))
    async with cheaply():
        sent = await service.send(to(room, "", attachments=(Attachment.file(path),)))
    told = await service.client.http.get_message(int(room), int(sent.message))
    file = Attachment(key=f"{room}/{sent.message}/{told['attachments'][0]['id']}")
    async with cheaply(), service.fetch(file) as pieces:
        assert sum([len(piece) async for piece in pieces]) == 100 * MEBIBYTE
