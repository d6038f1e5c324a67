"""Telegram's limits, as its FAQ for bots gives them."""

from __future__ import annotations

import math
import time
from collections import defaultdict, deque

from connectors.telegram.simulator.chats import ApiError, Chat

LEEWAY = 0.95
"""The share of each window that counts: Telegram allows short bursts."""


class Limits:
    """30 messages a second; one a second in a chat; 20 a minute in a group.

    See https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this

    Attributes:
        refused: how many messages were too many.
    """

    def __init__(self) -> None:
        self.refused = 0
        self._sent: defaultdict[tuple[int, float], deque[float]] = defaultdict(deque)

    def take(self, chat: Chat, count: int = 1) -> None:
        """Count messages to `chat`, an album's together; a 429 if they are too many."""
        windows = [(0, 30, 1.0), (chat.id, 1, 1.0)]
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
        for key, _, window in windows:
            self._sent[key, window].extend([now] * count)

    def _wait(self, now: float, key: int, count: int, seconds: float) -> float:
        sent, window = self._sent[key, seconds], seconds * LEEWAY
        while sent and sent[0] <= now - window:
            sent.popleft()
        return sent[0] + window - now if len(sent) >= count else 0.0
