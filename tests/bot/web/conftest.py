"""A bot with its server, and what asks it."""

from __future__ import annotations

from contextlib import asynccontextmanager

import aiohttp
import pytest

from bot.services.notification import plugin
from bot.web import Server
from bot.web.address import Address


class Caller:
    """Asks the API of a bot."""

    def __init__(self, runtime, url, address):
        self.runtime, self.url, self.address = runtime, url, address

    async def ask(self, method, path, body=None):
        """What it answers, as a command of this machine asks it."""
        return await self.address.ask(method, path, body)

    async def send(self, method, path, **given):
        """Status and body, as any program asks it."""
        async with (
            aiohttp.ClientSession() as session,
            session.request(method, f"{self.url}{path}", **given) as answer,
        ):
            return answer.status, await answer.json(content_type=None)


@pytest.fixture
def calling(bot, tmp_path):
    """Start a bot with notifications on the loopback platform, and its server."""

    @asynccontextmanager
    async def start(**settings):
        path = tmp_path / "townhall.db"
        async with (
            bot(plugin, settings=settings) as runtime,
            Server(runtime, path).serve() as url,
        ):
            yield Caller(runtime, url, Address.of(path))

    return start
