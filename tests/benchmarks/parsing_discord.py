"""Discord's own frames through discord.py: into Townhall, and into a bare handler."""

from __future__ import annotations

import argparse
import asyncio
import time
from contextlib import suppress
from functools import partial
from itertools import count
from types import SimpleNamespace
from typing import Any

import discord
from aiohttp import WSMessage, WSMsgType
from discord.http import HTTPClient
from figures import disk, report
from worlds import Tally, echo, make_bot

from bot.cli.setup import run_loop
from connectors.discord.connector import DiscordService
from connectors.discord.simulator import DiscordSimulator

ROOMS = 200
SAID = {"stored": "hello", "answered": "/echo hello"}
"""What people say in a server: nothing to the bot, or something to its echo."""
AT_ONCE = 50
"""Frames that a socket hands over before the loop looks at the rest."""
INTENTS = discord.Intents(guilds=True, messages=True, message_content=True)
HELLO = '{"op":10,"d":{"heartbeat_interval":41250},"s":null,"t":null}'


class Canned:
    """A gateway and an API whose answers are there already, in the place of the network.

    Args:
        said: what people say from when `opened` is set.
    """

    closed, close_code = False, None

    def __init__(self, discord: DiscordSimulator, said: list[bytes], login: list[bytes]) -> None:
        self.opened = asyncio.Event()
        self._login, self._said = iter([HELLO.encode(), *login]), iter(said)
        self._numbers, state = count(1), discord.state
        person, room = state.people[state.bot], next(iter(state.channels.values()))
        self._sent = state.add_message(room, person["id"], "hello")
        self._answers = {
            "/users/@me": state.myself(),
            "/applications/@me": state.application(),
            "/oauth2/applications/@me": state.application(),
            "/gateway/bot": {"url": "ws://127.0.0.1"},
        }

    def attach(self, client: discord.Client) -> Any:
        """The client, whose requests come here, like all of this process."""

        async def request(_: HTTPClient, route: Any, **__: object) -> Any:
            await asyncio.sleep(0)
            return self._answers.get(route.path, self._sent)

        HTTPClient.request, client.http.ws_connect = request, self.connect
        return client

    async def connect(self, *_: object, **__: object) -> Canned:
        return self

    async def receive(self, **_: object) -> WSMessage:
        frame = next(self._login, None)
        if frame is None:
            await self.opened.wait()
            if next(self._numbers) % AT_ONCE == 0:
                await asyncio.sleep(0)
            frame = next(self._said, None) or await asyncio.Event().wait()
        return WSMessage(WSMsgType.TEXT, frame.decode(), None)

    async def send_str(self, _: str) -> None: ...

    async def close(self, **_: object) -> None: ...


async def canned(events: int, said: str) -> Canned:
    """What Discord would tell if so many messages were said in turn in all rooms."""
    discord, frames = DiscordSimulator(), []
    socket = SimpleNamespace(push_raw=frames.append, push_event=frames.append, session=None)
    person = discord.add_person("Ada")
    rooms = [discord.add_room(f"friends-{n}") for n in range(ROOMS)]
    hello = {"token": discord.state.token, "intents": INTENTS.value}
    discord.gateway._identify(socket, hello)
    login, frames[:] = frames[:], []
    for number in range(events):
        await discord.say(rooms[number % ROOMS], person, f"{SAID[said]} {number}")
    return Canned(discord, frames, login)


async def townhall(events: int, said: str) -> dict[str, float]:
    """Our connector's own loop, a turn for each message, and what is said stored and sent."""
    wire, tally = await canned(events, said), Tally(events)

    class Wireless(DiscordService):
        capabilities = DiscordService.capabilities.model_copy(update={"rates": ()})

        def _new_client(self) -> Any:
            return wire.attach(super()._new_client())

        async def listen(self, deliver) -> None:
            await super().listen(partial(tally.deliver, deliver))

    settings = {"DISCORD_BOT_TOKEN": "simulated"}
    with disk() as folder:
        database = folder / "townhall.db"
        async with make_bot(database, {"discord": Wireless}, echo, settings=settings) as bot:
            await asyncio.sleep(1)
            begun = tally.begin()
            wire.opened.set()
            await tally.settle(bot)
            return {"per_second": events / (time.perf_counter() - begun)}


async def floor(events: int, said: str) -> dict[str, float]:
    """A client of the library with an `on_message`, and nothing stored."""
    wire, tally = await canned(events, said), Tally(events)
    client = wire.attach(discord.Client(intents=INTENTS))

    @client.event
    async def on_message(message: discord.Message) -> None:
        if said == "answered":
            await message.reply("hello")
        tally.count(1)

    async with client:
        running = asyncio.create_task(client.start("simulated"))
        await client.wait_until_ready()
        begun = tally.begin()
        wire.opened.set()
        await tally.all
        seconds = time.perf_counter() - begun
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
    return {"per_second": events / seconds}


def main() -> None:
    """Measure one side."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("side", choices=("townhall", "floor"))
    parser.add_argument("said", choices=tuple(SAID))
    parser.add_argument("--events", type=int, default=5_000)
    asked = parser.parse_args()
    if asked.side == "townhall":
        report(run_loop(partial(townhall, asked.events, asked.said)))
    else:
        report(asyncio.run(floor(asked.events, asked.said)))


if __name__ == "__main__":
    main()
