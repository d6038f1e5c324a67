"""Ids that we compute are those of one thing each."""

from __future__ import annotations

from string import ascii_lowercase, digits
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from bot.events import Event, EventKind, message_id
from bot.memory import Entity, Room, World
from bot.part import Part
from bot.stores.sqlite.rows import moment
from bot.value import now, uid, uid_at, uid_beside

PARTS = st.lists(st.text(st.characters(exclude_characters="\x1f"), max_size=6), max_size=4)
KEYS = st.text(max_size=6)
TIMES = st.integers(0, 10**16).map(moment)
NAMES = st.text(ascii_lowercase + digits + "_", min_size=1, max_size=5)
IDS = st.lists(st.text(digits + ascii_lowercase + "-", min_size=1, max_size=4), min_size=1)
EVENTS = st.builds(
    Event,
    kind=st.sampled_from(EventKind),
    platform=NAMES,
    account=NAMES,
    ids=IDS.map(tuple),
    at=st.just(now()),
    revision=st.integers(0, 2**63 - 1),
)


def named(event):
    """What tells an event from others."""
    return event.platform, event.account, event.kind, event.ids, event.revision


@given(PARTS, PARTS)
def test_an_id_is_of_one_list_of_parts(some, others):
    """However they are divided, and also where they are empty."""
    assert (uid(*some) == uid(*others)) == (some == others or some + others == [""])


@given(st.text(), st.text())
def test_an_id_has_every_letter_in_it(one, other):
    """Half characters, too, which no text should have and some has."""
    assert (uid("x", one) == uid("x", other)) == (one == other)
    assert uid("x", "\ud800") != uid("x", "\udc00")


@given(TIMES, TIMES, PARTS, PARTS)
def test_ids_with_a_time_are_in_its_order(at, later, some, others):
    """To the millisecond; at the same time, each list of parts has its own."""
    one, other = uid_at(at, *some), uid_at(later, *others)
    if int(at.timestamp() * 1000) == int(later.timestamp() * 1000):
        assert (one == other) == (uid(*some) == uid(*others))
    else:
        assert (one < other) == (at < later)
    assert (one.version, uid_beside(one).version) == (8, 8)


@given(TIMES, PARTS, PARTS)
def test_an_id_beside_another_is_not_that(at, some, others):
    """It begins alike, and is another for other parts."""
    first = uid_at(at, *some)
    beside = uid_beside(first, *others)
    assert beside.bytes[:6] == first.bytes[:6]
    assert len({first, beside, uid_beside(first, *others, "more")}) == 3


@given(KEYS, KEYS)
def test_things_of_different_kinds_have_different_ids(account, key):
    """Though the platform calls them the same."""
    room = Room(platform="chat", account=account, key=key)
    ids = {
        room.id,
        World(platform="chat", account=account, key=key).id,
        Entity(platform="chat", key=key).id,
        message_id("chat", account, key),
        Part(delivery=UUID(int=1), ordinal=0, room=room, text="").id,
    }
    assert len(ids) == 5


@given(EVENTS, EVENTS)
def test_an_event_has_a_key_of_its_own(one, other):
    """Of ids as the platforms give them: whoever shares a key is the same event."""
    assert (one.key == other.key) == (named(one) == named(other))


@given(EVENTS)
def test_an_edit_is_not_the_message(event):
    """Nor is its revision mistaken for one of the ids."""
    edit = event.model_copy(update={"revision": event.revision + 1})
    longer = event.model_copy(update={"ids": (*event.ids, str(event.revision))})
    assert len({event.key, edit.key, longer.key}) == 3
