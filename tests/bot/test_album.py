"""Albums: what belongs together is answered once, and delays nobody."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.action import listener
from bot.album import Albums
from bot.content import Attachment, Content
from bot.events import EventKind
from bot.memory import RoomKind
from bot.plugin import Plugin
from bot.records import EventState
from bot.store import persist
from bot.stores.sqlite import SqliteStore
from bot.testing.connector import LoopbackService, said
from bot.value import now


@pytest.fixture
async def store(tmp_path):
    async with SqliteStore(tmp_path / "townhall.db") as store:
        yield store


@pytest.fixture
def naps():
    """How long was waited, each time."""
    return []


@pytest.fixture
def albums(store, naps):
    """Albums of a bot with nothing else to do."""

    async def nap(seconds):
        naps.append(seconds)

    return Albums(store, nap, lambda write: persist(store, write))


def photo(number, text="", **changes):
    content = Content(text=text, attachments=(Attachment(key=f"photo {number}"),))
    update = {"group": "lobby/album/1", "content": content, **changes}
    return said("", number, kind=RoomKind.GROUP).model_copy(update=update)


def edit(number, text, revision=1):
    return photo(number, text, kind=EventKind.EDIT, revision=revision)


def deletion(number):
    """As a platform tells it: the message's id, and nothing of an album."""
    update = {"kind": EventKind.DELETE, "group": None, "content": None, "sender": None}
    return photo(number, **update)


async def shown(runtime):
    """The words and the files of the album, as they are remembered."""
    memory = await runtime.store.memory(photo(1).memory_id)
    return memory.content.text, [one.key for one in memory.content.attachments]


async def arrive(store, *events, state=EventState.PENDING):
    """Store messages as the inbox does; they as they wait for their turns."""
    async with store.commit() as c:
        for event in events:
            c.accept(event, state)
            c.put_room(event.room)
            c.remember(event.memory())
            c.link("loopback", "default", event.message, event.memory_id)
    return [await store.event(event.key) for event in events]


async def test_the_first_speaks_for_all(store, albums):
    """Once nothing more comes; the others are answered with it."""
    first, second, third = await arrive(store, photo(1), photo(2, "holidays"), photo(3))
    whole = await albums.whole(first)
    assert whole.event.content.text == "holidays"
    assert [one.key for one in whole.event.content.attachments] == ["photo 1", "photo 2", "photo 3"]
    assert await albums.whole(second) is None
    assert await albums.whole(third) is None


async def test_only_the_first_is_waited_for(store, albums, naps):
    """Ten photos delay what is said after them no more than one does."""
    _, *others = await arrive(store, *(photo(number) for number in range(10)))
    for one in others:
        await albums.whole(one)
    assert naps == []


async def test_what_comes_late_is_remembered_with_the_rest(store, albums):
    """It was on its way for longer than anybody waits; the answer is not given twice."""
    [first] = await arrive(store, photo(1))
    await albums.whole(first)
    async with store.commit() as c:
        c.finish(first.seq, EventState.DONE)
    [late] = await arrive(store, photo(2))
    assert await albums.whole(late) is None
    memory = await store.memory(late.event.memory_id)
    assert [one.key for one in memory.content.attachments] == ["photo 1", "photo 2"]


async def test_an_album_of_which_all_was_deleted_is_empty(store, albums):
    """Its words were taken out before its turn came; nothing breaks."""
    [only] = await arrive(store, photo(1, "holidays"))
    async with store.commit() as c:
        c.redact("loopback", "default", only.event.message)
    assert (await albums.whole(only)).event.content == Content()


async def test_each_message_keeps_its_newest_words(bot):
    """Whichever is edited, in whatever order it is told, together or one by one."""
    async with bot() as runtime:
        await runtime.deliver(photo(1, "one"), photo(2, "two"))
        assert await shown(runtime) == ("one\ntwo", ["photo 1", "photo 2"])
        await runtime.deliver(edit(1, "first"))
        await runtime.deliver(edit(2, "last", 9), edit(2, "second", 8))
        await runtime.deliver(photo(3))
        assert await shown(runtime) == ("first\nlast", ["photo 1", "photo 2", "photo 3"])


async def test_edits_at_one_moment_are_both_kept(bot):
    """Neither is joined with what the other has changed."""
    async with bot() as runtime:
        await runtime.deliver(photo(1, "one"), photo(2, "two"))
        await asyncio.gather(*(runtime.deliver(edit(n, f"new {n}")) for n in (1, 2)))
        assert (await shown(runtime))[0] == "new 1\nnew 2"


async def test_a_deleted_message_leaves_the_rest_of_its_album(bot):
    """Until the last is gone; an edit or a late telling brings none of them back."""
    async with bot() as runtime:
        await runtime.deliver(photo(1, "one"), photo(2, "two"), photo(3, "three"))
        await runtime.deliver(deletion(1))
        await runtime.deliver(photo(1, "one"), edit(1, "first"), edit(3, "third"))
        assert await shown(runtime) == ("two\nthird", ["photo 2", "photo 3"])
        await runtime.deliver(deletion(2), deletion(3))
        memory = await runtime.store.memory(photo(1).memory_id)
        assert (memory.deleted, memory.content) == (True, Content())


async def test_an_album_is_answered_without_what_was_deleted_before_its_turn(bot):
    """The first one speaks for it even then."""
    async with bot() as runtime:
        await runtime.deliver(photo(1, "one", addressed=True), photo(2, "two"))
        await runtime.deliver(deletion(1))
        await runtime.drain()
        [answer] = [one.text for one in LoopbackService.sent["lobby"]]
    assert answer == "TWO"


async def test_an_old_album_keeps_its_files_when_it_is_edited(bot):
    """Who said what in it is forgotten after a while; the words are the newest."""
    async with bot() as runtime:
        await runtime.deliver(photo(1, "one"), photo(2))
        async with runtime.store.commit() as c:
            c.prune(now() + timedelta(hours=1), 10)
        await runtime.deliver(edit(2, "second"))
        assert await shown(runtime) == ("second", ["photo 1", "photo 2"])


async def test_who_listens_for_edits_hears_those_of_albums(bot):
    """Each of them, with the words of the whole."""
    heard = []

    @listener(EventKind.EDIT)
    async def read(turn):
        heard.append(turn.text)

    async with bot(Plugin("p", listeners=(read,))) as runtime:
        await runtime.deliver(photo(1, "one"), photo(2, "two"))
        await runtime.deliver(edit(2, "second"))
        await runtime.drain()
    assert heard == ["one\nsecond"]
