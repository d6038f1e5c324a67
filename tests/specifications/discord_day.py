"""A day on Discord: people and the bot do all that there is to do."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from io import BytesIO
from typing import Annotated

import aiohttp
import discord

from bot.action import Complete, action
from bot.content import Attachment, Button, Card, Persona, Select, Verb
from bot.media import Media
from bot.testing.simulator import Upload
from connectors.discord.connector import DiscordService
from connectors.discord.simulator import DiscordSimulator, posts
from connectors.discord.simulator.limits import PER_CHANNEL

from .stage import heard, listening, part, refused, say, service_of

INTENTS = discord.Intents(
    guilds=True, members=True, messages=True, message_content=True, reactions=True
).value


async def cities(typed):
    return [one for one in ("Oslo", "Osaka") if one.startswith(typed)]


@action
async def fly(_turn, to: Annotated[str, Complete(cities)], seats: int = 1):
    """Go somewhere."""
    return f"{seats} to {to}"


IDENTIFY, END, TOO_MANY = 2, "END", 429

TEA = Select(options=(Button(label="Tea", value="tea"), Button(label="Milk", value="milk")), most=2)
OFFER = {
    "buttons": (Button(label="Yes", value="/yes"), Button(label="Why", url="https://example.org")),
    "selects": (TEA,),
    "cards": (Card(title="Shop", text="Open", fields=(("Until", "8"),), footer="Here"),),
    "attachments": (Attachment.file(__file__),),
}


async def play(recorder):
    """Play it; what the gateway told, in order."""
    async with recorder.at(DiscordSimulator()) as server, eavesdropping(server) as told:
        server.add_room("lobby")
        async with service_of(DiscordService, server.settings) as bot:
            bot.runtime.abilities.add((fly,))
            runtime = await through_the_day(server, bot)
        await evening(server, runtime)
    await night(recorder)
    return told


async def through_the_day(server, bot):
    """All that happens while the bot is there; its runtime."""
    async with listening(bot) as runtime:
        await runtime.wait_for_events(1)
        for scene in (morning, market, crowd, noon, trade, questions, afternoon):
            await scene(server, bot)
    return runtime


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


async def market(server, bot):
    """People show each other what they have."""
    ann, bob = server.add_person("Ann"), server.add_person("Bob")
    forum = server.add_room("help", kind="forum")
    post = server.add_room("It does not start", kind="thread", parent=forum)
    group, direct = server.add_group(ann, bob), server.add_room(ann, kind="dm")
    picture = Upload("cat.png", b"PNG...", "image/png")
    for room in (server.add_room("stalls"), post, group, direct):
        said = await server.say(room, ann, "Look", files=[picture])
        await server.speak(room, ann, b"Ogg...", 1.5)
        for fields in (
            posts.sticker("Wave"),
            posts.poll("Lunch?", "Pizza", "Soup"),
            posts.embed("News", "It rains.", Where="here"),
        ):
            await server.post(room, ann, "Look", **fields)
        await server.forward(room, ann, said)
        await react(server, said, ann, bob)
        await server.delete_all([said])
    await server.say(group, ann, "That is all", files=[picture])
    await heard(bot.runtime, "That is all")
    await fetched(bot, picture)


async def react(server, said, *people):
    """All that can be done with an emoji."""
    for emoji in ("👍", ":party:"):
        for person in people:
            await server.react(said, person, emoji)
        await server.react(said, people[0], emoji, removed=True)
        await server.clear_reactions(said, emoji)
    await server.react(said, people[0], "👀")
    await server.clear_reactions(said)


async def fetched(bot, upload):
    """The newest file arrives as it was sent."""
    files = [
        file for one in bot.runtime.delivered if one.content for file in one.content.attachments
    ]
    async with Media(bot.fetch) as media:
        bot.runtime.media = media
        assert await media.read(files[-1]) == upload.data


async def crowd(server, bot):
    """People and roles come and go, channels too, and in the end the bot itself."""
    square = server.add_room("forum")
    cooks = server.add_role("Cooks", server.state.bot)
    for number in range(60):
        person = server.add_person(f"Person {number}")
        await server.join(person)
        await server.say(square, person, f"Hello <@&{cooks}>, I am {number}")
        await server.rename(person, f"Somebody {number}", avatar=f"{number:032x}")
        await server.leave(person)
    await server.rename(server.state.bot, "Hall")
    thread = server.add_room("talk", kind="thread", parent=square)
    await server.remove_room(thread)
    await server.remove_room(square)
    await server.expel()
    await server.invite()
    back = server.add_room("back")
    await server.say(back, server.add_person("Ann"), "Welcome back")
    await heard(bot.runtime, "Welcome back")


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


async def trade(server, bot):
    """The bot says all that can be said, and changes its mind; people press and choose."""
    ann, hall = server.add_person("Ann"), server.add_room("hall")
    forum = server.add_room("shop", kind="forum")
    async with Media(bot.fetch) as media:
        bot.runtime.media = media
        offer = await say(bot, hall, "Choose", **OFFER)
        await say(bot, hall, "And now a guest", persona=Persona(name="Guest"))
        await say(bot, hall, "Let us talk", thread="Talk")
        await say(bot, forum, "What can I do?", thread="It does not start", cards=OFFER["cards"])
        for verb in (Verb.REACT, Verb.UNREACT):
            await bot.change(part(bot, hall, "👍", verb=verb, target=offer))
        await bot.change(part(bot, hall, "Choose one", verb=Verb.EDIT, target=offer, **OFFER))
        for label in ("Yes", "Tea"):
            await server.press(offer, ann, label)
            await answered(server, bot, hall, label)
        await bot.change(part(bot, hall, "", verb=Verb.DELETE, target=offer))


async def questions(server, bot):
    """People give commands, and are helped with typing them."""
    bea = server.add_person("Bea")
    for room in (server.add_room("desk"), server.add_room(bea, kind="dm")):
        await server.command(room, bea, "fly", {"to": "Oslo", "seats": 2})
        await answered(server, bot, room, f"To Oslo from {room}")
        typed = await server.type(room, bea, "fly", "to", "Os")
        await server.wait_for(lambda _, typed=typed: typed.choices)


async def answered(server, bot, room, text):
    """Answer who asked last, twice: the second answer is a message of its own, for them only."""
    asked, runtime = server.last_asked.id, bot.runtime

    def told():
        return [one for one in runtime.delivered if one.via and one.via["id"] == asked]

    while not told():
        await runtime.wait_for_events(len(runtime.delivered) + 1)
    for private in (False, True):
        await say(bot, room, text, via=told()[0].via, private=private)


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
        await _listen(ws, told, "GUILD_CREATE")
        listens = asyncio.create_task(_listen(ws, told, END))
        yield told
        await server.inject({"t": END, "d": None})
        await asyncio.wait_for(listens, 10)


async def _listen(ws, told, last):
    async for frame in ws:
        event = frame.json()
        if event["t"] and event["t"] != END:
            told.append((event["t"], event["d"]))
        if event["t"] == last:
            return
