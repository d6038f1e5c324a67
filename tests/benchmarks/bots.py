"""The bots of the benchmarks over the wire, each a process that runs until it is ended.

Their settings come from the environment, as the simulator names them. The floor is the library as
its documentation runs it, by `asyncio.run`; "tuned" is the same on Townhall's own event loop.
"""

from __future__ import annotations

import argparse
import asyncio
import os
from collections.abc import Mapping
from functools import partial

from figures import disk
from worlds import echo_again, make_bot

from bot.cli.setup import run_loop
from bot.cli.signals import until_signalled


async def townhall(platform: str, settings: Mapping[str, str]) -> None:
    """Townhall with an echo."""
    from connectors.discord.connector import DiscordService
    from connectors.telegram.connector import TelegramService

    kinds = {"discord": DiscordService, "telegram": TelegramService}
    connectors = {platform: kinds[platform]}
    with until_signalled(), disk() as folder:
        async with make_bot(folder / "townhall.db", connectors, echo_again, settings=settings):
            await asyncio.Event().wait()


async def telegram(_: str, settings: Mapping[str, str]) -> None:
    """Bare python-telegram-bot, on aiohttp, with concurrent updates."""
    from telegram.ext import Application, MessageHandler, filters

    from connectors.telegram.request import AiohttpRequest

    async def answer(update, _) -> None:
        await update.message.reply_text(text(update.message.text), do_quote=True)

    built = Application.builder().token(settings["TELEGRAM_BOT_TOKEN"])
    built = built.base_url(f"{settings['TELEGRAM_API_URL']}/bot").concurrent_updates(True)
    built = built.request(AiohttpRequest()).get_updates_request(AiohttpRequest())
    with until_signalled():
        async with built.build() as application:
            application.add_handler(MessageHandler(filters.TEXT, answer))
            await application.updater.start_polling()
            await application.start()
            try:
                await asyncio.Event().wait()
            finally:
                await application.updater.stop()
                await application.stop()


async def discord(_: str, settings: Mapping[str, str]) -> None:
    """Bare discord.py."""
    import discord
    from discord.gateway import DiscordWebSocket
    from discord.http import Route
    from yarl import URL

    Route.BASE = settings["DISCORD_API_URL"]
    DiscordWebSocket.DEFAULT_GATEWAY = URL(Route.BASE).with_scheme("ws").with_path("/gateway")
    client = discord.Client(
        intents=discord.Intents(guilds=True, messages=True, message_content=True)
    )

    @client.event
    async def on_message(message: discord.Message) -> None:
        if message.author != client.user:
            await message.reply(text(message.content))

    with until_signalled():
        async with client:
            await client.start(settings["DISCORD_BOT_TOKEN"])


def text(said: str) -> str:
    """What an echo says of `/echo hello`."""
    return said.removeprefix("/echo ")


def main() -> None:
    """Run one bot."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("platform", choices=("telegram", "discord"))
    parser.add_argument("side", choices=("townhall", "floor", "tuned"))
    asked = parser.parse_args()
    bare = telegram if asked.platform == "telegram" else discord
    side = townhall if asked.side == "townhall" else bare
    main = partial(side, asked.platform, dict(os.environ))
    if asked.side == "floor":
        asyncio.run(main())
    else:
        run_loop(main)


if __name__ == "__main__":
    main()
