"""How long a campaign takes at least, by the limits of the platforms."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.capabilities import Capabilities, Rate
from bot.memory import RoomKind
from bot.window import RESERVE, SHORT_SECONDS

WINDOW_SECONDS = 2.0
"""How much is kept in the outbox, by the time that it takes to send."""

FEWEST, MOST = 8, 500
"""Deliveries in the outbox at once, of a campaign on an account."""


def least_seconds(
    capabilities: Capabilities, recipients: int, *, parts: int = 1, kinds: Sequence[RoomKind] = ()
) -> float:
    """The least time for one message to so many rooms.

    Args:
        parts: how many messages it is split into.
        kinds: of some of the rooms, from which those of all are reckoned.
    """
    if recipients <= 0:
        return 0.0
    times = [
        _least(rate, parts if rate.per_room else round(recipients * parts * share))
        for rate in capabilities.rates
        if (share := _share(rate, kinds))
    ]
    return max(times, default=0.0)


def window(rates: Iterable[Rate]) -> int:
    """How many deliveries to keep in the outbox of an account."""
    own = [rate.count / rate.seconds for rate in rates if not rate.per_room]
    return round(min(max(min(own) * WINDOW_SECONDS, FEWEST), MOST)) if own else MOST


def _least(rate: Rate, messages: int) -> float:
    """How long after the first the last of so many may go: see `Window` in `bot/budget.py`."""
    if rate.per_room:
        return max(0, (messages - 1) // rate.count) * rate.seconds
    if rate.seconds <= SHORT_SECONDS:
        return max(0, messages - 1) * rate.seconds / rate.count
    usable = max(rate.count - int(rate.count * RESERVE), 1)
    return max(0, messages - 1) // usable * rate.seconds


def _share(rate: Rate, kinds: Sequence[RoomKind]) -> float:
    """The share of the rooms that a rate is about."""
    if not rate.kinds:
        return 1.0
    return sum(kind in rate.kinds for kind in kinds) / len(kinds) if kinds else 0.0
