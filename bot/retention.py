"""What is done with is forgotten after a while, a little at a time."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Annotated

import structlog
from pydantic import Field

from bot.cluster import Lease
from bot.errors import Fenced, TownhallError
from bot.race import meanwhile
from bot.retry import pause
from bot.settings import Config, setting
from bot.store import Store
from bot.value import now

ROWS = 400
"""How many events, and how many deliveries, one commit forgets."""

PAUSE = 0.2
"""Seconds between two such commits: more is forgotten than a busy bot takes in, and the writer is
free in between."""

logger = structlog.get_logger("bot.retention")


class RetentionConfig(Config):
    """How long the ledger tells of what is done."""

    days: Annotated[float, Field(ge=2, le=36_500, allow_inf_nan=False)] | None = setting(
        "TOWNHALL_KEEP_DAYS",
        default=30.0,
        help="How many days the ledger tells of events that are handled and messages that are sent,"
        " 2 at least: platforms repeat what they told for up to a day. What was said is remembered"
        " for longer; what was given up stays until a person discards it.",
    )


class Retention:
    """Forgets what ended more than so many days ago.

    Args:
        days: None to forget nothing.
    """

    def __init__(self, store: Store, days: float | None, lease: Lease | None = None) -> None:
        self._store, self._days, self._lease = store, days, lease

    def at_work(self) -> AbstractAsyncContextManager[None]:
        """Forget for the length of the block."""
        return meanwhile(self._run())

    async def _run(self) -> None:
        failures = 0
        while self._days is not None:
            await asyncio.sleep(PAUSE + (pause(failures) if failures else 0.0))
            try:
                await self.prune(self._days)
            except Fenced:
                return
            except Exception as error:  # noqa: BLE001 - it is tried again, whatever it was
                failures += 1
                if failures == 1:
                    log = logger.warning if isinstance(error, TownhallError) else logger.exception
                    log("nothing is forgotten for now", why=str(error) or type(error).__name__)
            else:
                failures = 0

    async def prune(self, days: float) -> None:
        """Forget up to `ROWS` of each kind that ended more than `days` ago."""
        async with self._store.commit(self._lease) as c:
            c.prune(now() - timedelta(days=days), ROWS)
