"""The time on a simulated Discord, which tests can move."""

from __future__ import annotations

import time
from dataclasses import dataclass


@dataclass(slots=True)
class Clock:
    """Seconds after 1970.

    Args:
        ahead: how many seconds it is ahead of the machine's.
    """

    ahead: float = 0.0

    def __call__(self) -> float:
        """The time."""
        return time.time() + self.ahead
