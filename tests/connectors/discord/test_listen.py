"""What people do on Discord reaches the bot in our words."""

from __future__ import annotations

import pytest

from bot.content import Persona
from bot.events import EventKind
from bot.memory import RoomKind


async def test_a_direct_message_speaks_to_the_bot(discord, ready, ann):
    """In a DM nobody needs to name the bot."""
    room = discord.add_room(ann, kind="dm")
    said = await discord.say(room, ann, "hello")
    (event,) = await ready.hears(1)
    assert (event.content.text, event.message, event.addressed) == ("hello", said, True)
    assert (event.room.key, event.room.kind, event.sender.name) == (room, RoomKind.DM, "Ann")


async def test_in_a_server_a_mention_speaks_to_the_bot(discord, ready, ann):
    """What is said there is heard either way; the mention itself is not part of the text."""
    room = discord.add_room("lobby")
    await discord.say(room, ann, "nice weather")
    await discord.say(room, ann, "hello", mention=True)
    aside, event = await ready.hears(2)
    assert (aside.content.text, aside.addressed) == ("nice weather", False)
    assert (event.content.text, event.addressed) == ("hello", True)
    assert (event.room.kind, event.room.name) == (RoomKind.GROUP, "lobby")
    assert event.room.world.key == discord.state.guild_id


async def test_an_answer_to_the_bot_speaks_to_it(discord, ready, ann, to):
    """A reply names the message that it answers, and needs no mention."""
    room = discord.add_room("lobby")
    receipt = await ready.service.send(to(room, "I am here"))
    await discord.say(room, ann, "good", reply_to=receipt.message)
    (event,) = await ready.hears(1)
    assert (event.reply_to, event.addressed) == (receipt.message, True)


async def test_an_answer_to_somebody_else_does_not(discord, ready, ann):
    """People answer each other."""
    room, bob = discord.add_room("lobby"), discord.add_person("Bob")
    said = await discord.say(room, ann, "who is here?")
    await discord.say(room, bob, "me", reply_to=said)
    _, event = await ready.hears(2)
    assert (event.reply_to, event.addressed) == (said, False)


async def test_a_thread_is_a_room_of_its_own(discord, ready, ann):
    """It knows the channel that it hangs on."""
    lobby = discord.add_room("lobby")
    thread = discord.add_room("plans", kind="thread", parent=lobby)
    await discord.say(thread, ann, "let us begin")
    (event,) = await ready.hears(1)
    assert (event.room.key, event.room.kind) == (thread, RoomKind.THREAD)
    assert (event.room.parent, event.room.name) == (lobby, "plans")


async def test_a_thread_that_we_come_to_see_is_known(discord, ready, ann):
    """Discord lists the threads of a channel that is opened to the bot."""
    lobby = discord.add_room("lobby")
    thread = discord.state.add_channel("plans", 11, lobby)
    listing = {"guild_id": discord.state.guild_id, "threads": [discord.state.described(thread)]}
    await discord.inject({"t": "THREAD_LIST_SYNC", "d": listing})
    await discord.say(thread.id, ann, "welcome")
    (event,) = await ready.hears(1)
    assert event.room.parent == lobby


async def test_an_edit_changes_the_same_memory(discord, ready, ann):
    """It has a revision, so that the newest wins."""
    room = discord.add_room("lobby")
    said = await discord.say(room, ann, "helo")
    await discord.edit(said, "hello")
    first, second = await ready.hears(2)
    assert (second.kind, second.content.text) == (EventKind.EDIT, "hello")
    assert second.memory_id == first.memory_id
    assert second.revision > first.revision


async def test_a_deletion_leaves_a_tombstone(discord, ready, ann):
    """It is about the same memory."""
    room = discord.add_room("lobby")
    said = await discord.say(room, ann, "hello")
    await discord.delete(said)
    first, second = await ready.hears(2)
    assert second.kind is EventKind.DELETE
    assert second.memory().id == first.memory().id
    assert second.memory().deleted


async def test_the_bot_does_not_hear_itself(discord, ready, ann, to):
    """Discord tells us what we said; it is no event."""
    room = discord.add_room("lobby")
    await ready.service.send(to(room, "one"))
    await discord.say(room, ann, "two")
    await ready.hears(1)
    assert ready.texts() == ["two"]


async def test_the_bot_does_not_hear_itself_under_another_name(discord, ready, ann, to):
    """That comes as a webhook's message, which is somebody's."""
    room = discord.add_room("lobby")
    await ready.service.send(to(room, "one", persona=Persona(name="Guest")))
    await discord.say(room, ann, "two")
    await ready.hears(1)
    assert ready.texts() == ["two"]


async def test_other_bots_are_known_as_bots(discord, ready):
    """Whether to answer them is not decided here."""
    room, robot = discord.add_room("lobby"), discord.add_person("Robot", is_bot=True)
    await discord.say(room, robot, "beep")
    (event,) = await ready.hears(1)
    assert event.sender.is_bot


MALFORMED = [
    {"t": "MESSAGE_CREATE", "d": {"id": "1", "channel_id": "2", "content": "no author"}},
    {"t": "MESSAGE_CREATE", "d": None},
    {"t": "MESSAGE_UPDATE", "d": {"id": {}, "edited_timestamp": 7, "content": ""}},
    {"t": "MESSAGE_DELETE", "d": []},
    {"t": "GUILD_CREATE", "d": {"name": "no id"}},
    {"t": "GUILD_MEMBER_ADD", "d": {"guild_id": "x"}},
    {"t": ["not", "a", "name"], "d": {}},
    ["not even an event"],
    "nothing at all",
]


@pytest.mark.parametrize("payload", MALFORMED, ids=str)
async def test_a_malformed_event_is_kept_and_the_next_is_heard(discord, ready, ann, payload):
    """Whatever comes, the library's task lives on."""
    room = discord.add_room("lobby")
    await discord.inject(payload)
    await discord.say(room, ann, "still there?")
    malformed, event = await ready.hears(2)
    assert malformed.kind is EventKind.MALFORMED
    assert malformed.problem
    assert malformed.raw
    assert event.content.text == "still there?"
    assert discord.gateway.identified == 1


async def test_handlers_of_the_library_are_called_too(discord, ready, ann):
    """`service.client` is a `discord.Client` for users."""
    room = discord.add_room("lobby")
    waiting = ready.service.client.wait_for("message", timeout=10)
    await discord.say(room, ann, "hello")
    assert (await waiting).content == "hello"
