"""How long a part rests before it is tried again."""

from __future__ import annotations

import random
from datetime import datetime

from bot.errors import RateLimited
from bot.records import Outgoing, PartState
from bot.retry import pause
from bot.value import now

UNKNOWN_SECONDS = (0.5, 5.0, 20.0, 60.0, 300.0, 600.0, 900.0, 900.0, 900.0, 900.0, 900.0)
"""How long a part rests, give or take a half, after its outcome was unknown once, twice, and so on:
an hour of outage is outlived. Where nobody can find out, each try may be one more copy, so they are
few; then a person is asked."""

LOOK_SECONDS = 60.0
"""How often a part that rests is looked at. If the platform has taken others meanwhile, it goes."""

AT_LEAST = 10.0
"""How long a platform is left alone, in the end, that asks for no wait at all and goes on
refusing."""

AT_MOST = 86_400.0
"""The longest wait that a platform may ask for: a day."""


def left(out: Outgoing, taken: datetime) -> float:
    """Seconds until a part may be tried, or is to be looked at again.

    Args:
        taken: when the platform last took a part.
    """
    if not out.due or (out.state is PartState.AMBIGUOUS and taken > out.since):
        return 0.0
    if out.since > now():  # the clock was put back, and says nothing of then
        return 0.0
    return min((out.due - now()).total_seconds(), LOOK_SECONDS)


def after_doubt(unknown: int) -> float:
    """Seconds that a part rests after so many unknown outcomes.

    Those that an outage met together are tried one by one: the first to get there lets all go.
    """
    mean = UNKNOWN_SECONDS[min(unknown, len(UNKNOWN_SECONDS)) - 1]
    return mean * random.uniform(0.5, 1.5)  # noqa: S311 - spreads load


def asked_for(error: RateLimited, tries: int, *, least: float = AT_LEAST) -> float:
    """Seconds that a platform wants us to wait, as far as that makes sense.

    Args:
        least: how long it is left alone in the end, whatever it asks for.
    """
    return min(max(error.retry_after, pause(tries, longest=least)), AT_MOST)
