"""A day on Telegram: people and the bot do all that there is to do."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import telegram
from telegram.error import TelegramError

from connectors.telegram.connector import TelegramService
from connectors.telegram.request import AiohttpRequest
from connectors.telegram.simulator import TelegramSimulator

from .stage import heard, listening, refused, say, service_of

CONFLICT = 409


async def play(recorder):
    """Play it."""
    async with (
        recorder.at(TelegramSimulator()) as server,
        service_of(TelegramService, server.settings) as bot,
        listening(bot),
    ):
        await bot.login()
        await morning(server, bot)
        await noon(server, bot)
        await afternoon(server, bot)
        await evening(server, recorder)
    await night(recorder)


async def morning(server, bot):
    """People talk everywhere, and change their minds."""
    ada, helper = server.add_person("Ada"), server.add_person("Helper", is_bot=True)
    group, news = server.add_room("Friends"), server.add_room("News", kind="channel")
    topic = server.add_room("Gardening", kind="thread", parent=group)
    direct = server.add_room(ada, kind="dm")
    first = await server.say(group, ada, "Helo @somebody")
    await server.edit(first, "Hello @somebody")
    await server.say(group, helper, "Hello, Ada", reply_to=first)
    for room in (group, topic, direct, news):
        await server.say(room, ada, f"/start in {room}", mention=True)
    await server.edit(await server.say(news, ada, "Nwes"), "News")
    await server.delete(first)
    await server.say(direct, ada, "Good morning")
    await heard(bot.runtime, "Good morning")


async def noon(server, bot):
    """The bot speaks everywhere, through the connector and through the library."""
    ada = server.add_person("Ada")
    group, direct = server.add_room("Square"), server.add_room(ada, kind="dm")
    topic = server.add_room("Prices", kind="thread", parent=group)
    asked = await server.say(group, ada, "Who are you?")
    ours = await say(bot, group, "A bot.", reply_to=asked)
    await server.say(group, ada, "I see", reply_to=ours)
    for room in (topic, direct, server.add_room("News", kind="channel")):
        await bot.typing(bot.room(room))
        await say(bot, room, "Hello, @everyone: /start")
    async with library(server) as api:
        await look_around(api, int(group), int(ada), int(ours.partition("/")[2]))


async def look_around(api, group, person, message):
    """What the library offers besides, to those who write handlers of their own."""
    await api.edit_message_text("The bot.", group, message)
    await api.delete_message(group, message)
    for chat in (group, person):
        await api.get_chat(chat)
    for member in (person, api.id):
        await api.get_chat_member(group, member)
    await api.set_my_commands([("start", "Begin")])
    assert await api.get_my_commands()
    await api.get_webhook_info()


async def afternoon(server, bot):
    """What Telegram refuses."""
    bob = server.add_person("Bob")
    group, direct = server.add_room("Club"), server.add_room(bob, kind="dm")
    theirs = await server.say(group, bob, "Mine")
    await server.block(direct)
    await server.block(group)
    await refused(say(bot, server.add_room("Inn"), "x" * 4097))
    await refused(say(bot, "1", "Anybody?"))
    await refused(say(bot, direct, "Let me in"))
    async with library(server) as api:
        editing = api.edit_message_text("Ours", int(group), int(theirs.partition("/")[2]))
        await refused(editing, TelegramError)


async def evening(server, recorder):
    """Somebody else reads the bot's updates, by polling and then by a webhook."""
    async with library(server) as api:
        polling = asyncio.create_task(api.get_updates(timeout=30))
        await recorder.seen(lambda exchange: exchange.status == CONFLICT)
        polling.cancel()
        await asyncio.gather(polling, return_exceptions=True)
        await api.set_webhook("https://example.org/hook")
        await refused(api.get_updates(), TelegramError)
        await api.delete_webhook()


async def night(recorder):
    """Tokens that are wrong, and one message too many."""
    async with recorder.at(TelegramSimulator(limits=True)) as server:
        for token in ("1:unknown", "nonsense"):
            wrong = {**server.settings, "TELEGRAM_BOT_TOKEN": token}
            async with service_of(TelegramService, wrong) as bot:
                await refused(bot.login())
        room = server.add_room(server.add_person("Ada"), kind="dm")
        async with service_of(TelegramService, server.settings) as bot:
            await say(bot, room, "Good night")
            await refused(say(bot, room, "Good night"))


@asynccontextmanager
async def library(server):
    """python-telegram-bot itself."""
    async with AiohttpRequest() as request:
        one = {"request": request, "get_updates_request": request}
        async with telegram.Bot(server.token, f"{server.url}/bot", **one) as api:
            yield api
