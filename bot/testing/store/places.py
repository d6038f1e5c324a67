"""What is true of rooms, people and positions."""

from __future__ import annotations

import pytest

from bot.events import Position
from bot.memory import Room
from bot.records import PartState
from bot.store import Store
from bot.testing.store.engine import (
    ANN,
    HALL,
    TOWN,
    YARD,
    Engine,
    a_delivery,
    accept,
    an_event,
    enqueue,
)

DM = Room(platform="chat", account="sales", key="ann")


async def put(store: Store, *rooms: Room) -> None:
    """Store rooms in one commit."""
    async with store.commit() as c:
        for room in rooms:
            c.put_room(room)


class PlaceLaws(Engine):
    """What is known of the world is what was told last."""

    async def test_a_room_comes_back_with_its_world(self, store: Store) -> None:
        """Every field survives; an unknown room is None."""
        await put(store, HALL, DM)
        assert [await store.room(room.id) for room in (HALL, DM, YARD)] == [HALL, DM, None]

    async def test_a_room_is_updated(self, store: Store) -> None:
        """The last telling stays."""
        renamed = HALL.model_copy(update={"name": "Great Hall"})
        await put(store, HALL)
        await put(store, renamed)
        assert await store.rooms("chat", "default") == (renamed,)

    async def test_a_worlds_new_name_is_known_in_all_its_rooms(self, store: Store) -> None:
        """A world is one thing, whichever room it was told with."""
        city = TOWN.model_copy(update={"name": "City"})
        await put(store, HALL, YARD.model_copy(update={"world": city}))
        hall = await store.room(HALL.id)
        assert hall is not None
        assert hall.world == city

    async def test_rooms_are_an_accounts_own(self, store: Store) -> None:
        """Each account sees its rooms, in the order in which they were met."""
        await put(store, YARD, DM, HALL)
        assert await store.rooms("chat", "default") == (YARD, HALL)
        assert await store.rooms("chat", "sales") == (DM,)
        assert await store.rooms("post", "default") == ()

    async def test_a_person_is_updated(self, store: Store) -> None:
        """The last telling stays; an unknown person is None."""
        assert await store.entity(ANN.id) is None
        for name in ("Ann", "Anna"):
            async with store.commit() as c:
                c.put_entity(ANN.model_copy(update={"name": name}))
        assert await store.entity(ANN.id) == ANN.model_copy(update={"name": "Anna"})

    async def test_positions_are_a_streams_own(self, store: Store) -> None:
        """The last position of each stream of an account is known."""
        for value in ("1", "2"):
            async with store.commit() as c:
                c.move("chat", "default", Position(stream="updates", value=value))
                c.move("chat", "default", Position(stream="hall", value=f"h{value}"))
        assert await store.position("chat", "default", "updates") == "2"
        assert await store.position("chat", "sales", "updates") is None
        assert set(await store.positions("chat", "default")) == {
            Position(stream="updates", value="2"),
            Position(stream="hall", value="h2"),
        }

    async def test_what_is_not_told_of_a_person_stays_known(self, store: Store) -> None:
        """One event has their language, another their picture; a picture can be told away."""
        known = ANN.model_copy(update={"locale": "de", "avatar": "https://example.org/ann.png"})
        for told in (known, ANN.model_copy(update={"name": "", "locale": None})):
            async with store.commit() as c:
                c.put_entity(told)
        assert await store.entity(ANN.id) == known
        async with store.commit() as c:
            c.put_entity(known.model_copy(update={"avatar": ""}))
        assert await store.entity(ANN.id) == known.model_copy(update={"avatar": ""})

    async def test_notes_are_an_accounts_own(self, store: Store) -> None:
        """The last value of each name stays until it is forgotten."""
        for value in ("1", "2"):
            async with store.commit() as c:
                c.keep("chat", "default", "windows", value)
        assert await store.note("chat", "default", "windows") == "2"
        assert await store.note("chat", "sales", "windows") is None
        async with store.commit() as c:
            c.keep("chat", "default", "windows", None)
        assert await store.note("chat", "default", "windows") is None

    async def test_a_room_that_moves_takes_all_along(self, store: Store) -> None:
        """Its history, the events that wait for a turn, and the parts that wait to leave."""
        moved = HALL.model_copy(update={"key": "new hall", "world": None})
        event = an_event()
        await accept(store, event)
        async with store.commit() as c:
            c.remember(told := event.memory() or pytest.fail("it says nothing"))
        [queued] = await enqueue(store, a_delivery())
        async with store.commit() as c:
            c.succeed(HALL, moved)
        assert await store.history(HALL.id) == []
        assert [one.id for one in await store.history(moved.id)] == [told.id]
        [waiting] = await store.pending(room=moved.id)
        assert waiting.event.room == moved
        [out] = await store.outbox("chat", "default", [PartState.QUEUED], room=moved.id)
        assert (out.part.room, out.part.id) == (moved, queued.id)

    async def test_a_room_that_moved_is_written_to_no_more(self, store: Store) -> None:
        """It says where it went; one that keeps its key has not moved."""
        await put(store, HALL)
        for key in (HALL.key, "new hall"):
            async with store.commit() as c:
                c.succeed(HALL, HALL.model_copy(update={"key": key}))
        known = await store.room(HALL.id)
        assert known == HALL.model_copy(update={"closed": "it lives on as new hall"})

    async def test_what_is_not_told_of_a_room_stays_known(self, store: Store) -> None:
        """Its name, its world, and that nothing can be said in it any more."""
        shut = HALL.model_copy(update={"closed": "blocked"})
        await put(store, shut)
        await put(store, HALL.model_copy(update={"name": "", "world": None}))
        assert await store.room(HALL.id) == shut
        await put(store, HALL.model_copy(update={"closed": ""}))
        assert await store.room(HALL.id) == HALL.model_copy(update={"closed": ""})
