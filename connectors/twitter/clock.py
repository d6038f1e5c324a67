"""How right this machine's clock is, by what X's answers say of the time."""

from __future__ import annotations

import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

TOLERANCE = 240.0
"""Seconds; X takes no signature of OAuth 1.0a that is more than five minutes off. Some less, since
its answer is dated in whole seconds and takes a while to get here."""

MINUTE, HOUR = 60, 3600


def fast(headers: Mapping[str, str]) -> float:
    """By how many seconds our clock is ahead of X's; 0 where an answer does not tell."""
    try:
        return time.time() - parsedate_to_datetime(headers["Date"]).timestamp()
    except (LookupError, OverflowError, TypeError, ValueError):
        return 0.0


def off(fast: float) -> str:
    """In words: `12 minutes slow`."""
    minutes = round(abs(fast) / MINUTE)
    hours = f"{abs(fast) / HOUR:,.1f} hours"
    return f"{f'{minutes} minutes' if minutes < MINUTE else hours} {'fast' if fast > 0 else 'slow'}"
