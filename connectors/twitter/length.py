"""How X counts the length of a post.

The numbers are those of twitter-text's configuration, version 3
(docs.x.com/fundamentals/counting-characters). Where telling exactly would take the list of all
top-level domains, the count is too high rather than too low: X refuses what is too long.
"""

from __future__ import annotations

import re
from unicodedata import normalize

URL_LENGTH = 23
EMOJI_LENGTH = 2
LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))
"""The ranges of code points that count as 1; every other counts as 2."""

_HOST = r"(?:[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}(?![A-Za-z0-9])(?::\d+)?"
_PATH = r"(?:/(?:[A-Za-z0-9!*';:=+,.$/%#\[\]_~@|&-]*[A-Za-z0-9=_#/+&-])?)?"
_QUERY = r"(?:\?[A-Za-z0-9!?*'@;:&=+$/%#\[\]_.,~|-]*[A-Za-z0-9_&=#/-])?"
LINK = re.compile(rf"(https?://)?{_HOST}{_PATH}{_QUERY}", re.IGNORECASE)

_PICTURE = (
    "[\u2190-\u21ff\u2300-\u23ff\u2460-\u27bf\u2900-\u2bff\u3030-\u3299\U0001f000-\U0001faff]"
)
_ONE = f"{_PICTURE}\ufe0f?[\U0001f3fb-\U0001f3ff]?"
_EMOJI = re.compile(
    "[\U0001f1e6-\U0001f1ff]{2}"  # a flag is two letters
    "|[0-9#*]\ufe0f?\u20e3"  # a key
    "|\U0001f3f4[\U000e0020-\U000e007e]+\U000e007f"  # the flag of a region
    f"|{_ONE}(?:\u200d{_ONE})*"  # a picture, or several joined into one
)


def weighted_length(text: str) -> int:
    """The length of `text` as X counts it; a post may have 280."""
    text = normalize("NFC", text)
    if text.isascii() and "." not in text and "\u20e3" not in text:
        return len(text)
    total, end = 0, 0
    for link in LINK.finditer(text):
        total += _plain(text[end : link.start()]) + _link(link)
        end = link.end()
    return total + _plain(text[end:])


def _link(link: re.Match[str]) -> int:
    # Without a scheme X may or may not take it for a link.
    return URL_LENGTH if link[1] else max(URL_LENGTH, len(link[0]))


def _plain(text: str) -> int:
    text, emoji = _EMOJI.subn("", text)
    return emoji * EMOJI_LENGTH + sum(_weight(ord(character)) for character in text)


def _weight(point: int) -> int:
    return 1 if any(first <= point <= last for first, last in LIGHT) else 2
