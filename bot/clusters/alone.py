"""One process: everything is ours."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import ClassVar

from bot.cluster import Cluster, Lease


class Alone(Cluster):
    """Grants every lease at once, with the same epoch for ever: the store's file lock fences."""

    name: ClassVar[str] = "alone"

    def __init__(self) -> None:
        self._bells: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)

    @asynccontextmanager
    async def lease(self, name: str) -> AsyncIterator[Lease]:
        """See `Cluster.lease`."""
        yield Lease(name=name, epoch=1)

    async def wake(self, name: str) -> None:
        """See `Cluster.wake`."""
        self._bells[name].set()

    async def wait(self, name: str, timeout: float) -> None:
        """See `Cluster.wait`."""
        bell = self._bells[name]
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                await bell.wait()
        bell.clear()
