"""A day on X: people and the bot do all that there is to do."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from bot.content import Attachment, MediaKind, Verb
from bot.media import Media
from bot.testing.simulator import Upload
from connectors.twitter.connector import TwitterService
from connectors.twitter.simulator import TwitterSimulator

from .stage import heard, listening, part, refused, say, service_of
from .twitter_activity import line_of, told_at_once

QUICK = {"TWITTER_POLL_SECONDS": "0.05", "TWITTER_CONVERSATIONS": "10"}
STREAM = "/2/tweets/search/stream"
PHOTO = Upload("cat.png", b"\x89PNG" * 9, "image/png", MediaKind.IMAGE)
FILM = Upload("cat.mp4", b"\x00ftyp" * 9, "video/mp4", MediaKind.VIDEO)
GIF = Upload("cat.gif", b"GIF89a" * 9, "image/gif", MediaKind.IMAGE)


async def play(recorder):
    """Play it."""
    async with (
        recorder.at(TwitterSimulator()) as x,
        service_of(TwitterService, x.settings, **QUICK) as bot,
        listening(bot),
    ):
        await morning(x, bot)
        await shown(x, bot)
        await together(x, bot)
        await noon(x, bot)
        await afternoon(x, bot)
        with TemporaryDirectory() as folder:
            await showing(x, bot, Path(folder))
        await acting(x, bot)
    await evening(recorder)
    await night(recorder)
    await streamed(recorder)
    await told_at_once(recorder, [PHOTO, FILM])
    await signed_otherwise(recorder)


async def morning(x, bot):
    """People talk, and more of them than fit on a page; one changes their mind."""
    ada, bob = x.add_person("Ada"), x.add_person("Bob")
    square, direct = x.add_room("What do you think?"), x.add_room(ada, kind="dm")
    first = await x.say(square, ada, "See https://example.org/?a=1&b=2 <now>", mention=True)
    await x.say(square, bob, "I agree", reply_to=first, mention=True)
    for number in range(101):
        await x.say(square, bob, f"Again {number}", mention=True)
        await x.say(direct, ada, f"Again {number}")
    await x.edit(first, "See it")
    await x.say(direct, ada, "Good morning")
    await heard(bot.runtime, "Good morning")


async def shown(x, bot):
    """All that a post can show, and what it cannot: hidden posts and people."""
    ada, bob = x.add_person("Ada"), x.add_person("Bob")
    await x.rename(ada, "Countess Ada", picture="https://pbs.twimg.com/1/ada_normal.jpg")
    square, other = x.add_room("Look"), x.network.post(x.network.people[bob], "A cat & a dog")
    secret = x.network.post(x.network.people[x.add_person("Eve")], "Psst")
    x.hide(secret.author.id)
    for more in (
        {"files": [PHOTO, FILM, GIF]},
        {"quoted": other},
        {"quoted": secret},
        {"poll": x.network.add_poll("Cat", "Dog")},
        {"preview": ("A page", "About cats")},
    ):
        await x.say(square, ada, "See https://example.org/cats", mention=True, **more)
    x.network.media[next(iter(x.network.media))].alt = "A cat."
    await x.say(square, ada, "That was all", mention=True)
    await heard(bot.runtime, "That was all\n\n[A page: About cats]".partition("\n")[0])


async def together(x, bot):
    """Conversations of several, the bot among them, and one that it follows."""
    ada, bob = x.add_person("Ada"), x.add_person("Bob")
    group, square = x.add_group(ada, bob), x.add_room("Who is there?")
    await x.say(group, ada, "A picture, see https://example.org", files=[PHOTO])
    for person in (bob, x.bot.id):
        x.move(group, person, joins=False)
        x.move(group, person, joins=True)
    x.hide(bob, suspended=True)
    await x.say(group, ada, "He is gone")
    await heard(bot.runtime, "He is gone")
    asked = await x.say(square, ada, "You?", mention=True)
    await say(bot, square, "Me.", reply_to=asked)
    for number in range(101):
        await x.say(square, ada, f"Not you {number}", bare=True)
    await heard(bot.runtime, "Not you 100")


async def noon(x, bot):
    """The bot speaks everywhere, through the connector and through the library."""
    ada = x.add_person("Ada")
    square, direct = x.add_room("Who are you?"), x.add_room(ada, kind="dm")
    asked = await x.say(square, ada, "I ask you", mention=True)
    once = part(bot, square, "A bot.", reply_to=asked)
    ours = (await bot.send(once)).message
    assert (await bot.find(once)).message == ours
    await say(bot, "timeline", "Look: https://example.org/?a=1&b=2")
    await say(bot, direct, "Hello & welcome")
    await look_around(bot.client, ada, ours, direct.removeprefix("dm/"))


async def look_around(client, person, post, conversation):
    """What the library offers besides."""
    await client.create_direct_message(participant_id=person, text="It is me")
    await client.get_direct_message_events(dm_conversation_id=conversation)
    await client.get_user(username="Ada")
    await client.get_user(id=person)
    await client.get_users_tweets(person, max_results=5)
    await client.get_tweet(post)
    await client.delete_tweet(post)
    assert "errors" in await client.get_tweet(post)
    assert "errors" in await client.get_user(id="1")


async def afternoon(x, bot):
    """What X refuses."""
    square, bob = x.add_room("Am I heard?"), x.add_person("Bob")
    theirs = await x.say(square, bob, "Mine")
    await say(bot, "timeline", "Twice")
    await refused(say(bot, "timeline", "Twice"))
    await refused(say(bot, "timeline", "x" * 281))
    await refused(say(bot, square, "Too late", reply_to="1"))
    await refused(say(bot, "dm/1-2", "Anybody?"))
    for doing in (bot.client.delete_tweet(theirs), bot.client.get_users_mentions("1")):
        await refused(doing)


async def showing(x, bot, folder):
    """Files that the bot shows, in posts and direct messages, and those that X does not take."""
    ada = x.add_person("Ada")
    square, direct = x.add_room("Show me"), x.add_room(ada, kind="dm")
    kept = {one.name: Attachment.file(on_disk(folder, one)) for one in (PHOTO, FILM, GIF)}
    photo = kept[PHOTO.name].model_copy(update={"description": "A cat."})
    for more in (
        {"attachments": (photo,) * 4},
        {"attachments": (kept[FILM.name],), "reply_to": square},
        {"attachments": (kept[GIF.name],)},
    ):
        await say(bot, square if "reply_to" in more else "timeline", "Look", **more)
    for file in kept.values():
        await say(bot, direct, "", attachments=(file,))
    x.uploads.is_refusing = True
    await refused(say(bot, "timeline", "Look", attachments=(kept[FILM.name],)))
    await refused(bot.client.request("GET", "/2/media/upload", {"media_id": "1"}, user_auth=True))
    await refused(say(bot, "timeline", "x" * 281, attachments=(photo,)))


def on_disk(folder, upload):
    """The path of a file that was written for this."""
    path = folder / upload.name
    path.write_bytes(upload.data)
    return path


async def acting(x, bot):
    """What the bot does to posts and messages, each twice, and what it may not do."""
    ada = x.add_person("Ada")
    square, direct = x.add_room("Nice?"), x.add_room(ada, kind="dm")
    theirs, letter = await x.say(square, ada, "Nice."), await x.say(direct, ada, "Hello")
    ours, note = await say(bot, "timeline", "Gone soon"), await say(bot, direct, "Gone soon, too")
    for verb, room, target in (
        (Verb.REACT, square, theirs),
        (Verb.UNREACT, square, theirs),
        (Verb.REPOST, square, theirs),
        (Verb.DELETE, "timeline", ours),
        (Verb.DELETE, direct, note),
    ):
        for _ in ("once", "again"):
            await bot.change(part(bot, room, "❤", verb=verb, target=target))
    for verb, room, target in ((Verb.DELETE, square, theirs), (Verb.DELETE, direct, letter)):
        await refused(bot.change(part(bot, room, "", verb=verb, target=target)))
    x.gate.lacking.add("/2/users/{id}/likes")
    await refused(bot.change(part(bot, square, "❤", verb=Verb.REACT, target=theirs)))


async def evening(recorder):
    """An app that may only read, on an X that lets only answer those who asked."""
    async with recorder.at(TwitterSimulator(only_mentioned=True)) as x:
        square = x.add_room("Not to you")
        async with service_of(TwitterService, x.settings) as bot:
            await refused(say(bot, square, "Excuse me", reply_to=square))
            x.gate.access = "read"
            await refused(say(bot, "timeline", "Good evening"))
            await refused(bot.client.get_me(user_auth=False))


async def night(recorder):
    """Keys that are wrong, and one request too many."""
    async with recorder.at(TwitterSimulator(limits=True)) as x:
        wrong = {**x.settings, "TWITTER_ACCESS_TOKEN": "wrong"}
        async with service_of(TwitterService, wrong) as bot:
            await refused(bot.login())
        x.set_window("POST", "/2/tweets", limit=1, seconds=60)
        async with service_of(TwitterService, x.settings) as bot:
            await say(bot, "timeline", "Good night")
        async with service_of(TwitterService, x.settings) as unaware:
            await refused(say(unaware, "timeline", "Sleep well"))


async def streamed(recorder):
    """Posts as they are made, their rules, and money that runs out."""
    more = {"TWITTER_STREAM": "filtered", "TWITTER_CONVERSATIONS": "10"}
    async with (
        recorder.at(TwitterSimulator()) as x,
        service_of(TwitterService, x.settings, **more) as bot,
        listening(bot),
    ):
        ada, square = x.add_person("Ada"), x.add_room("Hear")
        await recorder.seen(lambda exchange: exchange.path.endswith("/mentions"))
        asked = await x.say(square, ada, "At once?", mention=True, files=[PHOTO])
        await heard(bot.runtime, "At once?")
        await say(bot, square, "At once.", reply_to=asked)
        await recorder.seen(lambda one: "conversation_id" in str(one.body) and "add" in one.body)
        for number in range(50):
            await x.say(square, ada, f"Again {number}", bare=True)
        await heard(bot.runtime, "Again 49")
        await bot.client.request(
            "POST", f"{STREAM}/rules", json={"add": [{"value": "@Townhall_Bot -is:retweet"}]}
        )
        await refused(bot.client.request("POST", f"{STREAM}/rules", json={"add": [{"value": "("}]}))
        ours = next(iter(x.stream.rules))
        await bot.client.request("POST", f"{STREAM}/rules", json={"delete": {"ids": [ours]}})
        x.credits.balance = 0.0
        await refused(say(bot, "timeline", "One more"))
    recorder.exchanges += (line_of(STREAM, *told) for told in x.stream.told)


async def signed_otherwise(recorder):
    """By OAuth 2.0, a direct message's file comes from the API."""
    async with (
        recorder.at(TwitterSimulator()) as x,
        service_of(TwitterService, x.oauth2, TWITTER_POLL_SECONDS="0.05") as bot,
        listening(bot),
    ):
        ada = x.add_person("Ada")
        await x.say(x.add_room(ada, kind="dm"), ada, "For you", files=[PHOTO])
        await heard(bot.runtime, "For you")
        [photo] = bot.runtime.delivered[0].content.attachments
        async with bot.runtime.media, Media(bot.fetch) as media:
            assert await media.read(photo) == PHOTO.data
