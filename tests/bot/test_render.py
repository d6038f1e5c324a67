"""Splitting loses nothing, and no piece is longer than the platform takes."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from bot.render import split

WORDS = st.text(alphabet="ab \n.é🙂👍🏽👩‍👧", max_size=400)


def utf16(text):
    return len(text.encode("utf-16-le")) // 2


def visible(pieces):
    return "".join("".join(pieces).split())


@given(WORDS, st.integers(8, 60))
def test_joined_the_pieces_are_the_text_again(text, limit):
    """Nothing that can be seen is lost, in the platform's own units."""
    pieces = split(text, limit, utf16)
    assert visible(pieces) == visible([text])
    assert all(utf16(piece) <= limit for piece in pieces)


@given(st.text(alphabet="abc d", min_size=1, max_size=300), st.integers(5, 50))
def test_white_space_between_words_is_kept(text, limit):
    """Where no piece is white space alone, the pieces joined are the very text."""
    pieces = split(text, limit)
    if "     " not in text and text.strip():
        assert "".join(pieces).strip() == text.strip()


def test_a_short_text_is_one_piece():
    """What fits is left as it is."""
    assert split("hello there", 100) == ["hello there"]


def test_nothing_to_say_is_no_piece():
    """Platforms refuse empty messages."""
    assert split("  \n ", 100) == []


def test_paragraphs_are_the_best_place_to_split():
    """A piece ends at the end of a paragraph rather than within a line."""
    text = "one two three four\n\nfive six seven eight nine ten"
    assert split(text, 30) == ["one two three four\n\n", "five six seven eight nine ten"]


def test_a_word_is_torn_only_if_it_does_not_fit():
    """Words stay whole; one that is longer than a message is cut."""
    assert split("aaaa bbbb cccc", 9) == ["aaaa ", "bbbb cccc"]
    assert split("a" * 25, 10) == ["a" * 10, "a" * 10, "a" * 5]


def test_a_combined_character_is_not_torn():
    """A family of emoji counts as one character when a text is cut."""
    text = "x" * 8 + "👩‍👧"
    assert split(text, 10) == ["x" * 8, "👩‍👧"]


def test_an_address_that_counts_little_is_not_torn():
    """Where a platform shortens addresses, more characters fit than it counts."""

    def length(text):
        return len(re.sub(r"http\S+", "short", text))

    address = "http://" + "a" * 100
    assert split(f"{address} bbbb cccc", 10, length) == [f"{address} ", "bbbb cccc"]


def test_a_word_moves_rather_than_being_torn():
    """Even if little is left in the piece before."""
    assert split("aa bbbbbbbbbb cc", 10) == ["aa ", "bbbbbbbbbb", " cc"]


def test_a_flag_is_two_letters():
    """Of three letters in a row, the first two belong together."""
    flags = "🇩🇪" * 3
    assert split(flags, 3) == ["🇩🇪"] * 3
