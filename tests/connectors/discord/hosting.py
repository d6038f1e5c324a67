"""A whole bot on a simulated Discord, with actions of every sort."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from bot.action import Complete, action
from bot.character import Character
from bot.content import Attachment, Content, Persona
from bot.memory import Room
from bot.plugin import Plugin
from bot.runtime import Runtime
from bot.settings import Layer, Settings
from bot.stores.sqlite import SqliteStore
from connectors.discord.connector import DiscordService

MENU = Path(__file__).read_bytes()
"""What `show` shows."""


class Size(StrEnum):
    SMALL = "small"
    LARGE = "large"


async def cities(typed):
    return [one for one in ("Oslo", "Osaka", "Bern") if one.startswith(typed)]


async def never(_typed):
    await asyncio.Event().wait()


@action
async def order(_turn, count: int, size: Size = Size.SMALL, hot: bool = False):
    """Order something."""
    return f"{count!r} {size} {hot!r}"


@action(private=True)
async def whisper(_turn, text: str):
    """Say something to who asks."""
    return text


@action
async def fly(_turn, to: Annotated[str, Complete(cities)]):
    """Go somewhere."""
    return f"to {to}"


@action
async def wait(_turn, to: Annotated[str, Complete(never)]):
    """Have no idea."""
    return to


@action
async def count(turn):
    """Count to three."""
    turn.reply("one")
    turn.reply("two")
    return "three"


@action
async def ponder(turn):
    """Take a while."""
    await turn.runtime.idea.wait()
    return "done"


@action(private=True)
async def brood(turn):
    """Take a while, for one person."""
    await turn.runtime.idea.wait()
    return "done"


@action
async def confide(_turn):
    """Decide late that it is nobody's business."""
    return Content(text="psst", private=True)


@action
async def show(_turn):
    """Show a file."""
    return Content(text="look", attachments=(Attachment.file(__file__),))


@action
async def shrug(_turn):
    """Say nothing."""


@action
async def act(_turn):
    """Speak under another name."""
    return Content(text="To be", persona=Persona(name="Hamlet"))


ACTIONS = (order, whisper, fly, wait, count, ponder, brood, confide, show, shrug, act)


class Host(Runtime):
    """A bot that remembers what it was told, and can be made slow."""

    def __init__(self, settings, path):
        super().__init__(
            Character(name="Host", connectors=("discord",)),
            settings=Settings([Layer("test", settings)]),
            store=SqliteStore(path),
            connectors={"discord": DiscordService},
            plugins=[Plugin("test", actions=ACTIONS)],
            discover=False,
        )
        self.told = []
        self.idea, self.stores = asyncio.Event(), asyncio.Event()
        self.stores.set()

    async def deliver(self, *events):
        await self.stores.wait()
        await super().deliver(*events)
        self.told += events

    @property
    def service(self):
        return self.get_service("discord")

    def events(self, kind):
        return [one for one in self.told if one.kind is kind]

    async def show(self, room, content):
        """Say something; the message, once it is there."""
        await self.send(Room(platform="discord", account="default", key=room), content)


@asynccontextmanager
async def hosting(discord, path):
    """A bot whose commands Discord knows."""
    async with Host(discord.settings, path) as host:
        await discord.wait_for(lambda d: d.commands.known)
        await until(lambda: discord.gateway.sessions)
        yield host


async def until(condition):
    """Return once `condition` holds; nothing announces it."""
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - it is about many things
            await asyncio.sleep(0.005)


async def drained(host):
    """Return once nothing waits to leave."""
    for sender in host.outbox.senders.values():
        await sender.drain()
