"""Who people are, and what they do besides speaking."""

from __future__ import annotations

import pytest

from bot.events import EventKind, Presence
from bot.memory import Entity
from connectors.discord.translate.faces import REMEMBERS, Faces


@pytest.fixture
def room(discord, ready):
    """Where everybody is, and where Discord greets."""
    return discord.state.lobby


async def test_a_reaction_is_about_the_memory_reacted_to(discord, ready, ann, room):
    """Taking it back is, too; giving it again is another event."""
    said = await discord.say(room, ann, "It rains")
    for removed in (False, True, False):
        await discord.react(said, ann, "👍", removed=removed)
    message, *events = await ready.hears(4)
    kinds = [EventKind.REACTION, EventKind.UNREACTION, EventKind.REACTION]
    assert [one.kind for one in events] == kinds
    for one in events:
        assert (one.target, one.room.key, one.content.text) == (message.message, room, "👍")
        assert (one.sender.key, one.memory()) == (ann, None)
    assert events[0].sender.name == "Ann"


async def test_an_emoji_of_the_server_is_called_by_name(discord, ready, ann, room):
    """Its picture cannot be put in a text."""
    await discord.react(await discord.say(room, ann, "hello"), ann, ":party:")
    _, event = await ready.hears(2)
    assert event.content.text == ":party:"


async def test_a_reaction_in_a_private_room_is_told_too(discord, ready, ann):
    """By an id alone; who that is was told with the messages."""
    direct = discord.add_room(ann, kind="dm")
    await discord.react(await discord.say(direct, ann, "hello"), ann, "👍")
    message, event = await ready.hears(2)
    assert (event.sender.id, event.sender.name) == (message.sender.id, "")
    assert event.room == message.room


async def test_reactions_may_be_cleared_by_others(discord, ready, ann, room):
    """All of them, or those of one emoji; it is not told whose they were."""
    said = await discord.say(room, ann, "hello")
    await discord.clear_reactions(said, "👍")
    await discord.clear_reactions(said)
    _, *events = await ready.hears(3)
    assert [one.content.text for one in events] == ["👍", ""]
    assert {(one.kind, one.sender) for one in events} == {(EventKind.UNREACTION, None)}


async def test_the_bot_does_not_hear_its_own_reactions(discord, ready, ann, room):
    """As it does not hear what it says."""
    said = await discord.say(room, ann, "hello")
    await discord.react(said, discord.state.bot, "👀")
    await discord.react(said, ann, "👍")
    _, event = await ready.hears(2)
    assert event.content.text == "👍"
    assert event.target == said


async def test_who_joins_or_leaves_is_told_where_the_server_greets(discord, ready, room):
    """Discord does not say whether somebody who left was made to."""
    bob = discord.add_person("Bob")
    await discord.join(bob)
    await discord.leave(bob)
    events = await ready.does(EventKind.MEMBERSHIP, 2)
    assert [one.presence for one in events] == [Presence.JOINED, Presence.LEFT]
    assert {(one.sender.name, one.room.key, one.is_own) for one in events} == {("Bob", room, False)}


async def test_without_the_intent_members_are_not_told_and_the_rest_is(discord, ann, listening):
    """The bot asks only for what its application may have."""
    await discord.disable_intents()
    async with listening(discord.settings) as bot:
        room = discord.add_room("lobby")
        await bot.runtime.wait_for_events(1)
        await discord.join(discord.add_person("Bob"))
        await discord.say(room, ann, "hello", mention=True)
        await bot.hears(1)
    assert not [one for one in bot.runtime.delivered if one.presence]


async def test_a_new_name_is_told_with_the_picture(discord, ready, ann, room):
    """So that the next answer calls people as they are called now."""
    await discord.say(room, ann, "hello")
    await discord.rename(ann, "Annie", avatar="a_1b2c")
    _, event = await ready.hears(2)
    assert (event.kind, event.sender.name, event.is_own) == (EventKind.PROFILE, "Annie", False)
    assert event.sender.avatar == f"https://cdn.discordapp.com/avatars/{ann}/a_1b2c.gif"


async def test_what_changes_nothing_that_we_keep_of_people_is_not_told(discord, ready, ann, room):
    """A server changes roles all day; and of who was never heard of, a name is none that is new."""
    bob = discord.add_person("Bob")
    await discord.say(room, ann, "hello")
    discord.add_role("Cooks", ann, bob)
    await discord.rename(bob, "Robert")
    await discord.rename(ann, "Annie")
    discord.add_role("Guests", ann, bob)
    await discord.say(room, ann, "bye")
    _, *events, _ = await ready.hears(4)
    assert [(one.kind, one.sender.name) for one in events] == [
        (EventKind.PROFILE, "Robert"),
        (EventKind.PROFILE, "Annie"),
    ]


def seen(name, key="7"):
    return Entity(platform="discord", key=key, name=name)


def test_a_name_that_several_servers_tell_of_is_news_once():
    """And a nickname in one of them is no news in the others."""
    faces = Faces()
    faces.see(seen("Ann"), "1")
    faces.see(seen("Captain"), "2")
    assert not faces.changed(seen("Ann"), "1")
    assert not faces.changed(seen("Annie"), "3")
    assert [faces.changed(seen("Annie"), guild) for guild in "12"] == [True, False]


def test_only_the_latest_faces_are_remembered():
    """A platform has more people than we have memory."""
    faces = Faces()
    for key in range(REMEMBERS):
        faces.see(seen("Ann", str(key)), "1")
    assert len(faces._known) == REMEMBERS
    assert not faces.changed(seen("Annie", "0"), "1")


async def test_our_own_new_name_is_ours(discord, ready):
    """It is changed in the Developer Portal, or by the owner."""
    await discord.rename(discord.state.bot, "Hall")
    [event] = await ready.hears(1)
    assert (event.kind, event.sender.name, event.is_own) == (EventKind.PROFILE, "Hall", True)


async def test_who_has_no_picture_is_known_to_have_none(discord, ready, ann, room):
    """Not told is something else."""
    await discord.say(room, ann, "hello")
    [event] = await ready.hears(1)
    assert event.sender.avatar == ""


async def test_a_role_of_ours_speaks_to_the_bot(discord, ready, ann, room):
    """That which Discord made for it, and those which people give it; no others."""
    [made] = discord.state.members[discord.state.bot]["roles"]
    given, other = discord.add_role("Helpers", discord.state.bot), discord.add_role("Cooks")
    for role in (made, given, other):
        await discord.say(room, ann, f"<@&{role}> hello")
    events = await ready.hears(3)
    assert [one.addressed for one in events] == [True, True, False]
    assert ready.texts() == ["hello", "hello", "@Cooks hello"]
