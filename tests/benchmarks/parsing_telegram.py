"""Telegram's own JSON through python-telegram-bot: into Townhall, and into a bare handler."""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import orjson
from figures import disk, report
from telegram import Bot
from telegram.ext import Application, MessageHandler, filters
from worlds import Tally, echo, make_bot

from bot.cli.setup import run_loop
from connectors.telegram.client import Client
from connectors.telegram.connector import TelegramService
from connectors.telegram.request import AiohttpRequest
from connectors.telegram.simulator import TelegramSimulator

CHATS = 200
SAID = {"stored": "hello", "answered": "/echo hello"}
"""What people say in groups: nothing to the bot, or something to its echo."""


class Canned(AiohttpRequest):
    """Python-telegram-bot's HTTP, with answers that are there already.

    Args:
        batches: what `getUpdates` answers, as bytes.
        me: what `getMe` answers.
    """

    def __init__(self, batches: list[bytes], me: dict) -> None:
        super().__init__()
        self.opened = asyncio.Event()
        self._batches = iter(batches)
        self._answers = {"getme": _answer(me), "sendmessage": _answer(_sent(me))}
        self._answers |= dict.fromkeys(("deletewebhook", "setmycommands"), _answer(True))
        self._answers["getmycommands"] = _answer([])

    async def do_request(self, url: str, method: str, *_: object, **__: object) -> tuple:
        await asyncio.sleep(0)
        name = url.rpartition("/")[2].lower()
        if name != "getupdates":
            return 200, self._answers[name]
        await self.opened.wait()
        if batch := next(self._batches, None):
            return 200, batch
        await asyncio.sleep(0.2)
        return 200, _answer([])


def _answer(result: object) -> bytes:
    return b'{"ok":true,"result":' + orjson.dumps(result) + b"}"


def _sent(me: dict) -> dict:
    chat = {"id": -1001, "type": "supergroup", "title": "Friends"}
    return {"message_id": 7, "date": int(time.time()), "chat": chat, "from": me, "text": "hello"}


async def canned(events: int, said: str) -> Canned:
    """What Telegram would answer if so many messages were said in turn in all chats."""
    telegram = TelegramSimulator()
    person = telegram.add_person("Ada")
    rooms = [telegram.add_room(f"Friends {n}") for n in range(CHATS)]
    for number in range(events):
        await telegram.say(rooms[number % CHATS], person, f"{SAID[said]} {number}")
    methods, batches, offset = telegram._api.methods, [], 0
    while (batch := await methods["getupdates"]({"offset": offset})) != b"[]":
        batches.append(b'{"ok":true,"result":' + batch + b"}")
        offset = orjson.loads(batch)[-1]["update_id"] + 1
    return Canned(batches, await methods["getme"]({}))


async def townhall(events: int, said: str) -> dict[str, float]:
    """Our connector's own loop, a turn for each message, and what is said stored and sent."""
    request, tally = await canned(events, said), Tally(events)

    class Wireless(TelegramService):
        @asynccontextmanager
        async def lifetime(self) -> AsyncIterator[None]:
            self._client = Client(Bot("1:a", request=request, get_updates_request=request))
            yield

        async def listen(self, deliver) -> None:
            await super().listen(partial(tally.deliver, deliver))

    settings = {"TELEGRAM_BOT_TOKEN": "1:a", "TELEGRAM_LIMITS": "off"}
    with disk() as folder:
        database = folder / "townhall.db"
        async with make_bot(database, {"telegram": Wireless}, echo, settings=settings) as bot:
            begun = tally.begin()
            request.opened.set()
            await tally.settle(bot)
            return {"per_second": events / (time.perf_counter() - begun)}


async def floor(events: int, said: str) -> dict[str, float]:
    """An application of the library as its documentation has it, with nothing stored."""
    request, tally = await canned(events, said), Tally(events)

    async def handle(update, _) -> None:
        if said == "answered":
            await update.message.reply_text("hello", do_quote=True)
        tally.count(1)

    bare = Application.builder().token("1:a").request(request).get_updates_request(request)
    async with bare.concurrent_updates(True).build() as application:
        application.add_handler(MessageHandler(filters.TEXT, handle))
        await application.updater.start_polling()
        await application.start()
        begun = tally.begin()
        request.opened.set()
        await tally.all
        seconds = time.perf_counter() - begun
        await application.updater.stop()
        await application.stop()
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
