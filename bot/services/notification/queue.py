"""Who is next: one after the other, and nobody waits for those that cannot be looked up now."""

from __future__ import annotations

import time
from uuid import UUID

from bot.audience import Account
from bot.campaign import Recipient, RecipientState
from bot.errors import DeliveryError, RateLimited
from bot.store import Store

MISSES = 3
"""So many addresses in a row cannot be looked up, and it is the platform that is down."""

REST_SECONDS = 1.0
"""How long nobody is looked up then."""

AGAIN_SECONDS = 10.0
"""How long after the last one that was put off those are looked up again, once all behind them had
their turn."""


class Queue:
    """The recipients of one campaign and account that are queued. Who is put off stays queued.

    Attributes:
        why: why the last one was put off; empty while nobody is.
    """

    def __init__(self, store: Store, campaign: UUID, account: Account) -> None:
        self._store, self._campaign, self._account = store, campaign, account
        self._after = 0  # the place of the last one that was put off
        self._misses, self._missed_at, self._rests_until = 0, 0.0, 0.0
        self.why = ""

    @property
    def rests(self) -> bool:
        """Whether nobody is to be looked up for the moment."""
        return time.monotonic() < self._rests_until

    async def next(self, count: int) -> list[Recipient]:
        """Those whose turn it is, `count` at most; none while all who are left were put off."""
        if self.rests:
            return []
        found = await self._behind(count)
        if not found and self._after and time.monotonic() >= self._missed_at + AGAIN_SECONDS:
            self._after, self.why = 0, ""
            found = await self._behind(count)
        return found

    def put_off(self, one: Recipient, error: DeliveryError) -> None:
        """Let it wait until all behind it had their turn."""
        at = time.monotonic()
        self._after, self.why = one.place, str(error)
        self._misses, self._missed_at = self._misses + 1, at
        if isinstance(error, RateLimited) and not error.room:
            self._rests_until = at + error.retry_after
        elif self._misses >= MISSES:
            self._misses, self._rests_until = 0, at + REST_SECONDS

    def answered(self) -> None:
        """Note that the platform told who has an address, or that nobody has it."""
        self._misses = 0

    async def _behind(self, count: int) -> list[Recipient]:
        queued = (RecipientState.QUEUED,)
        return await self._store.recipients(
            self._campaign, queued, account=self._account, after=self._after, limit=count
        )
