"""How long to wait before trying again."""

from __future__ import annotations

from tenacity import RetryCallState, Retrying
from tenacity.wait import wait_random_exponential

FIRST = 0.5
"""The longest first pause, in seconds; each further one may be twice as long."""

_RETRYING = Retrying()


def pause(tries: int, *, longest: float = 60.0) -> float:
    """Seconds to wait after `tries` failures in a row: exponential, with full jitter.

    Full jitter: anything from nothing to the longest, so that many who failed at once do not come
    back at once (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).

    Args:
        longest: no pause is longer, in seconds.
    """
    state = RetryCallState(_RETRYING, None, (), {})
    state.attempt_number = tries
    return wait_random_exponential(multiplier=FIRST, max=longest)(state)
