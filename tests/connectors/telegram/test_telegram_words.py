"""Laws of what a message says: all that it holds can be read as text, or fetched as a file."""

import pytest

from bot.content import MediaKind
from bot.events import message_id

from .tellings import ADA, BOB, GROUP, PRIVATE, US, all_of, heard, message, told, update

SPOT = {"latitude": 52.5, "longitude": 13}
FILE = {"file_id": "f", "file_unique_id": "u", "file_size": 5}
FRAME = {"width": 8, "height": 8}


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ({"location": SPOT}, "Location: 52.500000, 13.000000"),
        (
            {"location": SPOT, "venue": {"location": SPOT, "title": "Zoo", "address": "Park 1"}},
            "Place: Zoo, Park 1 (52.500000, 13.000000)",
        ),
        ({"contact": {"phone_number": "+1", "first_name": "Bob"}}, "Contact: Bob, +1"),
        ({"dice": {"emoji": "🎲", "value": 4}}, "🎲 4"),
        (
            {"poll": {"id": "1", "question": "Tea?", "options": [{"text": "Yes"}, {"text": "No"}]}},
            "Poll: Tea?\n- Yes\n- No",
        ),
        (
            {
                "checklist": {
                    "title": "Trip",
                    "tasks": [{"id": 1, "text": "Map", "completion_date": 1}, {"text": "Tent"}],
                }
            },
            "Checklist: Trip\n- [x] Map\n- [ ] Tent",
        ),
        ({"game": {"title": "Chess", "description": "", "photo": []}}, "Game: Chess"),
        ({"invoice": {"title": "A book"}}, "Invoice: A book"),
        (
            {
                "rich_message": {
                    "blocks": [
                        {"type": "heading", "text": "Hi", "size": 1},
                        {"type": "paragraph", "text": ["a ", {"type": "bold", "text": "b"}]},
                    ]
                }
            },
            "Hi\na b",
        ),
    ],
)
def test_what_is_no_text_is_put_into_words(what, text):
    """Plain enough for a person, and for a model."""
    assert heard(**what) == (text, False)


@pytest.mark.parametrize(
    ("name", "file", "kind", "media_type"),
    [
        ("document", {"mime_type": "text/plain"}, MediaKind.FILE, "text/plain"),
        ("audio", {"duration": 2, "mime_type": "audio/mpeg"}, MediaKind.AUDIO, "audio/mpeg"),
        ("video", FRAME | {"duration": 2, "mime_type": "video/mp4"}, MediaKind.VIDEO, "video/mp4"),
        ("voice", {"duration": 2}, MediaKind.VOICE, "audio/ogg"),
        ("video_note", {"length": 8, "duration": 2}, MediaKind.VIDEO, "video/mp4"),
        ("sticker", FRAME | {"is_video": True}, MediaKind.STICKER, "video/webm"),
        ("sticker", FRAME | {"is_animated": True}, MediaKind.STICKER, "application/x-tgsticker"),
        ("sticker", FRAME, MediaKind.STICKER, "image/webp"),
    ],
)
def test_each_kind_of_file_is_known(name, file, kind, media_type):
    """By its id, with what Telegram tells of it, and with who can fetch it."""
    [found] = told(**{name: FILE | file}).content.attachments
    assert (found.key, found.holder, found.size) == ("f", "telegram", 5)
    assert (found.kind, found.media_type) == (kind, media_type)
    assert found.seconds == file.get("duration")


def test_an_animation_is_one_file():
    """Telegram names it twice, for older bots."""
    file = FILE | FRAME | {"duration": 2, "mime_type": "video/mp4"}
    [found] = told(animation=file, document=FILE).content.attachments
    assert found.kind is MediaKind.VIDEO


def test_the_largest_size_of_a_photo_is_taken():
    """In whatever order they come."""
    sizes = [FILE | {"file_id": str(side), "width": side, "height": side} for side in (90, 800, 5)]
    [found] = told(photo=sizes).content.attachments
    assert found.key == "800"


def test_the_photos_of_an_album_are_one_group():
    """Each comes by itself; the group is the same for all, and for no other chat."""
    photo = {"photo": [FILE | FRAME], "media_group_id": "77"}
    first, second = told(**photo, message_id=3), told(**photo, message_id=4)
    other = told(**photo, chat=PRIVATE)
    assert first.key != second.key
    assert first.memory_id == second.memory_id != other.memory_id


def test_what_somebody_selected_to_answer_is_quoted():
    """An excerpt that Telegram made by itself says nothing new."""
    quote = {"text": "one\ntwo", "position": 0, "is_manual": True}
    assert heard(text="Why?", quote=quote) == ("> one\n> two\n\nWhy?", False)
    assert heard(text="Why?", quote=quote | {"is_manual": False}) == ("Why?", False)
    assert heard(text="/roll 6", quote=quote) == ("/roll 6", False)


def test_an_answer_to_another_chat_names_its_message():
    """And quotes it, since it may be unknown here."""
    origin = {"type": "user", "sender_user": BOB, "date": 1}
    reply = {"origin": origin, "chat": PRIVATE, "message_id": 9}
    found = told(text="Look", external_reply=reply, quote={"text": "Rain", "position": 0})
    assert (found.reply_to, found.content.text) == ("1/9", "> Rain\n\nLook")
    assert found.memory().content.in_reply_to == message_id("telegram", "default", "1/9")


def test_an_answer_to_us_speaks_to_us():
    """Message numbers count from one in each chat, so the chat is part of the reference."""
    ours = message(text="I am here", **{"from": US, "message_id": 2})
    found = told(text="Good", reply_to_message=ours)
    assert (found.reply_to, found.addressed) == ("-5/2", True)


def test_an_edit_of_a_live_location_is_an_edit():
    """Of its words; an edit without any is nothing."""
    [moved] = all_of(update(kind="edited_message", location=SPOT, edit_date=1_700_000_060))
    assert (moved.kind, moved.content.text) == ("edit", "Location: 52.500000, 13.000000")
    assert all_of(update(kind="edited_message", edit_date=1_700_000_060)) == ()


def test_a_public_name_is_known():
    """Of a group or channel; a person's own is theirs."""
    found = told(text="Hi", chat=GROUP | {"username": "friends"})
    private = told(text="Hi", chat=PRIVATE | {"username": "ada"}, **{"from": ADA})
    assert (found.room.handle, private.room.handle) == ("friends", "")
