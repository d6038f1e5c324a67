"""Laws of translation that hold for whatever may come: nothing raises, and all is kept."""

import copy

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.events import EventKind
from connectors.telegram.translate import UPDATES

from .tellings import ADA, BOB, DATE, FORUM, GROUP, US, all_of, message, update

WORDS = [
    *UPDATES,
    *("update_id", "message_id", "date", "edit_date", "chat", "id", "type", "from", "text"),
    *("entities", "offset", "length", "user", "photo", "document", "sticker", "location", "poll"),
    *("reply_to_message", "quote", "migrate_to_chat_id", "new_chat_members", "old_reaction"),
    *("new_reaction", "new_chat_member", "old_chat_member", "status", "data", "media_group_id"),
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner),
    max_leaves=30,
)
STATES = {
    name: {"status": status, "user": US}
    for name, status in (("old_chat_member", "member"), ("new_chat_member", "left"))
}
REPLY = {"reply_to_message": message(text="Hm", **{"from": US, "message_id": 2})}
GOOD = [
    update(text="@townhall_bot /roll 6", entities=[{"type": "mention", "offset": 0, "length": 13}]),
    update(photo=[{"file_id": "f", "width": 1}], caption="Look", media_group_id="7", **REPLY),
    update(venue={"title": "Zoo", "address": "1", "location": {"latitude": 1, "longitude": 2.5}}),
    update(poll={"question": "Tea?", "options": [{"text": "Yes"}]}, message_thread_id=9),
    update(
        chat=FORUM, message_thread_id=9, is_topic_message=True, forum_topic_edited={"name": "x"}
    ),
    update(new_chat_members=[ADA, BOB]),
    update(migrate_to_chat_id=-1005),
    {"update_id": 1, "my_chat_member": {"chat": GROUP, "from": ADA, "date": DATE} | STATES},
    {
        "update_id": 1,
        "callback_query": {"id": "9", "from": ADA, "message": message(text="?"), "data": "x"},
    },
    {
        "update_id": 1,
        "message_reaction": {
            "chat": GROUP,
            "message_id": 3,
            "date": DATE,
            "user": ADA,
            "old_reaction": [],
            "new_reaction": [{"type": "emoji", "emoji": "👍"}],
        },
    },
]
"""Updates that tell something."""


@given(JSON)
def test_no_json_is_too_strange(raw):
    """What it tells can be stored."""
    for event in all_of(raw):
        assert event.key
        orjson.dumps(event.model_dump(mode="json", exclude={"raw"}))


@pytest.mark.parametrize("raw", GOOD)
def test_these_tell_something(raw):
    """They are what the next law damages."""
    kinds = {one.kind for one in all_of(raw)}
    assert kinds
    assert kinds.isdisjoint({EventKind.MALFORMED, EventKind.UNKNOWN})


@given(st.sampled_from(GOOD), JSON, st.randoms())
def test_no_damage_raises(raw, junk, chance):
    """Some field is replaced by something else, at whatever depth."""
    damaged = copy.deepcopy(raw)
    place = damaged
    while True:
        keys = list(place) if isinstance(place, dict) else range(len(place))
        key = chance.choice(list(keys))
        if not isinstance(place[key], dict | list) or not place[key] or chance.random() < 0.2:
            break
        place = place[key]
    place[key] = junk
    assert all(one.kind in EventKind for one in all_of(damaged))
