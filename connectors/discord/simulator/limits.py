"""Rate limits of a simulated Discord.

https://discord.com/developers/docs/topics/rate-limits
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass

PER_CHANNEL, CHANNEL_SECONDS = 5, 5.0
"""What Discord is seen to allow for messages; it documents no number."""
GLOBAL, GLOBAL_SECONDS = 50, 1.0
GENEROUS = 1_000_000


@dataclass(slots=True)
class Window:
    """How much of a limit is used until it starts anew."""

    size: int
    seconds: float
    used: int = 0
    ends: float = 0.0

    def take(self) -> bool:
        """Use it once, if there is something left."""
        now = time.time()
        if now >= self.ends:
            self.used, self.ends = 0, now + self.seconds
        if self.used >= self.size:
            return False
        self.used += 1
        return True

    @property
    def left(self) -> float:
        """Seconds until it starts anew."""
        return max(0.0, self.ends - time.time())


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a request may pass, and what its answer's headers say."""

    headers: dict[str, str]
    retry_after: float | None = None
    is_global: bool = False


class Limits:
    """Counts requests.

    Args:
        enforced: whether to refuse any; the headers are sent in any case.

    Attributes:
        refused: how many requests were too many.
    """

    def __init__(self, *, enforced: bool) -> None:
        self._enforced, self.refused = enforced, 0
        self._everything = Window(GLOBAL, GLOBAL_SECONDS)
        self._windows: dict[str, Window] = {}

    def take(self, route: str, channel: str | None) -> Verdict:
        """Count a request of `route`, for instance `POST /channels/{channel}/messages`."""
        window = self._window(route, channel)
        may_pass = window.take() if self._enforced else True
        headers = {
            "X-RateLimit-Limit": str(window.size),
            "X-RateLimit-Remaining": str(window.size - window.used),
            "X-RateLimit-Reset": f"{time.time() + window.left:.3f}",
            "X-RateLimit-Reset-After": f"{window.left:.3f}",
            "X-RateLimit-Bucket": _bucket(route),
        }
        if not may_pass:
            self.refused += 1
            return Verdict({**headers, "X-RateLimit-Scope": "user"}, window.left)
        # What a token in the address allows is not counted as the bot's.
        is_counted = self._enforced and "{token}" not in route
        if is_counted and not self._everything.take():
            self.refused += 1
            headers |= {"X-RateLimit-Scope": "global", "X-RateLimit-Global": "true"}
            return Verdict(headers, self._everything.left, is_global=True)
        return Verdict(headers)

    def _window(self, route: str, channel: str | None) -> Window:
        is_limited = self._enforced and route == "POST /channels/{channel}/messages"
        key = f"{route} {channel}" if is_limited else route
        if key not in self._windows:
            size = PER_CHANNEL if is_limited else GENEROUS
            self._windows[key] = Window(size, CHANNEL_SECONDS)
        return self._windows[key]


_buckets: dict[str, str] = {}


def _bucket(route: str) -> str:
    if route not in _buckets:
        _buckets[route] = hashlib.sha256(route.encode()).hexdigest()[:32]
    return _buckets[route]
