"""What a platform can do, and how much of it."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from bot.content import Verb
from bot.value import Value


class Idempotency(StrEnum):
    """What a platform offers when nobody knows whether it took a part."""

    NONE = "none"
    LOOKUP = "lookup"
    """`Connector.find` can tell."""


class Rate(Value):
    """At most `count` parts in any `seconds` seconds.

    Args:
        kinds: the kinds of rooms that it is about; empty for all.
        per_room: whether each room has its own, threads together with the room they belong to;
            otherwise it is the account's.
    """

    count: int
    seconds: float
    per_room: bool = False
    kinds: tuple[str, ...] = ()


class Markup(StrEnum):
    """How a platform writes what is bold, a link or code."""

    NONE = "none"
    DISCORD = "discord"
    """Discord's Markdown: every text is read as such, so what is literal is escaped."""
    HTML = "html"
    """Telegram's HTML, where `Part.markup` says so."""


def utf16(text: str) -> int:
    """The length of a text in UTF-16 code units, as most apps count; see `Capabilities.length`."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


class Capabilities(Value):
    """What a platform can do. Ask for the ability, never for the platform's name.

    Args:
        max_length: the longest text of one part, in the units of `length`.
        length: how the platform counts a text, its markup left out if the platform does so.
        rates: the documented limits; a sender stays below them.
        verbs: what can be done to messages, besides saying new ones.
        edits, deletes: whether we are told when people edit or delete.
        chain: whether each part of an answer replies to the part before, as a thread of posts.
        files: how many files one message may have; 0 where there are none.
        each_file_counts: whether the limits count each file of a message as one more.
        file_size: the largest file, in bytes, where it is the same everywhere.
        buttons: how many one message may have; 0 where there are none.
        button_value: the longest `Button.value`, in bytes of UTF-8.
        selects: whether there are lists to choose from.
        cards: how many one message may have; 0 where they become text.
        personas: whether one can speak under another name.
        private: whether an answer can be shown to one person of a room.
        typing_seconds: how long one typing signal shows, or None if there is none.
        concurrency: how many parts may be on the wire at once.
    """

    max_length: int
    length: Callable[[str], int] = len
    markup: Markup = Markup.NONE
    rates: tuple[Rate, ...] = ()
    idempotency: Idempotency = Idempotency.NONE
    verbs: frozenset[Verb] = frozenset({Verb.SAY})
    edits: bool = False
    deletes: bool = False
    threads: bool = False
    chain: bool = False
    files: int = 0
    each_file_counts: bool = False
    file_size: int | None = None
    buttons: int = 0
    button_value: int = 64
    selects: bool = False
    cards: int = 0
    personas: bool = False
    private: bool = False
    typing_seconds: float | None = None
    concurrency: int = 32
