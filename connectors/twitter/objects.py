"""What X's answers have in common: ids, dates, and what comes along with posts and messages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bot import payload
from bot.value import now

EPOCH = 1_288_834_974_657
"""The millisecond at which X's ids begin (docs.x.com/fundamentals/x-ids)."""

DIGITS = 20
"""The most that an id has: it is an unsigned number of 64 bits (docs.x.com/fundamentals/x-ids)."""

UNORDERED = 60_000
"""Milliseconds: X promises no order, so what was said in a minute before a post may follow it."""

Objects = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Includes:
    """What comes along with posts and messages, each by its id or key."""

    users: Objects = field(default_factory=dict)
    media: Objects = field(default_factory=dict)
    posts: Objects = field(default_factory=dict)
    polls: Objects = field(default_factory=dict)

    @classmethod
    def of(cls, given: Any) -> Includes:
        """From X's own words; what is none is left out."""
        given = given if isinstance(given, dict) else {}
        return cls(
            _by("id", given.get("users")),
            _by("media_key", given.get("media")),
            _by("id", given.get("tweets")) | _by("id", given.get("posts")),
            _by("id", given.get("polls")),
        )

    def __or__(self, other: Includes) -> Includes:
        return Includes(
            {**self.users, **other.users},
            {**self.media, **other.media},
            {**self.posts, **other.posts},
            {**self.polls, **other.polls},
        )


def number(raw: Any) -> int | None:
    """The id of a post or direct message, where it has a good one; a newer one is larger."""
    given = raw.get("id") if isinstance(raw, dict) else None
    if not isinstance(given, str) or len(given) > DIGITS or not given.isdecimal():
        return None
    return int(given)


def early(id: int) -> int:
    """The id that a post would have a minute before: up to it, all has surely been shown."""
    return max(id - (UNORDERED << 22), 0)


def said_at(id: int) -> datetime:
    """When a post was made, as its id says."""
    return datetime.fromtimestamp(((id >> 22) + EPOCH) / 1000, UTC)


def id_at(moment: datetime) -> int:
    """The least id that a post has which was made then."""
    return max(int(moment.timestamp() * 1000) - EPOCH, 0) << 22


def moment(raw: Any) -> datetime:
    """When it was said; now, where X does not tell.

    Raises:
        ValueError: the date is none.
    """
    said = raw.get("created_at")
    return datetime.fromisoformat(said).astimezone(UTC) if said else now()


def is_known(raw: Any, since: int) -> bool:
    """Whether it is not newer than the id `since`."""
    known = number(raw)
    return known is not None and known <= since


def is_before(raw: Any, start: datetime) -> bool:
    """Whether it was said before `start`, as far as one can tell."""
    try:
        return moment(raw) < start
    except (AttributeError, TypeError, ValueError):
        return False


def decoded(body: bytes) -> Any:
    """What JSON says; None if it is none."""
    try:
        return payload.decoded(body)
    except (ValueError, RecursionError):
        return None


def some(value: Any) -> list[Any]:
    """The members of a list that are objects; of anything else, none."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _by(key: str, objects: Any) -> dict[str, Any]:
    return {one[key]: one for one in some(objects) if isinstance(one.get(key), str)}
