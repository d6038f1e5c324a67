"""What the store is told of a part on its way, and what it knows of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from bot.cluster import Lease
from bot.commit import Commit
from bot.content import Verb
from bot.errors import Rejected
from bot.part import Part, Receipt
from bot.records import PartState
from bot.store import Store, persist

WAITING = (PartState.AMBIGUOUS, PartState.QUEUED)


class Tracking:
    """Notes what becomes of parts; each note is tried until the store takes it.

    Args:
        redacted: see `Settings.redacted`; every reason goes through it.
    """

    def __init__(
        self, store: Store, lease: Lease | None, redacted: Callable[[str], str] = str
    ) -> None:
        self._store, self._lease, self._redacted = store, lease, redacted

    async def mark(
        self,
        part: Part,
        state: PartState,
        *,
        receipt: Receipt | None = None,
        reason: str | None = None,
        due: datetime | None = None,
    ) -> None:
        """See `Commit.mark`."""
        reason = reason and self._redacted(reason)
        await persist(
            self._store,
            lambda c: c.mark(part, state, receipt=receipt, reason=reason, due=due),
            self._lease,
        )

    async def arrived(self, part: Part, receipt: Receipt | None, left_over: str | None) -> None:
        """Note that the platform took a part; what an edit left over is no part of it any more."""

        def write(c: Commit) -> None:
            c.mark(part, PartState.SENT, receipt=receipt)
            if left_over:
                c.unlink(part.room.platform, part.room.account, left_over)

        await persist(self._store, write, self._lease)

    async def give_up(self, part: Part, reason: str, state: PartState) -> None:
        """Leave a part, and what follows it in its delivery, as failed or to a person."""
        reason = self._redacted(reason)
        rest = f"part {part.ordinal + 1} is {state}: {reason}"

        def write(c: Commit) -> None:
            c.mark(part, state, reason=reason)
            c.abandon(part.delivery, rest, state=state)

        await persist(self._store, write, self._lease)

    async def waits(self, part: Part) -> bool:
        """Whether nobody has settled a part meanwhile."""
        return (await self._store.parts(part.delivery))[part.ordinal].state in WAITING

    async def chained(self, part: Part) -> Part:
        """A part as an answer to the one before it.

        Where nobody knows which message that became, it answers the last one that is known, or what
        the delivery answers.

        Raises:
            Rejected: the one before it was not sent.
        """
        before = (await self._store.parts(part.delivery))[: part.ordinal]
        if before[-1].state is not PartState.SENT:
            raise Rejected("the part before it was not sent")
        known = [before[0].part.reply_to, *(out.receipt.message for out in before if out.receipt)]
        return part.model_copy(update={"reply_to": known[-1]})

    async def is_left_over(self, part: Part) -> bool:
        """Whether a deletion is of what an edit has no words for any more."""
        if part.verb is not Verb.DELETE:
            return False
        delivery = await self._store.delivery(part.delivery)
        return delivery is not None and delivery.content.verb is Verb.EDIT
