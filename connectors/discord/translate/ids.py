"""Ids, times and links as Discord writes them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import partial
from typing import Any

from bot.events import Event
from bot.memory import Room

PLATFORM = "discord"
EPOCH = 1_420_070_400_000
"""When Discord's clock begins, in ms after 1970. https://discord.com/developers/docs/reference"""

told = partial(Event, platform=PLATFORM, how="gateway")
"""An event as the gateway tells it; of what `catch_up` reads, that says how."""

NONSENSE = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What a payload of an unexpected shape makes of a translation."""

_LINK = re.compile(
    r"https://(?:\w+\.)?discord(?:app)?\.com/channels/(?:\d+|@me)/\d+/(\d+)/?(?:[?#].*)?"
)


def moment(snowflake: str | int) -> int:
    """When an id was given, in ms after 1970."""
    return (int(snowflake) >> 22) + EPOCH


def snowflake(value: Any) -> str:
    """An id.

    Raises:
        TypeError, ValueError: it is none.
    """
    return str(int(value))


def time(stamp: str) -> datetime:
    """A moment.

    Raises:
        TypeError, ValueError: it is none.
    """
    at = datetime.fromisoformat(stamp)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def link(room: Room, message: str) -> str:
    """The address of a message, as "Copy Message Link" gives it."""
    guild = room.world.key if room.world else "@me"
    return f"https://discord.com/channels/{guild}/{room.key}/{message}"


def linked(link: str) -> str | None:
    """The message behind a link."""
    found = _LINK.fullmatch(link)
    return found[1] if found else None
