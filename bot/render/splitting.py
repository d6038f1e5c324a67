"""Where to cut a text that is too long for one message."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from unicodedata import category

BREAKS = tuple(map(re.compile, (r"\n\n+", r"\n", r"(?<=[.!?…])\s+", r"\s+")))
"""Where to split, the best first: paragraphs, lines, sentences, words."""

JOINED = re.compile(
    "[\u1160-\u11ff\u200c\u200d\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]|(?<=\u200d).|(?<=\r)\n"
)
"""What belongs to the character before it, besides marks: parts of a Korean syllable, skin tones,
the letters of a region's flag, joined emoji."""

FLAGS = re.compile("[\U0001f1e6-\U0001f1ff]+")
"""Letters of flags; two of them are one flag."""

Length = Callable[[str], int]
Fits = Callable[[int, int], bool]


def split(text: str, limit: int, length: Length = len) -> list[str]:
    """Pieces of `text`, none longer than `limit`; joined, they are `text` again.

    A piece ends at the best break in its second half; a word is torn only if it fits no message.
    Pieces of nothing but white space are left out: platforms refuse them.

    Args:
        limit: the longest piece, in the units of `length`.
    """

    def fits(start: int, end: int) -> bool:
        return length(text[start:end]) <= limit

    return [text[start:end] for start, end in spans(text, limit, fits)]


def spans(text: str, guess: int, fits: Fits) -> Iterator[tuple[int, int]]:
    """The start and end of each piece of `text`; those of white space alone are left out.

    Args:
        guess: about how many characters fit.
        fits: whether what stands between two places is short enough for one message.
    """
    start = 0
    while start < len(text):
        end = _longest(start, len(text), guess, fits)
        if end < len(text):
            end = _best_break(text, start, end)
        if not text[start:end].isspace():
            yield start, end
        start = end


def _longest(start: int, size: int, guess: int, fits: Fits) -> int:
    """The last place that fits; at least one character on, so that splitting ends."""
    low, high = start + 1, min(start + guess, size)
    while fits(start, high):
        if high == size:
            return size
        low, high = high, min(2 * high - start, size)
    high -= 1
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(start, middle) else (low, middle - 1)
    return low


def _best_break(text: str, start: int, most: int) -> int:
    piece = text[start:most]
    begun = start + len(piece) - len(piece.lstrip())  # white space alone is no piece
    middle = max(begun, start + len(piece) // 2)
    for pattern in BREAKS:
        if end := _last_end(pattern, text, middle, most):
            return end
    if text[most].isspace():
        return most
    return _last_end(BREAKS[-1], text, begun, middle) or _whole_character(text, start, most)


def _last_end(pattern: re.Pattern[str], text: str, start: int, end: int) -> int | None:
    return max((found.end() for found in pattern.finditer(text, start, end)), default=None)


def _whole_character(text: str, start: int, cut: int) -> int:
    """Move a cut back so that it tears nothing that a reader sees as one character."""
    return next((c for c in range(cut, start, -1) if not _is_joined(text, c)), cut)


def _is_joined(text: str, at: int) -> bool:
    if category(text[at]).startswith("M") or JOINED.match(text, at):
        return True
    if not FLAGS.match(text, at):
        return False
    letters = 0
    while letters < at and FLAGS.match(text, at - letters - 1):
        letters += 1
    return letters % 2 == 1
