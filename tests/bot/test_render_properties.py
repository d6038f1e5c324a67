"""Whatever is said, in whatever length: nothing is lost, and every message is whole by itself."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import accumulate

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.capabilities import Capabilities, Markup
from bot.content import Button, Card, Content
from bot.render.layout import lay
from bot.render.writing import escape

CLUSTERS = [
    "a",
    "b",
    "\n",
    " ",
    ".",
    "é",
    "e\u0301",
    "👩‍👧",
    "👍🏽",
    "🇩🇪",
    "1\ufe0f\u20e3",
    "中",
    "각",
]
SIGNS = [
    "*",
    "_",
    "~",
    "`",
    "|",
    "<",
    ">",
    "[",
    "](",
    "#",
    "-",
    "1. ",
    "\\",
    "&",
    "@1",
    "\n",
    "http://a_b/",
]
LETTERS = ["a", "b", "c", "e\u0301", "中", "👍🏽", "👩‍👧", "🇩🇪"]
"""One for each way in which lengths differ: combined, wide, of two units, of many code points."""

TAILS = tuple(sign for letter in LETTERS for sign in letter[1:])
"""What only a message that tears a letter begins with."""

WORDS = st.lists(st.sampled_from([*LETTERS, *" <&>*_`~|\\"]), min_size=1, max_size=12).map("".join)
LONG_WORDS = st.lists(st.sampled_from(LETTERS), min_size=20, max_size=40).map("".join)
SEEN = r"<(https?://[^\s<>]+)>|(https?://[^\s<]+)|\\([^0-9A-Za-z\s])"
FENCE = re.compile(r"^(?:> |- |\d+\. |\s)*```", re.MULTILINE)


def utf16(text):
    return len(text.encode("utf-16-le")) // 2


def weighted(text):
    return sum(1 if ord(letter) < 0x1100 else 2 for letter in text)


LENGTHS = st.sampled_from([len, utf16, weighted])


def inline():
    """A piece of a line of Markdown."""
    signs = st.sampled_from(
        ["**{}**", "*{}*", "~~{}~~", "`{}`", "[{}](http://x.y/z)", "{}", "***{}***"]
    )
    return st.builds(lambda sign, word: sign.format(word), signs, WORDS | LONG_WORDS)


def blocks():
    """A block of Markdown."""
    lines = st.lists(inline(), min_size=1, max_size=12).map(" ".join)
    signs = st.sampled_from(
        ["{}", "# {}", "> {}", "- {}", "1. {}", "  - {}", "```py\n{}\n```", "> - {}"]
    )
    return st.builds(lambda sign, line: sign.format(line), signs, lines)


DOCUMENTS = st.builds(
    lambda parts, gap: gap.join(parts),
    st.lists(blocks(), max_size=6),
    st.sampled_from(["\n", "\n\n"]),
)


def messages(content, markup, limit, length):
    """The messages that say a content."""
    return lay(content, Capabilities(max_length=limit, markup=markup, length=length))


def letters(texts):
    """What can be seen of texts."""
    return "".join("".join(texts).split())


def unescaped(text):
    """A text as Discord shows it: addresses are left alone, backslashes gone."""
    return re.sub(SEEN, lambda m: m[1] or m[2] or m[3], text)


class Reader(HTMLParser):
    """Reads Telegram's HTML; fails where a tag is not closed in its place."""

    def __init__(self, text):
        super().__init__()
        self.seen, self.tags = "", []
        self.feed(text)
        self.close()
        assert not self.tags

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)

    def handle_endtag(self, tag):
        assert self.tags.pop() == tag

    def handle_data(self, data):
        self.seen += data


def words(discord):
    """The words of a Discord text; they are made of letters that its markup here has not.

    The language of a code block stands before each of its pieces, and is none of them.
    """
    outside = re.sub(rf"{FENCE.pattern}.*", "", discord, flags=re.MULTILINE)
    return re.sub(f"[^{''.join(LETTERS)}]", "", outside)


@given(st.lists(st.sampled_from(SIGNS + CLUSTERS), max_size=80).map("".join))
def test_what_is_escaped_reads_as_it_was(text):
    """Escaping adds backslashes and nothing else."""
    assert unescaped(escape(text)) == text


@given(st.text(max_size=300), st.integers(8, 60), LENGTHS, st.sampled_from(Markup))
def test_a_literal_text_is_whole_and_within_the_limit(text, limit, length, markup):
    """Any text, in the platform's own units; no half characters."""
    content = Content(text=text)
    texts = [message.text for message in messages(content, markup, limit, length)]
    assert all(length(text) <= limit for text in texts)
    assert not any("\ud800" <= letter <= "\udfff" for text in texts for letter in text)
    shown = map(unescaped, texts) if markup is Markup.DISCORD else texts
    assert letters(shown) == letters([content.text])


@given(st.lists(st.sampled_from(CLUSTERS), min_size=1, max_size=80), st.integers(10, 40))
def test_no_character_is_torn(clusters, limit):
    """What a reader sees as one character stays in one message."""
    texts = [
        one.text for one in messages(Content(text="".join(clusters)), Markup.NONE, limit, utf16)
    ]
    whole = set(accumulate(len(cluster) for cluster in clusters if cluster.strip()))
    assert set(accumulate(len(letters([text])) for text in texts)) <= whole


@given(st.text(alphabet="ab ", max_size=200), st.integers(5, 30), st.sampled_from(Markup))
def test_a_word_that_fits_is_not_torn(text, limit, markup):
    """Only a word that is too long for a message is cut."""
    fitting = " ".join(word for word in text.split() if len(word) < limit)
    texts = [one.text for one in messages(Content(text=fitting), markup, limit, len)]
    assert " ".join(texts).split() == fitting.split()


@settings(max_examples=70, deadline=None)
@given(DOCUMENTS, st.integers(40, 90), LENGTHS)
def test_telegram_html_is_balanced_and_complete(text, limit, length):
    """Each message closes its tags; read, it is within the limit, and its letters are whole."""
    [*whole] = messages(Content(text=text, markdown=True), Markup.HTML, 10_000, len)
    cut = messages(Content(text=text, markdown=True), Markup.HTML, limit, length)
    seen = [Reader(one.text).seen if one.markup else one.text for one in cut]
    assert all(length(text) <= limit for text in seen)
    assert not any(text.lstrip().startswith(TAILS) for text in seen)
    assert letters(seen) == letters(
        Reader(one.text).seen if one.markup else one.text for one in whole
    )


@settings(max_examples=70, deadline=None)
@given(DOCUMENTS, st.integers(40, 90), LENGTHS)
def test_discord_markdown_is_balanced_and_complete(text, limit, length):
    """Each message closes its fences, is within the limit as written, and no word is missing."""
    content = Content(text=text, markdown=True)
    [*whole] = messages(content, Markup.DISCORD, 10_000, len)
    texts = [message.text for message in messages(content, Markup.DISCORD, limit, length)]
    assert all(length(text) <= limit for text in texts)
    assert all(len(FENCE.findall(text)) % 2 == 0 for text in texts)
    assert not any(words(text).startswith(TAILS) for text in texts)
    assert "".join(map(words, texts)) == "".join(words(message.text) for message in whole)


@given(st.text(alphabet="ab*_`~[]()<>|#-+.1\\\n !&:/\t", max_size=120), st.sampled_from(Markup))
def test_any_text_can_be_read_as_markdown(text, markup):
    """There are no mistakes in Markdown, and no message of white space."""
    assert all(
        one.text.strip() for one in messages(Content(text=text, markdown=True), markup, 60, len)
    )


@settings(max_examples=50)
@given(st.lists(WORDS, max_size=6), WORDS, st.integers(20, 60))
def test_what_becomes_words_is_within_the_limit_too(labels, title, limit):
    """Buttons and cards in words are split with the text."""
    content = Content(
        text=title,
        buttons=tuple(Button(label=label) for label in labels),
        cards=(Card(title=title),),
    )
    texts = [message.text for message in messages(content, Markup.NONE, limit, len)]
    assert all(len(text) <= limit for text in texts)
    assert all(letters([label]) in letters(texts) for label in labels)
