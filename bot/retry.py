"""How long to wait before trying again."""

from __future__ import annotations

import random


def pause(tries: int, *, longest: float = 60.0) -> float:
    """Seconds to wait after `tries` failures in a row: exponential, with full jitter."""
    return random.uniform(0, min(longest, 0.25 * 2 ** min(tries, 16)))  # noqa: S311 - spreads load
