"""One limit of a platform, counted exactly."""

from __future__ import annotations

from collections import deque

from bot.capabilities import Rate

RESERVE = 0.2
"""The share of a long window that is kept for replies."""

SHORT_SECONDS = 5.0
"""Up to this long, a window keeps no share: what is no reply is spread evenly over it instead, so
that a reply finds a slot that is just about to become free, and none is left unused."""

BURST = 0.1
"""How much of a short window may go at once, where it is spread."""


class Window:
    """At most `count` in any `seconds` seconds, exactly.

    A platform counts a message when it arrives, which is some time before we hear of it: so one
    counts while it is on its way, and for `seconds` after.
    """

    def __init__(self, rate: Rate) -> None:
        self.rate = rate
        self._interval = rate.seconds / rate.count
        self._is_spread = rate.seconds <= SHORT_SECONDS
        self._spread_until = 0.0
        self._on_the_way = 0
        self._arrived: deque[float] = deque(maxlen=rate.count)

    def delay(self, now: float, *, yields: bool = False) -> float:
        """How many seconds until one may go.

        It is infinite while that depends on one which is on its way.

        Args:
            yields: whether it leaves slots to replies.
        """
        keep = RESERVE if yields and not self._is_spread else 0.0
        most = max(self.rate.count - int(self.rate.count * keep), 1) - self._on_the_way
        if most <= 0:
            return float("inf")
        spread = 0.0
        if yields and self._is_spread:
            spread = self._spread_until - self.rate.seconds * BURST - now
        if len(self._arrived) < most:
            return max(spread, 0.0)
        return max(self._arrived[-most] + self.rate.seconds - now, spread, 0.0)

    def take(self, now: float, slowness: float = 1.0) -> None:
        """Let one go; what is spread goes so much more slowly."""
        self._spread_until = max(self._spread_until, now) + self._interval * slowness
        self._on_the_way += 1

    def rest(self, until: float) -> None:
        """Begin without a burst when a pause is over."""
        self._spread_until = max(self._spread_until, until + self.rate.seconds * BURST)

    def untake(self) -> None:
        """Say that one did not go after all."""
        self._on_the_way -= 1

    def arrive(self, now: float, weight: int = 1) -> None:
        """Say that one has arrived, which counts as so many."""
        self._on_the_way -= 1
        at = max(now, self._arrived[-1]) if self._arrived else now
        self._arrived.extend([at] * weight)

    def is_spent(self, now: float) -> bool:
        """Whether all that went has long left the window."""
        if self._on_the_way:
            return False
        return not self._arrived or self._arrived[-1] + self.rate.seconds < now
