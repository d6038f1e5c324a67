"""When a campaign may send: quiet hours, and spreading over a time."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.campaign import Quiet
from bot.errors import TownhallError

STEP_SECONDS = 2.0
"""The longest time that is caught up with where sending was held up: there is no rush after it."""


def zone_of(quiet: Quiet) -> ZoneInfo:
    """Where the quiet hours are.

    Raises:
        TownhallError: there is no such zone.
    """
    try:
        return ZoneInfo(quiet.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise TownhallError(f"there is no time zone {quiet.zone!r}: write Europe/Berlin") from error


def quiet_until(quiet: Quiet | None, now: datetime) -> datetime | None:
    """When the quiet hours end that it is now; None if it is not quiet."""
    if quiet is None or quiet.begins == quiet.ends:
        return None
    here = now.astimezone(zone_of(quiet))
    begins, ends, clock = quiet.begins, quiet.ends, here.time()
    over_night = begins > ends
    if not (begins <= clock or clock < ends if over_night else begins <= clock < ends):
        return None
    day = here.date() + timedelta(days=over_night and clock >= begins)
    return datetime.combine(day, ends, tzinfo=here.tzinfo)


class Spread:
    """Lets recipients go evenly over a time.

    Args:
        over: how many seconds all of them take; 0 for no spreading.
    """

    def __init__(self, over: float) -> None:
        self._over = over
        self._next: float | None = None

    def ready(self, total: int, most: int) -> int:
        """How many of `total` may go now, `most` at the most."""
        if not self._over or not total:
            return most
        now, interval = time.monotonic(), self._over / total
        if self._next is None or now - self._next > max(interval, STEP_SECONDS):
            self._next = now
        return min(int((now - self._next) / interval) + 1, most) if now >= self._next else 0

    def take(self, total: int, count: int) -> None:
        """Let so many go."""
        if self._over and total and self._next is not None:
            self._next += count * self._over / total
