"""The gateway misbehaves, and nothing is lost or heard twice."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from tracemalloc import get_traced_memory, start, stop

import pytest
from discord.state import ConnectionState

from bot.errors import StoreFull
from bot.events import EventKind
from bot.testing.connectors.stage import until
from bot.testing.runtime import create_mock_runtime
from connectors.discord.connector import DiscordService
from connectors.discord.feed import Feed
from connectors.discord.hearing import PASSING, READERS
from connectors.discord.translate import Known

MANY = 10_000
FIELDS = (
    "id ids guild_id channel_id message_id user_id type user member author role roles channels"
    " threads content embeds components poll attachments emoji edited_timestamp joined_at data"
)
KEYS = FIELDS.split()
VALUES = [None, 7, -1, 10**40, "x", "", [], [7], [None], {}, {"id": None}, True, 1.5]
DEEP = {"id": "1", "channel_id": "2", "type": 0, "author": {"id": "3"}, "content": ""}
for _ in range(2_000):
    DEEP = {**DEEP, "components": [DEEP]}


@pytest.fixture
def room(discord, ready):
    """A room that the bot has seen."""
    return discord.state.lobby


async def test_a_gateway_that_acknowledges_nothing_is_left(discord, ann, listening):
    """A heartbeat without an answer before the next one: the session goes on elsewhere."""
    discord.gateway.beat = 150
    room = discord.add_room("lobby")
    async with listening(discord.settings) as bot:
        await bot.runtime.wait_for_events(1)
        await discord.mute_heartbeats()
        [before] = discord.gateway.sockets
        await until(lambda: before not in discord.gateway.sockets)
        await discord.mute_heartbeats(muted=False)
        await discord.say(room, ann, "still there?")
        await bot.hears(1)
    assert discord.gateway.identified == 1


async def test_a_frame_that_is_cut_in_the_middle_is_told_again(discord, ready, ann, room):
    """Nothing behind it can be read either, so the session is resumed on a new socket."""
    await discord.cut_next()
    for text in ("one", "two", "three"):
        await discord.say(room, ann, text)
    await ready.hears(3)
    assert ready.texts() == ["one", "two", "three"]
    assert discord.gateway.identified == 1


async def test_a_frame_with_half_a_character_is_kept(discord, ready, ann, room):
    """Read again after a new connection, it would be no better."""
    for socket in discord.gateway.sockets:
        socket.push_raw(b'{"op": 0, "t": "MESSAGE_CREATE", "s": null, "d": "\\ud83d"}')
    await discord.say(room, ann, "hello")
    broken, event = await ready.hears(2)
    assert (broken.kind, event.content.text) == (EventKind.MALFORMED, "hello")
    assert broken.raw["d"].endswith('"\\ud83d"}')


async def test_a_session_that_cannot_be_resumed_is_made_anew(discord, ready, ann, room):
    """What was said meanwhile is read."""
    await discord.say(room, ann, "one")
    await ready.hears(1)
    await discord.refuse_resume()
    await discord.say(room, ann, "two")
    await ready.hears(2)
    assert ready.texts() == ["one", "two"]
    assert discord.gateway.identified == 2


async def test_an_event_that_is_told_twice_has_one_key(discord, ready, ann, room):
    """So that it is stored once; a reaction, too, which has no id of its own."""
    await discord.double_next()
    said = await discord.say(room, ann, "one")
    await discord.double_next()
    await discord.react(said, ann, "👍")
    await discord.say(room, ann, "two")
    await ready.hears(3)
    kinds = [one.kind for one in ready.runtime.delivered if one.kind is not EventKind.MEMBERSHIP]
    message, reaction = EventKind.MESSAGE, EventKind.REACTION
    assert kinds == [message, message, reaction, reaction, message]


async def test_events_that_come_out_of_order_are_all_heard(discord, ready, ann, room):
    """In the order in which they come: Discord promises no other."""
    await discord.swap_next()
    for text in ("one", "two", "three"):
        await discord.say(room, ann, text)
    await ready.hears(3)
    assert ready.texts() == ["two", "one", "three"]


async def test_a_slow_gateway_is_waited_for(discord, ready, ann, room):
    """Nothing is lost by it."""
    await discord.slow_down(0.02)
    for number in range(5):
        await discord.say(room, ann, str(number))
    await ready.hears(5)
    assert ready.texts() == list("01234")


async def test_an_event_of_a_new_kind_is_kept_as_it_came(discord, ready, ann, room):
    """Those that are known to bring nothing are not."""
    for name in ("TYPING_START", "PRESENCE_UPDATE", "VOICE_STATE_UPDATE", "GUILD_AUDIT_LOG_ENTRY"):
        await discord.inject({"t": name, "d": {"guild_id": "1"}})
    await discord.say(room, ann, "hello")
    unknown, message = await ready.hears(2)
    assert (unknown.kind, unknown.raw["t"]) == (EventKind.UNKNOWN, "GUILD_AUDIT_LOG_ENTRY")
    assert message.content.text == "hello"


def test_every_event_that_the_library_reads_is_known():
    """Either it means something, or it is listed as passing."""
    names = {one[6:].upper() for one in dir(ConnectionState) if one.startswith("parse_")}
    assert names <= READERS.keys()
    assert PASSING.split() == sorted(PASSING.split())


async def test_what_waits_to_be_stored_outlives_a_restart_of_the_ears(discord, ann):
    """Edits and deletes are told once: they stay queued until they are stored."""
    room, runtime = discord.add_room("lobby"), create_mock_runtime(discord.settings)
    is_refused = asyncio.Event()

    async def deliver(*events):
        if any(event.kind is EventKind.EDIT for event in events):
            is_refused.set()
            raise StoreFull("no space")
        await runtime.deliver(*events)

    service = await DiscordService.start(runtime)
    async with listening_to(service, deliver):
        await runtime.wait_for_events(1)
        await discord.edit(await discord.say(room, ann, "helo"), "hello")
        await is_refused.wait()
    async with listening_to(service, runtime.deliver):
        *_, event = await runtime.wait_for_events(3)
    await service.stop()
    assert (event.kind, event.content.text) == (EventKind.EDIT, "hello")


@asynccontextmanager
async def listening_to(service, deliver):
    """A block in which a service listens."""
    task = asyncio.create_task(service.listen(deliver))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


NONSENSE = [None, 7, "x", [], [{}], {}, *({key: value} for key in KEYS for value in VALUES)]


@pytest.mark.parametrize("name", sorted(READERS))
def test_no_shape_of_a_payload_ends_the_ears(name):
    """Whatever Discord sends becomes events, malformed ones among them, or nothing."""
    feed = Feed(Known("default", me="9"), lambda *_: None)
    for data in [*NONSENSE, dict.fromkeys(KEYS, 7), {key: {} for key in KEYS}, DEEP]:
        feed.hear(name, data, "1/1")


def test_many_channels_cost_little():
    """10,000 of them take less than 30 MB in all that translation must know."""
    known = Known("default", me="9")
    feed = Feed(known, lambda *_: None)
    channels = [
        {"id": str(10**18 + n), "type": 0, "name": f"channel-{n}", "parent_id": "1"}
        for n in range(MANY)
    ]
    guild = {"id": "40", "name": "Town", "channels": channels, "roles": [], "members": []}
    start()
    feed.hear("GUILD_CREATE", guild, "1/1")
    feed.forget(1)
    kept, _ = get_traced_memory()
    stop()
    assert len(known.rooms) == MANY
    assert kept < 30e6
