"""How fast history is read, beside all else that the account does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from bot.memory import Room

MOST, LEAST = 20.0, 4.0
"""Pages a second: while the account has slots to spare, and while it has none. All accounts have 50
requests a second, of which 45 are for what is sent: answers and broadcasts never wait for these.
https://discord.com/developers/docs/topics/rate-limits#global-rate-limit"""

LOOK = 0.02
"""Seconds between two looks for a slot."""


class Pace:
    """Lets one page after the other be asked for.

    Args:
        spares: whether the account has a slot to spare for a room, which is taken then.
    """

    def __init__(self, spares: Callable[[Room], bool]) -> None:
        self._spares = spares
        self._last = float("-inf")

    async def turn(self, room: Room) -> None:
        """Return when a page of `room` may be asked for."""
        now = asyncio.get_running_loop().time
        while not self._is_due(now() - self._last, room):  # noqa: ASYNC110 - a budget tells nobody
            await asyncio.sleep(LOOK)
        self._last = now()

    def _is_due(self, passed: float, room: Room) -> bool:
        return passed >= 1 / LEAST or (passed >= 1 / MOST and self._spares(room))
