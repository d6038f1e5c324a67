"""Laws of translation, without a wire."""

import pytest

from bot.connector import Identity
from bot.events import EventKind
from connectors.telegram.simulator.chats import entities
from connectors.telegram.translate import event

ME = Identity(key="7", name="Townhall", username="townhall_bot")
ADA = {"id": 1, "is_bot": False, "first_name": "Ada", "last_name": "Lovelace"}
GROUP = {"id": -5, "type": "group", "title": "Friends"}
PRIVATE = {"id": 1, "type": "private", "first_name": "Ada"}


def update(number=10, *, kind="message", **what):
    message = {"message_id": 3, "date": 1_700_000_000, "chat": GROUP, "from": ADA}
    return {"update_id": number, kind: message | what}


def heard(**what):
    found = event(update(**what), "default", ME)
    return found.content.text, found.addressed


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
    found = event(update(photo=sizes, caption="Look"), "default", ME)
    [photo] = found.content.attachments
    assert found.content.text == "Look"
    assert (photo.key, photo.media_type, photo.size) == ("large", "image/jpeg", 5)


def test_a_document_keeps_its_name_and_type():
    """As the sender's device gave them."""
    file = {"file_id": "f", "file_unique_id": "u", "file_name": "a.pdf", "mime_type": "text/x"}
    [found] = event(update(document=file), "default", ME).content.attachments
    assert (found.key, found.name, found.media_type) == ("f", "a.pdf", "text/x")


def test_a_sticker_is_its_emoji():
    """The nearest that text can come."""
    size = {"width": 1, "height": 1, "is_animated": False, "is_video": False}
    sticker = {"file_id": "f", "file_unique_id": "u", "type": "regular", "emoji": "\U0001f600"}
    assert heard(sticker=sticker | size) == ("\U0001f600", False)


def test_an_anonymous_admin_speaks_as_the_group():
    """Telegram puts a bot of its own in `from`."""
    bot = {"id": 1087968824, "is_bot": True, "first_name": "Group"}
    found = event(update(**{"text": "Quiet!", "from": bot, "sender_chat": GROUP}), "default", ME)
    assert (found.sender.key, found.sender.name, found.sender.is_bot) == ("-5", "Friends", False)


def test_a_private_message_always_speaks_to_the_bot():
    """There is nobody else."""
    assert heard(text="/roll@other_bot", chat=PRIVATE) == ("/roll@other_bot", True)


@pytest.mark.parametrize(
    "what",
    [
        {"text": "mine", "from": {"id": 7, "is_bot": True, "first_name": "Townhall"}},
        {"new_chat_title": "Enemies"},
        {"location": {"longitude": 1.0, "latitude": 1.0}},
    ],
)
def test_own_messages_and_notices_are_nothing_to_us(what):
    """Nobody said anything."""
    assert event(update(**what), "default", ME) is None


def test_an_update_told_twice_is_one_event():
    """And the same message of another chat, or of another account, is another."""
    told, again = (event(update(text="Hi"), "default", ME) for _ in range(2))
    private = event(update(text="Hi", chat=PRIVATE), "default", ME)
    other = event(update(text="Hi"), "sales", ME)
    assert told.key == again.key
    assert len({told.key, private.key, other.key}) == 3


def test_an_edit_told_twice_is_one_event():
    """Its revision comes from Telegram alone."""
    edit = update(text="Hi", kind="edited_message", edit_date=1_700_000_060)
    told, again = (event(edit, "default", ME) for _ in range(2))
    assert told.kind is EventKind.EDIT
    assert told.key == again.key
    assert told.revision < 2**63


def test_an_update_without_a_number_is_known_by_its_body():
    """So that it is kept once, however often it comes."""
    told, again, other = (event(raw, "default", ME) for raw in ({}, {}, {"a": 1}))
    assert told.kind is EventKind.MALFORMED
    assert told.key == again.key != other.key
