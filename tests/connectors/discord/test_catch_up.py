"""What is heard while a room is read waits, and outlives the end of listening."""

from __future__ import annotations

import asyncio
from itertools import count

import pytest

from bot.events import Event, EventKind
from bot.testing.runtime import create_mock_runtime
from bot.value import now
from connectors.discord.catch_up import ENOUGH, CatchUp
from connectors.discord.connector import DiscordService
from connectors.discord.feed import Session, Storing
from connectors.discord.translate import Known

NUMBERS = count(1)


def direct(key):
    return {"id": key, "type": 1, "recipients": [{"username": "ann"}]}


def told(kind, room, **more):
    ids = (str(next(NUMBERS)),)
    known = {"platform": "discord", "account": "default", "ids": ids, "at": now()}
    return Event(kind=kind, room=room, **known, **more)


@pytest.fixture
def known():
    """Two rooms: a gap is to be read in the first."""
    known = Known("default", me="9")
    for key in ("51", "52"):
        known.room(direct(key), None)
    return known


@pytest.fixture
def catch_up(known):
    catch_up = CatchUp(None, known, Storing(None), days=7, logger=None)
    other = known.rooms.pop("52")
    catch_up.begin()
    known.rooms["52"] = other
    return catch_up


def test_a_command_does_not_wait_until_its_room_is_read(known, catch_up):
    """Messages do; Discord wants an answer to a command within 3 s."""
    room = known.rooms["51"]
    assert catch_up.hold(told(EventKind.MESSAGE, room))
    assert not catch_up.hold(told(EventKind.COMMAND, room, via={"id": "1"}))


def test_no_more_than_enough_of_a_room_is_kept(known, catch_up):
    """Its history tells the messages again; an edit would not come again."""
    room = known.rooms["51"]
    edit = told(EventKind.EDIT, room)
    for event in (edit, *(told(EventKind.MESSAGE, room) for _ in range(ENOUGH))):
        catch_up.hold(event)
    last = told(EventKind.MESSAGE, room)
    catch_up.hold(last)
    assert catch_up._held["51"] == [edit, last]
    assert "51" in catch_up._waiting


def test_at_the_end_no_message_hides_the_gap_before_it(known, catch_up):
    """It is read again with what is in the gap; other events are not told twice."""
    gap, sound = known.rooms["51"], known.rooms["52"]
    behind = [told(EventKind.MESSAGE, gap), told(EventKind.EDIT, gap)]
    assert all(catch_up.hold(one) for one in behind)
    waiting = [told(EventKind.MESSAGE, sound), told(EventKind.MESSAGE, gap)]
    after = [Session(), told(EventKind.MESSAGE, sound), told(EventKind.DELETE, sound)]
    assert catch_up.last_words([*waiting, *after]) == [behind[1], waiting[0], after[2]]


async def test_rooms_whose_history_fails_delay_no_other(discord, ann, listening):
    """They are asked again, behind the others, and read when Discord can tell of them."""
    rooms = [discord.add_room(name) for name in ("one", "two", "sound", "last")]
    async with listening(discord.settings) as first:
        await first.runtime.wait_for_events(len(rooms))
    for room in rooms:
        await discord.say(room, ann, f"missed in {room}")
    for room in rooms[:2]:
        await discord.fail_next("GET", f"/channels/{room}/messages", 503, times=3)
    async with listening(discord.settings, first.runtime.store) as second:
        await discord.say(rooms[0], ann, "alive")
        await second.hears(5)
    told = [(one.room.key, one.content.text) for one in second.events()]
    assert sorted(room for room, _ in told[:2]) == sorted(rooms[2:])
    assert [text for room, text in told if room == rooms[0]] == [f"missed in {rooms[0]}", "alive"]


async def test_what_waits_for_the_store_is_stored_at_the_end(discord, ann):
    """An edit or a deletion would not be told again."""
    room, runtime = discord.add_room("lobby"), create_mock_runtime(discord.settings)
    begun, service = asyncio.Event(), await DiscordService.start(runtime)

    async def deliver(*events):
        if any(event.content for event in events) and not begun.is_set():
            begun.set()
            await asyncio.Event().wait()
        await runtime.deliver(*events)

    task = asyncio.create_task(service.listen(deliver))
    await runtime.wait_for_events(1)
    message = await discord.say(room, ann, "helo")
    await begun.wait()
    await discord.edit(message, "hello")
    await discord.delete(message)
    async with asyncio.timeout(10):
        while len(service._feed.rest()) < 3:  # noqa: ASYNC110 - nothing announces it
            await asyncio.sleep(0.005)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await service.stop()
    kinds = [one.kind for one in runtime.delivered if one.message]
    assert kinds == [EventKind.MESSAGE, EventKind.EDIT, EventKind.DELETE]
