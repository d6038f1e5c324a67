"""Laws of the simulator's markup: entities and errors as the Bot API gives them."""

import pytest

from connectors.telegram.simulator.chats import ApiError
from connectors.telegram.simulator.html import parse, trimmed
from connectors.telegram.simulator.reading import caption, text


def entity(kind, offset, length, **more):
    return {"type": kind, "offset": offset, "length": length, **more}


@pytest.mark.parametrize(
    ("source", "plain", "entities"),
    [
        ("1 &lt; 2 &amp; &#128512; &nbsp; > 0", "1 < 2 & \U0001f600 &nbsp; > 0", []),
        ("<b>b</b><STRONG>s</STRONG>", "bs", [entity("bold", 0, 1), entity("bold", 1, 1)]),
        ("\U0001f600<i>x</i>", "\U0001f600x", [entity("italic", 2, 1)]),
        ("<u><s>x</s></u>", "x", [entity("strikethrough", 0, 1), entity("underline", 0, 1)]),
        ("<b></b>x", "x", []),
        ("<code>a</code>", "a", [entity("code", 0, 1)]),
        ("<pre>a</pre>", "a", [entity("pre", 0, 1)]),
        (
            '<pre><code class="language-python">a</code></pre>',
            "a",
            [entity("pre", 0, 1, language="python")],
        ),
        (
            '<a href="https://a.example/?b=1&amp;c=2">x</a>',
            "x",
            [entity("text_link", 0, 1, url="https://a.example/?b=1&c=2")],
        ),
        ("<a href='nowhere'>x</a>", "x", []),
        ('<span class="tg-spoiler">x</span>', "x", [entity("spoiler", 0, 1)]),
        ("<blockquote>x</blockquote>", "x", [entity("blockquote", 0, 1)]),
        (
            "<blockquote expandable>x</blockquote>",
            "x",
            [entity("expandable_blockquote", 0, 1)],
        ),
    ],
)
def test_tags_become_entities(source, plain, entities):
    """Counted in UTF-16 units, the outer before the inner only if it is longer."""
    assert parse(source) == (plain, entities)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("é<spoon>", 'Unsupported start tag "spoon" at byte offset 2'),
        ("1 < 2", 'Unsupported start tag "" at byte offset 2'),
        ("<b", "Unclosed start tag at byte offset 0"),
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<b>x</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
    ],
)
def test_wrong_tags_are_named(source, words):
    """With the byte at which they are."""
    with pytest.raises(ApiError) as error:
        parse(source)
    assert error.value.description == f"Bad Request: can't parse entities: {words}"


def test_white_space_around_a_text_goes():
    """And the entities move along; one of nothing else goes, too."""
    assert trimmed(" \n b ", [entity("bold", 0, 5)]) == ("b", [entity("bold", 0, 1)])
    assert trimmed("b \n", [entity("bold", 1, 2)]) == ("b", [])


def test_mentions_and_commands_are_found_between_the_tags():
    """But not in code or in a link."""
    found = text({"text": "/a <code>/b</code> <b>@carla</b>", "parse_mode": "HTML"})
    kinds = [one["type"] for one in found["entities"]]
    assert kinds == ["bot_command", "code", "bold", "mention"]


@pytest.mark.parametrize(
    ("read", "name", "most"), [(text, "text", 4096), (caption, "caption", 1024)]
)
def test_markup_does_not_count(read, name, most):
    """What is too long is what a reader sees."""
    read({name: f"<b>{'x' * most}</b>", "parse_mode": "html"})
    with pytest.raises(ApiError, match="too long"):
        read({name: f"<b>{'x' * (most + 1)}</b>", "parse_mode": "HTML"})
