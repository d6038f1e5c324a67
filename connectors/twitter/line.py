"""Whether a stream is up, and what is still to be looked for."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from contextlib import suppress


class Line:
    """A stream, as those see it that look for what it misses.

    Args:
        sources: what it brings, so that only gaps are looked for.

    Attributes:
        connection: how often it came up anew; each time, what was missed is looked for.
        is_up: whether it is.
        reached: up to which id all has surely come, by looks and by the line.
    """

    def __init__(self, sources: Collection[str] = ()) -> None:
        self.sources = sources
        self.connection = self.reached = 0
        self.is_up = False
        self._changed = asyncio.Event()
        self._looked: dict[str, int] = {}
        self._announced = 0

    @property
    def is_whole(self) -> bool:
        """Whether what was missed before this connection, or not brought, has been found."""
        is_looked = all(self._looked.get(name) == self.connection for name in self.sources)
        return is_looked and not self._announced

    def looked(self, name: str, connection: int, newest: int) -> None:
        """A look that began while `connection` was the newest has found what there was.

        Args:
            newest: up to which id.
        """
        self._looked[name] = connection
        if newest >= self._announced and name in self.sources:
            self._announced = 0

    def turn(self, *, on: bool) -> None:
        """It came up, or went down."""
        self.is_up = on
        self._change(on)

    def miss(self) -> None:
        """Something may have been missed though it was up: that is looked for, too."""
        self._change(1)

    def announce(self, post: int) -> None:
        """It told of a post that it does not bring whole: looks go on until one has found it."""
        self._announced = max(self._announced, post)
        self._change(1)

    def _change(self, gaps: int) -> None:
        self.connection += gaps
        self._changed.set()
        self._changed = asyncio.Event()

    async def rest(self, connection: int, seconds: float) -> None:
        """Wait so many seconds, or until the line comes up, or as long as it stays up.

        Args:
            connection: the one after which the last look began.
        """
        while self.is_up and self.connection == connection and not self._announced:
            await self._changed.wait()
        if not self.is_up or (self._announced and self.connection == connection):
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._changed.wait()
