"""How X counts the length of a post.

The numbers are those of twitter-text's configuration, version 3
(docs.x.com/fundamentals/counting-characters). Where telling exactly would take the list of all
top-level domains, the count is too high rather than too low: X refuses what is too long.
"""

from __future__ import annotations

import re
from unicodedata import normalize

from connectors.twitter.emoji import COUNTRIES, EMOJI

URL_LENGTH = 23
EMOJI_LENGTH = 2
LIGHT = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))
"""The ranges of code points that count as 1; every other counts as 2."""

DOMAINS = (
    "com org net edu gov mil int info biz name pro aero asia cat coop jobs mobi museum post tel "
    "travel xxx academy agency app art bank bar berlin best bike blog build business cafe camp "
    "cards care cash center chat church city click cloud club codes coffee community company "
    "computer cool dating deals design dev digital direct directory domains education email "
    "energy engineering events exchange expert express family farm finance fit fitness "
    "foundation fun fund fyi gallery games gifts global gold group guide guru health help "
    "hosting house institute international jetzt land law legal life link live london ltd "
    "management market marketing media money moscow network news nyc one online page paris "
    "party photo photography photos pictures pizza plus press productions properties pub radio "
    "recipes red rent report rest restaurant review reviews rocks run sale school science "
    "services shop show site ski social software solutions space store studio style support "
    "systems team tech technology tips today tokyo tools top tours town toys trade training "
    "tube university uno vegas video vip vision watch website wien wiki win wine work works "
    "world wtf xyz yoga zone ac su uk"
)
"""Top-level domains that X surely knows, besides those of countries."""

SHORT_DOMAINS = ("co", "tv")
"""Of countries, those that make a link of a single name without anything behind."""

_KNOWN = frozenset(f"{DOMAINS} {COUNTRIES.lower()}".split())
_LETTER = "A-Za-z0-9\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u0400-\u04ff"
_HOST = r"(?:[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?\.)+([A-Za-z]{2,})(?![A-Za-z0-9@+-])(?::\d+)?"
_INSIDE = rf"[{_LETTER}!*';:=+,.$/%#\[\]\u2013_~@|&-]"
_ROUND = rf"\({_INSIDE}+\)"
_PATH = rf"(/(?:(?:{_INSIDE}|{_ROUND})*(?:[{_LETTER}=_#/+-]|{_ROUND}))?)?"
_QUERY = r"(?:\?[A-Za-z0-9!?*'@;:&=+$/%#\[\]_.,~|()-]*[A-Za-z0-9_&=#/-])?"
_NOT_AFTER = r"(?<![A-Za-z0-9@\uff20$#\uff03\u202a-\u202e])"
LINK = re.compile(rf"{_NOT_AFTER}(?:(https?://)|(?<![-_./])){_HOST}{_PATH}{_QUERY}", re.IGNORECASE)
"""What may be a link: its scheme, its top-level domain and its path are the groups."""


def weighted_length(text: str) -> int:
    """The length of `text` as X counts it; a post may have 280."""
    text = normalize("NFC", text)
    if text.isascii() and "." not in text:
        return len(text)
    total, end = 0, 0
    for link in LINK.finditer(text):
        total += _plain(text[end : link.start()]) + _link(link)
        end = link.end()
    return total + _plain(text[end:])


def has_link(text: str) -> bool:
    """Whether X makes a link of something in `text`, with a scheme or without."""
    return any(map(_is_link, LINK.finditer(normalize("NFC", text))))


def _link(link: re.Match[str]) -> int:
    if not _is_link(link):
        return _plain(link[0])
    return URL_LENGTH if link[2].lower() in _KNOWN else max(URL_LENGTH, _plain(link[0]))


def _is_link(link: re.Match[str]) -> bool:
    """Whether it surely or perhaps is one: a single name under a country's domain is not."""
    scheme, domain, path = link[1], link[2].lower(), link[3]
    is_short = link[0].count(".") == 1 and len(domain) == len("de") and not path
    return bool(scheme) or not is_short or domain in SHORT_DOMAINS


def _plain(text: str) -> int:
    text, emoji = EMOJI.subn("", text)
    return emoji * EMOJI_LENGTH + sum(_weight(ord(character)) for character in text)


def _weight(point: int) -> int:
    return 1 if any(first <= point <= last for first, last in LIGHT) else 2
