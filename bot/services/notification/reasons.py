"""Why a recipient got nothing: the words of the platforms, in a few classes.

Connectors give reasons for people to read. A class stands before them, as in `blocked: Telegram:
Forbidden: bot was blocked by the user`, so that they can be counted, and so that who cannot be
reached any more is not tried again.
"""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """The classes."""

    BLOCKED = "blocked"
    GONE = "gone"
    TOO_LONG = "too long"
    FORBIDDEN = "forbidden"
    REJECTED = "rejected"


LASTING = (Reason.BLOCKED, Reason.GONE)
"""Whoever has one of these will take no other message either."""

OF_THE_ROOM = (*LASTING, Reason.FORBIDDEN)
"""These say nothing about the message."""

WORDS = {
    Reason.BLOCKED: (
        "blocked",
        "takes no direct messages",
        "can't initiate conversation",
        "kicked",
        "not a member",
        "removed",
    ),
    Reason.GONE: (
        "deactivated",
        "suspended",
        "not found",
        "unknown channel",
        "deleted",
        "nobody has this address",
        "peer_id_invalid",
    ),
    Reason.TOO_LONG: ("too long", "too large", "too big"),
    Reason.FORBIDDEN: ("not enough rights", "no rights", "may not", "does not see", "forbidden"),
}
"""What a reason of a class holds, in small letters; the first that fits decides."""


def classed(reason: str) -> str:
    """A reason with its class before it."""
    return f"{class_of(reason)}: {reason}"


def class_of(reason: str) -> Reason:
    """The class of a reason, whether or not it stands before it."""
    for one in Reason:
        if reason.startswith(f"{one}: "):
            return one
    text = reason.lower()
    found = (one for one, words in WORDS.items() if any(word in text for word in words))
    return next(found, Reason.REJECTED)
