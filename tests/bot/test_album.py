"""Albums: what belongs together is answered once, and delays nobody."""

from __future__ import annotations

import pytest

from bot.album import Albums
from bot.content import Attachment, Content
from bot.records import EventState
from bot.store import persist
from bot.stores.sqlite import SqliteStore
from bot.testing.connector import said


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


def photo(number, text=""):
    content = Content(text=text, attachments=(Attachment(key=f"photo {number}"),))
    update = {"group": "lobby/album/1", "content": content}
    return said("", number).model_copy(update=update)


async def arrive(store, *events, state=EventState.PENDING):
    """Store messages as the inbox does; they as they wait for their turns."""
    async with store.commit() as c:
        for event in events:
            c.accept(event, state)
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
