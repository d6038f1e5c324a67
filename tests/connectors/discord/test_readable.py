"""What a message shows is readable as text, and its files are kept by reference."""

from __future__ import annotations

import pytest

from bot.content import MediaKind
from bot.memory import Room
from connectors.discord.simulator import posts
from connectors.discord.translate import Known, to_content

ANN = {"id": "7", "username": "ann", "global_name": "Ann"}
OGG = {"id": "3", "filename": "voice.ogg", "content_type": "audio/ogg", "size": 5}


@pytest.fixture
def known():
    known = Known("default", me="9")
    known.rooms["50"] = Room(platform="discord", account="default", key="50", name="lobby")
    known.places["60"] = "help"
    known.role({"id": "70", "name": "Cooks"})
    known.role({"id": "71", "name": "Townhall"})
    known.ourselves({"roles": ["71"]}, "40")
    return known


def read(known, content, **more):
    data = {"id": "100", "channel_id": "50", "content": content, "mentions": [ANN], **more}
    return to_content(data, known)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("<@7> and <@!7>", "@Ann and @Ann"),
        ("ask <@&70>, not <@&99>", "ask @Cooks, not <@&99>"),
        ("in <#50> or <#60>, not <#99>", "in #lobby or #help, not <#99>"),
        ("<:party:123> <a:dance:124>", ":party: :dance:"),
        (
            "at <t:1767323045> or <t:1767323045:R>",
            "at 2026-01-02 03:04 UTC or 2026-01-02 03:04 UTC",
        ),
        ("</roll:12> or </roll big:12>", "/roll or /roll big"),
        ("1 < 2 <3 <@> <t:999999999999>", "1 < 2 <3 <@> <t:999999999999>"),
        ("<@&71> hello", "hello"),
        ("<@&70> hello", "@Cooks hello"),
        ("hello <@&71>", "hello @Townhall"),
    ],
)
def test_what_is_mentioned_is_called_by_name(known, content, text):
    """What nobody told us of stays as it is; our own name in front is taken off."""
    assert read(known, content).text == text


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        (posts.sticker("Wave"), "[sticker: Wave]"),
        (posts.poll("Lunch?", "Pizza", "Soup"), "[poll: Lunch? 1. Pizza 2. Soup]"),
        (posts.embed("News", "It rains.", Where="here"), "News\nIt rains.\nWhere: here"),
        (posts.preview("https://example.org", "Example"), ""),
    ],
    ids=["sticker", "poll", "embed", "preview"],
)
def test_what_is_shown_stands_below_the_text(known, fields, text):
    """In plain words; a preview repeats what the link says, so it is left out."""
    assert read(known, "", **fields).text == text
    assert read(known, "Look:", **fields).text == f"Look:\n{text}".strip()


def test_an_answer_of_a_poll_may_be_an_emoji(known):
    """Then it has no text, or one beside it."""
    asked = {"question": {"text": "?"}, "answers": [{"poll_media": {"emoji": {"name": "👍"}}}]}
    assert read(known, "", poll=asked).text == "[poll: ? 1. 👍]"


def test_a_layout_of_components_is_read(known):
    """Newer messages have their text there, and nowhere else."""
    row = {"type": 17, "components": [{"type": 10, "content": "Hello"}, {"type": 14}]}
    assert read(known, "", components=[row, {"type": 10, "content": "you"}]).text == "Hello\nyou"


def test_a_forwarded_message_is_read_with_its_files(known):
    """It has no author any more. Its files are asked for with the message that brings it."""
    snapshot = {"message": {"content": "Rain <@7>", "mentions": [ANN], "attachments": [OGG]}}
    content = read(known, "Look:", message_snapshots=[snapshot])
    assert content.text == "Look:\n[forwarded] Rain @Ann"
    assert [one.key for one in content.attachments] == ["50/100/3"]


@pytest.mark.parametrize(
    ("media_type", "kind"),
    [
        ("image/png", MediaKind.IMAGE),
        ("video/mp4", MediaKind.VIDEO),
        ("audio/ogg; codecs=opus", MediaKind.AUDIO),
        ("application/pdf", MediaKind.FILE),
        (None, MediaKind.FILE),
    ],
)
def test_a_file_is_of_the_kind_that_its_type_says(known, media_type, kind):
    """It is kept by what its address can be asked with: addresses are signed, and expire."""
    file = {"id": "3", "filename": "a", "content_type": media_type, "size": 5, "url": "https://x"}
    [kept] = read(known, "", attachments=[file]).attachments
    assert (kept.kind, kept.key, kept.holder) == (kind, "50/100/3", "discord")


def test_a_voice_message_has_a_length(known):
    """A flag of the message tells it from music."""
    file = {**OGG, "duration_secs": 1.5}
    [kept] = read(known, "", attachments=[file], flags=1 << 13).attachments
    assert (kept.kind, kept.seconds) == (MediaKind.VOICE, 1.5)


def test_the_files_of_an_account_say_whose_they_are(known):
    """Another account may not be allowed to read them."""
    known.account = "sales"
    [kept] = read(known, "", attachments=[OGG]).attachments
    assert kept.holder == "discord/sales"


def test_a_file_is_called_as_it_was(known):
    """Discord keeps its name without what is awkward in an address, and tells the rest apart."""
    told = {**OGG, "filename": "Ubersicht_.pdf", "title": "Übersicht 報告"}
    [kept] = read(known, "", attachments=[told]).attachments
    assert kept.name == "Übersicht 報告.pdf"
