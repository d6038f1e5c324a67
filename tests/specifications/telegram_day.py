"""A day on Telegram: people and the bot do all that there is to do."""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager

import telegram
from telegram.error import TelegramError

from bot.content import Attachment, Button, MediaKind, Verb
from connectors.telegram.connector import TelegramService
from connectors.telegram.request import AiohttpRequest
from connectors.telegram.simulator import TelegramSimulator

from .stage import heard, listening, part, refused, say, service_of
from .telegram_shares import FILES, SHARES

CONFLICT = 409
TALKERS = 12
"""How many people are about at the busiest hour; each says something in each of their groups."""


async def play(recorder, folder):
    """Play it.

    Args:
        folder: where files may be written.
    """
    async with (
        recorder.at(TelegramSimulator()) as server,
        service_of(TelegramService, server.settings) as bot,
        bot.runtime.media,
    ):
        async with listening(bot):
            await bot.login()
            await morning(server, bot)
            await rush(server, bot)
            await noon(server, bot)
            await lunch(server, bot)
            await shows(server, bot, folder)
            await signs(server, bot)
            await comings(server, bot)
            await afternoon(server, bot)
            await evening(server, recorder)
        await dusk(server)
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
    await server.command(group, ada, "roll", {"sides": 6})
    await server.say(direct, ada, "Good morning")
    await heard(bot.runtime, "Good morning")


async def rush(server, bot):
    """Everybody talks at once, edits and reacts."""
    people = [server.add_person(f"Person {n}") for n in range(TALKERS)]
    groups = [server.add_room(f"Group {n}") for n in range(4)]
    for person in people:
        for group in groups:
            message = await server.say(group, person, f"I am {person}")
            await server.edit(message, f"I am number {person}")
            await server.react(message, person, "👍")
    await server.say(groups[0], people[0], "What a noise")
    await heard(bot.runtime, "What a noise")


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
    await say(bot, direct, "<b>Bold</b> &amp; <i>proud</i>", markup=True)
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
    assert (await api.create_forum_topic(group, "News")).message_thread_id
    await refused(api.create_forum_topic(person, "News"), TelegramError)
    await api.get_webhook_info()


async def lunch(server, bot):
    """People show each other all that is no text; the bot looks at it."""
    ada = server.add_person("Ada")
    group = server.add_room("Table")
    topic = server.add_room("Menu", kind="thread", parent=group)
    for file in FILES:
        await server.say(group, ada, f"See: {file.name}", files=[file])
    await server.edit(await server.say(topic, ada, "Two", files=FILES[:2]), "Two files")
    for what in SHARES.values():
        server.people.share(topic, ada, **what)
    server.people.wear(ada, FILES[1])
    await server.say(group, ada, "Enough")
    await heard(bot.runtime, "Enough")
    told = [one for one in bot.runtime.delivered if one.content and one.content.attachments]
    [photo] = [one for one in told if one.content.text == "See: photo.jpg"]
    async with bot.fetch(photo.content.attachments[0]) as pieces:
        assert b"".join([piece async for piece in pieces]) == FILES[1].data
    assert await bot.avatar(photo.sender)
    await refused(_all_of(bot, Attachment(key="nothing")))


async def _all_of(bot, attachment):
    async with bot.fetch(attachment) as pieces:
        return [piece async for piece in pieces]


async def shows(server, bot, folder):
    """The bot shows files: new ones, ones that Telegram has, and several at once."""
    room = server.add_room("Gallery")
    files = []
    for one in FILES:
        (folder / one.name).write_bytes(one.data)
        kind, media_type = one.kind, one.media_type
        files.append(Attachment.file(folder / one.name, kind=kind, media_type=media_type))
        await say(bot, room, "" if kind is MediaKind.STICKER else "See", attachments=(files[-1],))
    await say(bot, room, "Both", attachments=(files[1], files[3]))
    await say(bot, room, "All", attachments=tuple(files))


async def signs(server, bot):
    """Buttons are shown and pressed, messages are changed, and there are reactions to all."""
    ada = server.add_person("Ada")
    room = server.add_room("Desk")
    buttons = (Button(label="Yes", value="yes"), Button(label="Site", url="https://example.org"))
    asked = await say(bot, room, "Sure?", buttons=buttons)
    await server.press(asked, ada, "Yes")
    for emoji in ("🔥", "5010", "paid"):
        await server.react(asked, ada, emoji)
    await server.react(asked, ada, "paid", removed=True)
    theirs = await server.say(room, ada, "Nice")
    for verb, text, target in (
        (Verb.EDIT, "Certain?", asked),
        (Verb.REACT, "👍", theirs),
        (Verb.UNREACT, "👍", theirs),
        (Verb.DELETE, "", asked),
        (Verb.DELETE, "", asked),
    ):
        await bot.change(part(bot, room, text, verb=verb, target=target))
    await server.say(room, ada, "Done")
    await heard(bot.runtime, "Done")
    await asyncio.wait_for(_answered(server), 10)


async def _answered(server):
    while not server.calls["answercallbackquery"]:  # noqa: ASYNC110 - nothing announces it
        await asyncio.sleep(0.005)


async def comings(server, bot):
    """People come and go, and so does the bot; rooms get new names, and a group a new id."""
    ada, bob = server.add_person("Ada"), server.add_person("Bob")
    group = server.add_room("Hall")
    topic = server.add_room("Roses", kind="thread", parent=group)
    small = server.people.found("Club")
    for person in (ada, bob):
        server.people.join(group, person)
    server.people.leave(group, ada)
    server.people.leave(group, bob, by=ada)
    server.people.rename_room(topic, "Tulips")
    server.people.rename_room(group, "Great Hall")
    server.people.block(group)
    server.people.admit(group)
    await server.say(small, ada, "We are many")
    new = server.people.migrate(small)
    await say(bot, small, "Where are you?")
    await server.say(new, ada, "Here we are")
    await heard(bot.runtime, "Here we are")


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
        polling = asyncio.create_task(read_on(api))
        await recorder.seen(lambda exchange: exchange.status == CONFLICT)
        polling.cancel()
        await asyncio.gather(polling, return_exceptions=True)
        await api.set_webhook("https://example.org/hook")
        await refused(api.get_updates(), TelegramError)
        await api.delete_webhook()


async def read_on(api):
    """Poll, also what the bot has not confirmed yet."""
    while True:
        await api.get_updates(timeout=30)


async def dusk(server):
    """The bot has its updates sent, and then polls again."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url = {"TELEGRAM_WEBHOOK_URL": f"http://127.0.0.1:{port}/hook"}
    room, ada = server.add_room("Porch"), server.add_person("Ada")
    async with (
        service_of(TelegramService, server.settings, **url, TELEGRAM_WEBHOOK_PORT=str(port)) as bot,
        listening(bot),
    ):
        await server.say(room, ada, "Good evening")
        await heard(bot.runtime, "Good evening")
        notes = bot.runtime.store.notes
    async with service_of(TelegramService, server.settings) as bot:
        bot.runtime.store.notes |= notes
        async with listening(bot):
            await server.say(room, ada, "Sleep well")
            await heard(bot.runtime, "Sleep well")


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
