"""Laws of what becomes of chats, and of who is in them."""

import itertools

import pytest

from bot.events import EventKind, Presence
from bot.memory import RoomKind

from .tellings import ADA, BOB, DATE, FORUM, GROUP, PRIVATE, US, all_of, one_of, told, update

TOPIC = {"chat": FORUM, "message_thread_id": 9, "is_topic_message": True}


def member(user, old, new, *, chat=GROUP, actor=ADA, kind="my_chat_member"):
    """An update with a change of state."""
    change = {"chat": chat, "from": actor, "date": DATE}
    states = {"old_chat_member": {"status": old}, "new_chat_member": {"status": new}}
    for state in states.values():
        state["user"] = user
    return {"update_id": 10, kind: change | states}


@pytest.mark.parametrize(
    ("old", "new", "actor", "presence"),
    [
        ("left", "member", ADA, Presence.JOINED),
        ("member", "left", US, Presence.LEFT),
        ("member", "left", ADA, Presence.REMOVED),
        ("administrator", "kicked", ADA, Presence.REMOVED),
        ("member", "administrator", ADA, None),
        ("kicked", "left", ADA, None),
    ],
)
def test_what_became_of_us_is_told(old, new, actor, presence):
    """A room that we cannot write to is closed, and open again when we are back."""
    found = one_of(member(US, old, new, actor=actor))
    assert (found.kind, found.is_own, found.presence) == (EventKind.MEMBERSHIP, True, presence)
    assert (found.sender.key, found.room.key) == ("7", "-5")
    assert bool(found.room.closed) is (new in ("left", "kicked"))


def test_a_person_who_blocks_us_closes_their_room():
    """In plain words."""
    found = one_of(member(US, "member", "kicked", chat=PRIVATE))
    assert (found.room.kind, found.room.closed) == (RoomKind.DM, "the person blocked us")


def test_a_right_that_is_taken_closes_a_room():
    """We are there, and must be silent."""
    raw = member(US, "member", "restricted")
    raw["my_chat_member"]["new_chat_member"] |= {"is_member": True, "can_send_messages": False}
    found = one_of(raw)
    assert (found.presence, found.room.closed) == (None, "we may read here, but not write")


def test_people_come_and_go():
    """Several may come at once; of ourselves, another update tells."""
    both = all_of(update(new_chat_members=[ADA, US, BOB]))
    left, sent = told(left_chat_member=ADA), told(left_chat_member=BOB)
    assert [(one.sender.key, one.presence) for one in both] == [("1", "joined"), ("2", "joined")]
    assert (left.presence, sent.presence) == (Presence.LEFT, Presence.REMOVED)
    assert all_of(update(left_chat_member=US)) == ()


def test_a_notice_and_a_change_of_state_are_one_event():
    """Admins are told twice."""
    notice = told(new_chat_members=[BOB], **{"from": BOB})
    state = one_of(member(BOB, "left", "member", actor=BOB, kind="chat_member"))
    assert notice.key == state.key
    assert not state.is_own


def test_a_migration_is_told_twice_and_is_one_event():
    """Its room is the new one, and it says which it was before."""
    group, old = FORUM | {"is_forum": False, "title": "Friends"}, GROUP
    became = told(chat=old, migrate_to_chat_id=-1005)
    was = told(chat=group, migrate_from_chat_id=-5)
    assert became.key == was.key
    for one in (became, was):
        assert (one.room.key, one.moved_from, one.room.name) == ("-1005", "-5", "Friends")
        assert one.memory() is None


def test_a_topic_has_its_name_from_its_opening():
    """A message that answers nothing carries it; the opening itself is no message."""
    opening = {"message_id": 9, "date": DATE, "chat": FORUM}
    opening["forum_topic_created"] = {"name": "Roses", "icon_color": 1}
    found = told(text="Hi", reply_to_message=opening, **TOPIC)
    [opened] = all_of(update(forum_topic_created=opening["forum_topic_created"], **TOPIC))
    assert (found.room.key, found.room.name, found.room.parent) == ("-1005/9", "Roses", "-1005")
    assert (found.room.kind, found.reply_to) == (RoomKind.THREAD, None)
    assert (opened.kind, opened.room) == (EventKind.PROFILE, found.room)


def test_a_new_name_is_told():
    """Of a topic or a whole group; a new icon is not a name."""
    topic = told(forum_topic_edited={"name": "Tulips"}, **TOPIC)
    group = told(new_chat_title="Rivals", chat=GROUP | {"title": "Rivals"})
    assert (topic.kind, topic.room.name) == (EventKind.PROFILE, "Tulips")
    assert (group.kind, group.room.name) == (EventKind.PROFILE, "Rivals")
    assert all_of(update(forum_topic_edited={"icon_custom_emoji_id": "1"}, **TOPIC)) == ()


def test_notices_that_say_nothing_are_passed_over():
    """They are known, so they are not kept as unknown."""
    notices = {"delete_chat_photo": True, "video_chat_ended": {"duration": 3}}
    told = [all_of(update(**{name: what})) for name, what in notices.items()]
    assert list(itertools.chain(*told)) == []
