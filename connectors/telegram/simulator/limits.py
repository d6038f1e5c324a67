"""Telegram's limits, as its FAQ for bots gives them."""

from __future__ import annotations

import math
import time
from collections import defaultdict, deque

from connectors.telegram.simulator.chats import ApiError, Chat

LEEWAY = 0.95
"""The share of each window that counts: Telegram allows short bursts."""


PER_SECOND, PAID = 30, 1_000
PAYING = 1
"""Where those are counted that are paid for: no chat has this id."""


class Limits:
    """30 messages a second, or 1,000 paid ones; one a second in a chat; 20 a minute in a group.

    See https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this

    Args:
        per_second: for a Telegram that is stricter than it says.

    Attributes:
        refused: how many messages were too many.
        paid: how many were paid for.
    """

    def __init__(self, per_second: int = PER_SECOND) -> None:
        self.refused = self.paid = 0
        self._per_second = per_second
        self._sent: defaultdict[tuple[int, float], deque[float]] = defaultdict(deque)

    def take(self, chat: Chat, count: int = 1, *, is_paid: bool = False) -> None:
        """Count messages to `chat`, an album's together; a 429 if they are too many."""
        account = (PAYING, PAID, 1.0) if is_paid else (0, self._per_second, 1.0)
        windows = [account, (chat.id, 1, 1.0)]
        if not chat.is_private:
            windows.append((chat.id, 20, 60.0))
        now = time.monotonic()
        wait = max(self._wait(now, *window) for window in windows)
        if wait > 0:
            self.refused += 1
            seconds = math.ceil(wait)
            raise ApiError(
                429, f"Too Many Requests: retry after {seconds}", {"retry_after": seconds}
            )
        self.paid += count * is_paid
        for key, _, window in windows:
            self._sent[key, window].extend([now] * count)

    def _wait(self, now: float, key: int, count: int, seconds: float) -> float:
        sent, window = self._sent[key, seconds], seconds * LEEWAY
        while sent and sent[0] <= now - window:
            sent.popleft()
        return sent[0] + window - now if len(sent) >= count else 0.0
