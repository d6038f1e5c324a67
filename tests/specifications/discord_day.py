"""A day on Discord: people and the bot do all that there is to do."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from io import BytesIO

import aiohttp
import discord

from connectors.discord.connector import DiscordService
from connectors.discord.simulator import DiscordSimulator
from connectors.discord.simulator.limits import PER_CHANNEL

from .stage import heard, listening, part, refused, say, service_of

INTENTS = discord.Intents(guilds=True, messages=True, message_content=True).value
IDENTIFY, END, TOO_MANY = 2, "END", 429


async def play(recorder):
    """Play it; what the gateway told, in order."""
    async with recorder.at(DiscordSimulator()) as server, eavesdropping(server) as told:
        server.add_room("lobby")
        async with service_of(DiscordService, server.settings) as bot, listening(bot) as runtime:
            await runtime.wait_for_events(1)
            await morning(server, bot)
            await noon(server, bot)
            await afternoon(server, bot)
        await evening(server, runtime)
    await night(recorder)
    return told


async def morning(server, bot):
    """People talk everywhere, and change their minds."""
    ann, helper = server.add_person("Ann"), server.add_person("Helper", is_bot=True)
    lobby = server.add_room("market")
    thread = server.add_room("prices", kind="thread", parent=lobby)
    news, direct = server.add_room("news", kind="channel"), server.add_room(ann, kind="dm")
    first = await server.say(lobby, ann, "Helo")
    await server.edit(first, "Hello")
    answer = await server.say(lobby, helper, "Hello, Ann", reply_to=first)
    for room in (lobby, thread, news, direct):
        await server.say(room, ann, f"I am in {room}", mention=True)
    await server.delete(first)
    await server.delete(answer)
    await server.say(direct, ann, "Good morning")
    await heard(bot.runtime, "Good morning")


async def noon(server, bot):
    """The bot speaks everywhere, through the connector and through the library."""
    ann = server.add_person("Ann")
    lobby, direct = server.add_room("square"), server.add_room(ann, kind="dm")
    asked = await server.say(lobby, ann, "Who are you?")
    once = part(bot, lobby, "A bot.", reply_to=asked)
    message = (await bot.send(once)).message
    assert (await bot.send(once)).message == message
    assert (await bot.find(once)).message == message
    for room in (direct, server.add_room("talk", kind="thread", parent=lobby)):
        await bot.typing(bot.room(room))
        await say(bot, room, "Hello, all: @everyone")
    await look_around(bot.client, int(lobby), int(direct), int(ann), int(message))


async def look_around(client, lobby, direct, person, message):
    """What the library offers besides, to those who write handlers of their own."""
    for room in (lobby, direct):
        await client.fetch_channel(room)
    found = await client.get_partial_messageable(lobby).fetch_message(message)
    await found.edit(content="The bot.")
    before = discord.Object(message + 1)
    assert [one async for one in found.channel.history(limit=5, before=before)]
    await found.delete()
    await found.channel.send(file=discord.File(BytesIO(b"Hello"), "hello.txt"))
    user = await client.fetch_user(person)
    await user.create_dm()
    await client.fetch_guild(client.guilds[0].id, with_counts=False)
    await client.application_info()


async def afternoon(server, bot):
    """What Discord refuses."""
    lobby, closed = server.add_room("inn"), server.add_room("club")
    theirs = await server.say(lobby, server.add_person("Bob"), "Mine")
    await server.refuse(closed, 50013)
    await refused(say(bot, lobby, "x" * 2001))
    await refused(say(bot, lobby, " "))
    await refused(say(bot, "1", "Anybody?"))
    await refused(say(bot, closed, "Let me in"))
    message = bot.client.get_partial_messageable(int(lobby)).get_partial_message(int(theirs))
    fetching = bot.client.fetch_user(1), bot.client.fetch_guild(1)
    for doing in (message.edit(content="Ours"), *fetching):
        await refused(doing, discord.HTTPException)


async def evening(server, runtime):
    """Somebody speaks while the bot is away, and it catches up on what it missed."""
    room = server.add_room("late")
    await server.say(room, server.add_person("Cleo"), "Is anybody there?")
    async with service_of(DiscordService, server.settings) as bot:
        bot.runtime.store = runtime.store
        async with listening(bot):
            await heard(bot.runtime, "Is anybody there?")


async def night(recorder):
    """A token that is wrong, and one message too many from bots that do not know of each other."""
    async with recorder.at(DiscordSimulator(limits=True)) as server:
        room = server.add_room("lobby")
        wrong = {**server.settings, "DISCORD_BOT_TOKEN": "wrong"}
        async with service_of(DiscordService, wrong) as bot:
            await refused(bot.login())
        crowd = [asyncio.create_task(good_night(server, room)) for _ in range(PER_CHANNEL + 1)]
        await recorder.seen(lambda exchange: exchange.status == TOO_MANY)
        for one in crowd:
            one.cancel()  # the library would wait until it may go on
        await asyncio.gather(*crowd, return_exceptions=True)


async def good_night(server, room):
    """A bot that only comes to say so."""
    async with service_of(DiscordService, server.settings) as bot:
        await say(bot, room, "Good night")


@asynccontextmanager
async def eavesdropping(server):
    """What the gateway tells a bot that just listens."""
    told = []
    async with aiohttp.ClientSession(server.url) as web, web.ws_connect("/gateway") as ws:
        asked = {"token": server.state.token, "intents": INTENTS, "properties": {}}
        await ws.send_json({"op": IDENTIFY, "d": asked})
        listens = asyncio.create_task(_listen(ws, told))
        yield told
        await server.inject({"t": END, "d": None})
        await asyncio.wait_for(listens, 10)


async def _listen(ws, told):
    async for frame in ws:
        event = frame.json()
        if event["t"] == END:
            return
        if event["t"]:
            told.append((event["t"], event["d"]))
