"""What is on its way to each room at this moment."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from uuid import UUID

WIRE_SECONDS = 1.0
"""How long somebody waits for what is on the wire."""


class Flights:
    """Which rooms something is on its way to; at most one thing to each."""

    def __init__(self) -> None:
        self._landed: dict[UUID, asyncio.Event | None] = {}  # made for those who wait

    def begin(self, room: UUID) -> None:
        """Say that something leaves; `end` has to follow."""
        self._landed[room] = None

    def end(self, room: UUID) -> None:
        """Say that it arrived, or not, if anything left."""
        if landed := self._landed.pop(room, None):
            landed.set()

    async def landed(self, room: UUID) -> None:
        """Return once nothing is on its way to a room, or after a second."""
        if room in self._landed:
            landed = self._landed[room] = self._landed[room] or asyncio.Event()
            with suppress(TimeoutError):
                async with asyncio.timeout(WIRE_SECONDS):
                    await landed.wait()
