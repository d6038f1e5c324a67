"""What was heard and is not stored yet takes no more memory than it may."""

from __future__ import annotations

import asyncio

import pytest

from bot.race import meanwhile
from connectors.discord.client import Client
from connectors.discord.feed import ENOUGH, Feed
from connectors.discord.translate import Known


@pytest.fixture
def feed():
    return Feed(Known("default"), lambda *_: None)


async def test_there_is_space_until_enough_events_wait(feed):
    """And again once one of them is dealt with."""
    for number in range(ENOUGH - 1):
        feed.hear("NEWS", {"id": number}, "1/1")
    async with asyncio.timeout(5):
        await feed.space()
        feed.hear("NEWS", {"id": ENOUGH}, "1/1")
        waiting = asyncio.create_task(feed.space())
        await asyncio.wait({waiting}, timeout=0)
        assert not waiting.done()
        feed.forget(1)
        await waiting


class Narrow(Feed):
    """A feed that has no space after a session began, until the test says so."""

    def __init__(self):
        super().__init__(Known("default"), lambda *_: None)
        self.heard, self.asked, self.opened = [], asyncio.Event(), asyncio.Event()

    def hear(self, name, data, mark):
        self.heard.append(name)
        super().hear(name, data, mark)

    async def space(self):
        if "READY" in self.heard:
            self.asked.set()
            await self.opened.wait()


async def test_the_gateway_is_read_no_further_while_there_is_no_space(discord, ann):
    """What is said meanwhile waits in the socket, and is heard later."""
    room, feed = discord.add_room("lobby"), Narrow()
    async with Client(feed, api_url=discord.settings["DISCORD_API_URL"]) as client:
        await client.login(discord.state.token)
        async with asyncio.timeout(10), meanwhile(client.connect()):
            await feed.asked.wait()
            await discord.say(room, ann, "hello")
            assert feed.heard == ["READY"]
            feed.opened.set()
            while "MESSAGE_CREATE" not in feed.heard:
                feed.forget(len(await feed.run_of_items()))
