"""From one portable Content to the messages of a platform."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from bot.capabilities import Capabilities
from bot.part import Part
from bot.records import Delivery

BREAKS = tuple(map(re.compile, (r"\n\n+", r"\n", r"(?<=[.!?…])\s+", r"\s+")))
"""Where to split, the best first: paragraphs, lines, sentences, words."""

JOINED = re.compile("[\u0300-\u036f\ufe00-\ufe0f\u200d\U0001f3fb-\U0001f3ff]|(?<=\u200d).")
"""What belongs to the character before it: accents, variants, skin tones, joined emoji."""

Length = Callable[[str], int]


def render(
    delivery: Delivery, capabilities: Capabilities, *, reply_to: str | None = None
) -> tuple[Part, ...]:
    """The parts that say `delivery.content` on a platform.

    Args:
        reply_to: the platform's reference of the message that is answered.
    """
    texts = split(delivery.content.text, capabilities.max_length, capabilities.length)
    return tuple(
        Part(
            delivery=delivery.id,
            ordinal=ordinal,
            room=delivery.room,
            text=text,
            reply_to=reply_to if ordinal == 0 else None,
            priority=delivery.priority,
        )
        for ordinal, text in enumerate(texts)
    )


def split(text: str, limit: int, length: Length = len) -> list[str]:
    """Pieces of `text`, none longer than `limit`; joined, they are `text` again.

    A piece ends at the best break in its second half. Pieces of nothing but white space are left
    out: platforms refuse them.

    Args:
        limit: the longest piece, in the units of `length`.
    """
    return [piece for piece in _pieces(text, limit, length) if piece.strip()]


def _pieces(text: str, limit: int, length: Length) -> Iterator[str]:
    while length(text) > limit:
        most = _longest_prefix(text, limit, length)
        cut = _best_break(text, most)
        yield text[:cut]
        text = text[cut:]
    if text:
        yield text


def _longest_prefix(text: str, limit: int, length: Length) -> int:
    """The number of characters that fit; at least one, so that splitting ends."""
    low, high = 1, min(len(text), limit)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if length(text[:middle]) <= limit else (low, middle - 1)
    return low


def _best_break(text: str, most: int) -> int:
    for pattern in BREAKS:
        ends = [m.end() for m in pattern.finditer(text, most // 2, most)]
        if ends:
            return ends[-1]
    return _whole_cluster(text, most)


def _whole_cluster(text: str, cut: int) -> int:
    """Move a cut back, a little, so that no combined character is torn."""
    return next((c for c in range(cut, max(cut - 16, 0), -1) if not JOINED.match(text, c)), cut)
