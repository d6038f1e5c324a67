"""Laws of rendering for Telegram: it can read all that we write, and shows it as it was meant."""

from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.content import Content
from bot.memory import Room
from bot.records import Delivery
from bot.render import render
from connectors.telegram.connector import TelegramService
from connectors.telegram.outgoing import plain
from connectors.telegram.simulator.reading import text

ROOM = Room(platform="telegram", account="default", key="1")
MARKS = st.sampled_from(
    [
        *"*_~`[]()<>&#|-!\\\n ",
        "**",
        "```",
        "&lt;",
        "<b>",
        "\U0001f600",
        "word ",
        "https://a.example",
    ]
)


def rendered(said, **more):
    """The parts of a text in Markdown."""
    content = Content(text=said, markdown=True, **more)
    return render(Delivery(id=uuid4(), room=ROOM, content=content), TelegramService.capabilities)


def read(part):
    """A part as Telegram reads it: what is seen, and the kinds of its entities."""
    found = text({"text": part.text, "parse_mode": "HTML" if part.markup else ""})
    return found["text"], {one["type"] for one in found.get("entities", ())}


@pytest.mark.parametrize(
    ("said", "seen", "kind"),
    [
        ("**bold**", "bold", "bold"),
        ("*italic*", "italic", "italic"),
        ("~~gone~~", "gone", "strikethrough"),
        ("`a < b`", "a < b", "code"),
        ("```python\na < b\n```", "a < b", "pre"),
        ("[docs](https://a.example/?b=1&c=2)", "docs", "text_link"),
        ("> wise", "wise", "blockquote"),
        ("# Head", "Head", "bold"),
    ],
)
def test_markdown_becomes_what_telegram_shows(said, seen, kind):
    """Each by its own kind of entity."""
    [part] = rendered(said)
    assert read(part) == (seen, {kind})


@settings(deadline=None)
@given(st.lists(MARKS, max_size=40).map("".join))
def test_whatever_is_written_telegram_can_read_it(said):
    """No tag is left open, unknown or crossed with another."""
    for part in rendered(said):
        read(part)


@settings(deadline=None, max_examples=20)
@given(st.lists(MARKS, min_size=5, max_size=12).map("".join))
def test_long_texts_stay_within_what_telegram_takes(said):
    """Counted after its markup is read, by Telegram and by us alike."""
    for part in rendered(f"{said} x" * 500):
        seen, _ = read(part)
        assert plain(part).text.strip() == seen
