"""Laws of translation, without a wire."""

import pytest

from bot.events import EventKind
from connectors.telegram.simulator.chats import entities

from .tellings import ADA, GROUP, PRIVATE, all_of, heard, one_of, told, update


@pytest.mark.parametrize(
    ("said", "text", "addressed"),
    [
        ("hello", "hello", False),
        ("@townhall_bot hello", "hello", True),
        ("@Townhall_Bot  hello ", "hello ", True),
        ("@townhall_bot", "", True),
        ("hello @townhall_bot!", "hello @townhall_bot!", True),
        ("\U0001f600 @TOWNHALL_BOT", "\U0001f600 @TOWNHALL_BOT", True),
        ("@townhall_bots hello", "@townhall_bots hello", False),
        ("/roll 6", "/roll 6", True),
        ("/roll@townhall_bot 6", "/roll 6", True),
        ("/roll@Townhall_Bot", "/roll", True),
        ("/roll@other_bot 6", "/roll@other_bot 6", False),
        ("/roll@other_bot @townhall_bot", "/roll@other_bot @townhall_bot", True),
        ("@townhall_bot /roll@townhall_bot 6", "/roll 6", True),
        ("try /roll", "try /roll", False),
    ],
)
def test_only_the_call_in_front_is_taken_from_a_text(said, text, addressed):
    """And the flag says that the bot was called."""
    assert heard(text=said, entities=entities(said)) == (text, addressed)


def test_a_name_without_a_handle_is_counted_in_utf_16():
    """A text mention carries the person, and its length counts each emoji twice."""
    name = "Townhall \U0001f3db\U0001f3db"
    mention = {"type": "text_mention", "offset": 0, "length": 13}
    mention["user"] = {"id": 7, "is_bot": True, "first_name": name}
    assert heard(text=f"{name} hello", entities=[mention]) == ("hello", True)


def test_a_text_mention_of_somebody_else_stays():
    """Only the bot's own name is taken away."""
    mention = {"type": "text_mention", "offset": 0, "length": 3, "user": ADA}
    assert heard(text="Ada hello", entities=[mention]) == ("Ada hello", False)


def test_a_caption_is_text_and_a_photo_is_kept_by_its_id():
    """The largest of the sizes."""
    sizes = [
        {"file_id": name, "file_unique_id": name, "width": 1, "height": 1, "file_size": 5}
        for name in ("small", "large")
    ]
    found = told(photo=sizes, caption="Look")
    [photo] = found.content.attachments
    assert found.content.text == "Look"
    assert (photo.key, photo.media_type, photo.size) == ("large", "image/jpeg", 5)


def test_a_document_keeps_its_name_and_type():
    """As the sender's device gave them."""
    file = {"file_id": "f", "file_unique_id": "u", "file_name": "a.pdf", "mime_type": "text/x"}
    [found] = told(document=file).content.attachments
    assert (found.key, found.name, found.media_type) == ("f", "a.pdf", "text/x")


def test_a_sticker_is_its_emoji():
    """The nearest that text can come."""
    size = {"width": 1, "height": 1, "is_animated": False, "is_video": False}
    sticker = {"file_id": "f", "file_unique_id": "u", "type": "regular", "emoji": "\U0001f600"}
    assert heard(sticker=sticker | size) == ("\U0001f600", False)


def test_an_anonymous_admin_speaks_as_the_group():
    """Telegram puts a bot of its own in `from`."""
    bot = {"id": 1087968824, "is_bot": True, "first_name": "Group"}
    found = told(**{"text": "Quiet!", "from": bot, "sender_chat": GROUP})
    assert (found.sender.key, found.sender.name, found.sender.is_bot) == ("-5", "Friends", False)


def test_a_private_message_always_speaks_to_the_bot():
    """There is nobody else."""
    assert heard(text="/roll@other_bot", chat=PRIVATE) == ("/roll@other_bot", True)


@pytest.mark.parametrize(
    "what",
    [
        {"text": "mine", "from": {"id": 7, "is_bot": True, "first_name": "Townhall"}},
        {"delete_chat_photo": True},
        {"pinned_message": {"message_id": 1, "date": 0, "chat": GROUP}},
    ],
)
def test_own_messages_and_notices_are_nothing_to_us(what):
    """Nobody said anything."""
    assert all_of(update(**what)) == ()


def test_an_update_told_twice_is_one_event():
    """And the same message of another chat, or of another account, is another."""
    first, again = (told(text="Hi") for _ in range(2))
    private = told(text="Hi", chat=PRIVATE)
    other = one_of(update(text="Hi"), "sales")
    assert first.key == again.key
    assert len({first.key, private.key, other.key}) == 3


def test_an_edit_told_twice_is_one_event():
    """Its revision comes from Telegram alone."""
    edit = update(text="Hi", kind="edited_message", edit_date=1_700_000_060)
    first, again = (one_of(edit) for _ in range(2))
    assert first.kind is EventKind.EDIT
    assert first.key == again.key
    assert first.revision < 2**63


def test_an_update_without_a_number_is_known_by_its_body():
    """So that it is kept once, however often it comes."""
    first, again, other = (one_of(raw) for raw in ({}, {}, {"a": 1}))
    assert first.kind is EventKind.MALFORMED
    assert first.key == again.key != other.key


@pytest.mark.parametrize(
    ("what", "problem"),
    [
        ({"text": 7}, "text must be text, not 7"),
        ({"text": "Hi", "chat": {"id": True, "type": "group"}}, "id must be a whole number"),
        ({"text": "Hi", "entities": ["bold"]}, "entities must hold objects only"),
        ({"location": {"latitude": "north", "longitude": 1}}, "latitude must be a whole number"),
        ({"photo": [{"width": 1}]}, "file_id must be text, not None"),
        ({"text": "Hi", "date": 10**18}, "date must be a time"),
    ],
)
def test_a_field_of_another_type_is_named(what, problem):
    """The update is kept as it came."""
    found = told(**what)
    assert (found.kind, found.raw) == (EventKind.MALFORMED, update(**what))
    assert problem in found.problem


@pytest.mark.parametrize(
    "what",
    [
        {"text": "Hi", "mood": "good", "from": ADA | {"aura": {"color": "green"}}},
        {"text": "Hi", "entities": [{"type": "hologram", "offset": 0, "length": 2}]},
        {"text": "Hi", "chat": GROUP | {"type": "planet"}},
    ],
)
def test_what_telegram_adds_to_what_we_know_does_no_harm(what):
    """Fields that we do not know are not read, and an unknown kind of chat is a group."""
    found = told(**what)
    assert (found.kind, found.content.text, found.room.kind) == ("message", "Hi", "group")


@pytest.mark.parametrize("raw", [update(hologram={"depth": 3}), {"update_id": 10, "dream": {}}])
def test_what_is_new_is_kept_as_it_came(raw):
    """A kind of update, or of what a message holds, that has no name yet."""
    found = one_of(raw)
    assert found.kind is EventKind.UNKNOWN
    assert found.raw in (raw, raw.get("message"))
