"""A day on X: people and the bot do all that there is to do."""

from __future__ import annotations

from connectors.twitter.connector import TwitterService
from connectors.twitter.simulator import TwitterSimulator

from .stage import heard, listening, part, refused, say, service_of

QUICK = {"TWITTER_POLL_SECONDS": "0.05"}


async def play(recorder):
    """Play it."""
    async with (
        recorder.at(TwitterSimulator()) as x,
        service_of(TwitterService, x.settings, **QUICK) as bot,
        listening(bot),
    ):
        await morning(x, bot)
        await noon(x, bot)
        await afternoon(x, bot)
    await evening(recorder)
    await night(recorder)


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
