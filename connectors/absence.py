"""How long nothing was read of a platform that keeps things for a while only."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

from bot.connector import Connector
from bot.errors import StoreError
from bot.value import now

EVERY = timedelta(minutes=15)
"""How often it is noted that something was read: an absence may seem longer by as much."""


class Absence:
    """Notes now and then that something is read, so that the next start knows for how long not.

    Args:
        service: whose notes they are.
        name: of what is read.
    """

    def __init__(self, service: Connector, name: str) -> None:
        self._service, self._name = service, f"read/{name}"
        self._noted: datetime | None = None

    async def end(self) -> timedelta:
        """It was read just now; how long it had not been, which is nothing the first time."""
        moment = now()
        before = self._noted or await self._before()
        if before is None or moment - before >= EVERY:
            self._noted = moment
            with suppress(StoreError):  # only the next start would not know
                await self._service.keep(self._name, moment.isoformat())
        else:
            self._noted = before
        return moment - (before or moment)

    async def _before(self) -> datetime | None:
        noted = await self._service.note(self._name)
        return datetime.fromisoformat(noted) if noted else None
