"""Kept files that nobody needs any more are removed."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
from datetime import timedelta

import structlog

from bot.campaign import CampaignState
from bot.errors import TownhallError
from bot.race import meanwhile
from bot.records import PartState
from bot.store import Store
from bot.value import now
from bot.web.files import Files

FIRST, EVERY = 60.0, 86_400.0
"""Seconds until it is looked the first time, and then."""

UNFINISHED = (
    CampaignState.DRAFT,
    CampaignState.SCHEDULED,
    CampaignState.RUNNING,
    CampaignState.PAUSED,
)
UNSENT = (
    PartState.QUEUED,
    PartState.SENDING,
    PartState.AMBIGUOUS,
    PartState.FAILED,
    PartState.HELD,
)
MANY, PAGE = 1_000_000, 1_000

logger = structlog.get_logger("bot.web")


class Upkeep:
    """Removes kept files that are old and that nothing names which may still be sent.

    Args:
        days: how old they have to be; None to remove none.
    """

    def __init__(self, store: Store, files: Files, days: float | None) -> None:
        self._store, self._files, self._days = store, files, days

    def at_work(self) -> AbstractAsyncContextManager[None]:
        """Tidy up for the length of the block."""
        return meanwhile(self._run())

    async def _run(self) -> None:
        await asyncio.sleep(FIRST)
        while self._days is not None:
            try:
                await self.tidy(self._days)
            except Exception as error:  # noqa: BLE001 - the next day may be a better one
                is_known = isinstance(error, OSError | TownhallError)
                log = logger.warning if is_known else logger.exception
                log("old files were not removed", why=str(error) or type(error).__name__)
            await asyncio.sleep(EVERY)

    async def tidy(self, days: float) -> None:
        """Remove what is older than so many days and not needed."""
        before = now() - timedelta(days=days)
        needed = await self._needed()
        await asyncio.to_thread(self._files.remove, before.timestamp(), needed)

    async def _needed(self) -> set[str]:
        """The files that something names which may still be sent."""
        campaigns = await self._store.campaigns(UNFINISHED, limit=MANY)
        needed = {file.key for one in campaigns for file in one.content.attachments}
        before: int | None = None
        while page := await self._store.outgoing(UNSENT, before=before, limit=PAGE):
            needed |= {file.key for out in page for file in out.part.attachments}
            before = page[-1].seq
        return needed
