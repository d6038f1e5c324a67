"""Where things are said: rooms come, go, and are closed to the bot."""

from __future__ import annotations

from bot.events import EventKind, Presence
from bot.memory import RoomKind


async def test_a_post_of_a_forum_is_a_thread_with_its_first_message(discord, ready, ann):
    """The message has the id of the thread. The forum itself holds no messages."""
    forum = discord.add_room("help", kind="forum")
    post = discord.add_room("It does not start", kind="thread", parent=forum)
    said = await discord.say(post, ann, "What can I do?")
    [event] = await ready.hears(1)
    assert said == post == event.message
    assert (event.room.kind, event.room.parent) == (RoomKind.THREAD, forum)
    assert event.room.name == "It does not start"


async def test_a_post_that_was_made_while_away_is_read_with_its_first_message(
    discord, ann, listening
):
    """History after the thread's own id would leave it out."""
    forum = discord.add_room("help", kind="forum")
    discord.add_room("lobby")
    async with listening(discord.settings) as first:
        await first.runtime.wait_for_events(1)
    post = discord.add_room("It does not start", kind="thread", parent=forum)
    await discord.say(post, ann, "What can I do?")
    async with listening(discord.settings, first.runtime.store) as second:
        await second.hears(1)
    assert second.texts() == ["What can I do?"]


async def test_a_group_is_no_private_room(discord, ready, ann):
    """Several people are in it, so the bot must be named; it has the name of its people."""
    group = discord.add_group(ann, discord.add_person("Bob"))
    await discord.say(group, ann, "nice weather")
    await discord.say(group, ann, "hello", mention=True)
    aside, event = await ready.hears(2)
    assert (aside.addressed, event.addressed) == (False, True)
    assert (event.room.kind, event.room.name) == (RoomKind.GROUP, "Ann, Bob")
    assert event.room.world is None


async def test_what_was_said_in_a_group_while_away_is_read(discord, ann, listening):
    """Groups are listed no more than private rooms are."""
    group = discord.add_group(ann)
    async with listening(discord.settings) as first:
        discord.add_room("lobby")
        await first.runtime.wait_for_events(1)
        await discord.inject({"t": "CHANNEL_CREATE", "d": described(discord, group)})
        await discord.say(group, ann, "one")
        await first.hears(1)
    await discord.say(group, ann, "two")
    async with listening(discord.settings, first.runtime.store) as second:
        [event] = await second.hears(1)
    assert (event.content.text, event.room.kind) == ("two", RoomKind.GROUP)


async def test_a_server_that_removes_the_bot_closes_its_rooms(discord, ready, ann):
    """They open when it is invited again, and it is told where the server greets."""
    lobby = discord.state.lobby
    await discord.expel()
    [left] = await ready.does(EventKind.MEMBERSHIP, 1)
    assert (left.presence, left.is_own, left.room.key) == (Presence.REMOVED, True, lobby)
    assert "removed" in left.room.closed
    await discord.invite()
    _, *back = await ready.does(EventKind.MEMBERSHIP, 3)
    assert {(one.presence, one.is_own, one.room.closed) for one in back} == {
        (Presence.JOINED, True, "")
    }


async def test_a_server_that_removed_the_bot_while_away_closes_its_rooms(discord, ann, listening):
    """It is listed no more at the next login."""
    discord.add_room("lobby")
    async with listening(discord.settings) as first:
        await first.runtime.wait_for_events(1)
    discord.state.guild_id = discord.state.new_id()
    async with listening(discord.settings, first.runtime.store) as second:
        [left, *_] = await second.does(EventKind.MEMBERSHIP, 1)
    assert (left.presence, bool(left.room.closed)) == (Presence.REMOVED, True)


async def test_an_outage_of_a_server_closes_nothing(discord, ready, ann):
    """Discord calls it unavailable; it comes back."""
    told = {"id": discord.state.guild_id, "unavailable": True}
    await discord.inject({"t": "GUILD_DELETE", "d": told})
    await discord.invite()
    await discord.say(discord.state.lobby, ann, "still here")
    [event] = await ready.hears(1)
    assert event.room.closed == ""
    assert not [one for one in ready.runtime.delivered if one.presence]


async def test_a_deleted_channel_is_closed_with_its_threads(discord, ready):
    """Discord does not tell of each of them."""
    market = discord.add_room("market")
    thread = discord.add_room("prices", kind="thread", parent=market)
    await discord.remove_room(market)
    events = await ready.does(EventKind.MEMBERSHIP, 2)
    assert {one.room.key for one in events} == {market, thread}
    assert {one.room.closed for one in events} == {"the channel was deleted"}


async def test_what_is_said_in_a_channel_of_a_new_kind_is_heard(discord, ready, ann):
    """Discord adds kinds; its first message tells what must be known."""
    channel = discord.state.add_channel("holodeck", 99, None)
    await discord.inject({"t": "CHANNEL_CREATE", "d": discord.state.described(channel)})
    await discord.say(channel.id, ann, "Computer?")
    [event] = await ready.hears(1)
    assert (event.room.key, event.room.kind) == (channel.id, RoomKind.GROUP)


async def test_a_room_knows_the_new_name_of_its_server(discord, ready, ann):
    """It is told once, and all rooms are in it."""
    renamed = {**discord.state.guild(), "name": "Village"}
    await discord.inject({"t": "GUILD_UPDATE", "d": renamed})
    await discord.say(discord.state.lobby, ann, "hello")
    [event] = await ready.hears(1)
    assert event.room.world.name == "Village"


def described(discord, room):
    """A room, as Discord describes it."""
    return discord.state.described(discord.state.channels[room])


async def test_an_address_may_name_the_server_too(discord, ready):
    """It is checked; what is no channel of ours is nobody."""
    lobby = discord.add_room("hall")
    guild = (await ready.service._way_out.guild_of(lobby)) or ""
    assert (await ready.service.room_of(lobby)).key == lobby
    assert (await ready.service.room_of(f"{guild}/{lobby}")).key == lobby
    for address in (f"9{guild}/{lobby}", f"{guild}/99", "lobby"):
        assert await ready.service.room_of(address) is None
