"""How often X lets itself be asked (docs.x.com/x-api/fundamentals/rate-limits)."""

from __future__ import annotations

import time
from dataclasses import dataclass

QUARTER, DAY = 900, 86_400

RATES = {
    ("GET", "/2/users/me"): (75, QUARTER),
    ("GET", "/2/users/{id}"): (900, QUARTER),
    ("GET", "/2/users/by/username/{username}"): (900, QUARTER),
    ("GET", "/2/users/{id}/mentions"): (300, QUARTER),
    ("GET", "/2/users/{id}/tweets"): (900, QUARTER),
    ("GET", "/2/tweets/{id}"): (900, QUARTER),
    ("GET", "/2/tweets/search/recent"): (300, QUARTER),
    ("GET", "/2/tweets/search/stream"): (50, QUARTER),
    ("GET", "/2/tweets/search/stream/rules"): (450, QUARTER),
    ("POST", "/2/tweets/search/stream/rules"): (100, QUARTER),
    ("POST", "/2/tweets"): (100, QUARTER),
    ("DELETE", "/2/tweets/{id}"): (50, QUARTER),
    ("POST", "/2/users/{id}/likes"): (50, QUARTER),
    ("DELETE", "/2/users/{id}/likes/{tweet_id}"): (50, QUARTER),
    ("POST", "/2/users/{id}/retweets"): (50, QUARTER),
    ("GET", "/2/dm_events"): (15, QUARTER),
    ("DELETE", "/2/dm_events/{id}"): (300, QUARTER),
    ("GET", "/2/dm_conversations/{id}/dm_events"): (15, QUARTER),
    ("POST", "/2/dm_conversations/{id}/messages"): (15, QUARTER),
    ("POST", "/2/dm_conversations/with/{id}/messages"): (15, QUARTER),
    ("POST", "/2/media/upload/initialize"): (1_875, QUARTER),
    ("POST", "/2/media/upload/{id}/append"): (1_875, QUARTER),
    ("POST", "/2/media/upload/{id}/finalize"): (1_875, QUARTER),
    ("GET", "/2/media/upload"): (1_000, QUARTER),
    ("POST", "/2/media/metadata"): (500, QUARTER),
}
"""Requests and seconds of each endpoint's window, per user where X counts so."""

OTHERWISE = (300, QUARTER)
"""Those of an endpoint that is not listed."""

DAYS = {
    ("POST", "/2/tweets"): ("app", 10_000),
    ("POST", "/2/users/{id}/likes"): ("user", 1_000),
    ("DELETE", "/2/users/{id}/likes/{tweet_id}"): ("user", 1_000),
    ("POST", "/2/dm_conversations/{id}/messages"): ("user", 1_440),
    ("POST", "/2/dm_conversations/with/{id}/messages"): ("user", 1_440),
    ("DELETE", "/2/dm_events/{id}"): ("user", 1_500),
}
"""Whose window of a day an endpoint has besides, and its requests."""


@dataclass(slots=True)
class Window:
    """How often an endpoint may still be asked, and until when that holds."""

    limit: int
    seconds: float
    used: int = 0
    ends: float = 0.0

    def spend(self) -> bool:
        """Count a request; whether it was one too many."""
        if time.time() >= self.ends:
            self.used, self.ends = 0, time.time() + self.seconds
        self.used += 1
        return self.used > self.limit
