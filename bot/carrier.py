"""One part on its way: from the outbox, through a slot, to the platform and its receipt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog

from bot.budget import Budget
from bot.cluster import Lease
from bot.connector import Connector
from bot.content import Verb
from bot.errors import (
    DeliveryError,
    FileUnavailable,
    RateLimited,
    Rejected,
    Unauthorized,
    Unavailable,
    Unconfirmed,
)
from bot.flights import Flights
from bot.foreign import outcome
from bot.lane import Later
from bot.memory import Room
from bot.part import Part, Receipt
from bot.records import Outgoing, PartState
from bot.rest import LOOK_SECONDS, UNKNOWN_SECONDS, after_doubt, asked_for, left
from bot.retry import pause
from bot.service import CHECK, Status
from bot.store import Store
from bot.supervisor import Supervised
from bot.tracking import Tracking
from bot.value import now

SHORT_SECONDS = 1.0
"""The longest wait that a part spends in its lane."""

MISSED = 100
"""After so many unknown outcomes, about a day of them, what surely is not there has failed: its
room should not wait for it for ever."""

FILE_TRIES = 20
"""After so many tries, within some minutes, a part has failed whose file cannot be had: its room
should not wait for it for ever, and the platform is not to blame."""

ASK_SECONDS = 10.0
"""The longest that is waited before a platform that could not say whether a part arrived is asked
again."""

ABANDONED = 100_000
"""How many of the latest deliveries that were given up are remembered, for what is in the lanes."""

logger = structlog.get_logger("bot.carrier")


class Carrier:
    """Brings the parts of one account to their ends: sent, failed, or held for a person.

    Args:
        speaker: the account's connector, up or down.
        nap: waits within a lane.
    """

    def __init__(
        self,
        store: Store,
        speaker: Supervised,
        nap: Callable[[float], Awaitable[None]],
        lease: Lease | None,
    ) -> None:
        self._tracking = Tracking(store, lease, speaker.redacted)
        self._speaker, self._nap = speaker, nap
        self._budget: Budget | None = None
        self._abandoned: dict[UUID, None] = {}
        self._flights = Flights()
        self._unanswered: Counter[UUID] = Counter()  # by part: how often it was asked for in vain
        self._trouble, self._refusals = "", 0
        self._taken = datetime.min.replace(tzinfo=UTC)  # when the platform last took a part

    # slots

    def take(self, part: Part) -> bool:
        """Take a slot for a part, if one is free and the connector runs."""
        if not (self._budget and isinstance(self._speaker.service, Connector)):
            return False
        return self._budget.take(part.room, part.priority)

    async def recall(self, part: Part, reason: str | None = None) -> None:
        """Let a part wait that has a slot, was perhaps stored as `SENDING`, and does not leave."""
        self.untake(part)
        await self._tracking.mark(part, PartState.QUEUED)
        # That may have gone in the batch that stored the part, and before it: this is a later one.
        await self._tracking.mark(part, PartState.QUEUED, reason=reason)

    def untake(self, part: Part) -> None:
        """Give back a slot that was taken, and not used."""
        if self._budget:
            self._budget.untake(part.room)

    @property
    def waiting(self) -> int:
        """How many parts wait for a slot."""
        return self._budget.waiting if self._budget else 0

    def spares(self, room: Room) -> bool:
        """Whether there is a slot to spare for a signal to `room`, which is taken then."""
        return self._budget is None or self._budget.spare(room)

    async def _connector(self) -> tuple[Connector, Budget]:
        """The running connector; the budget outlives its restarts."""
        while not isinstance(connector := self._speaker.service, Connector):
            await self._speaker.running.wait()
        if self._budget is None:
            can = connector.capabilities
            self._budget = Budget(can.rates, can.concurrency)
        return connector, self._budget

    # what is given up, and what is on its way

    def withdraw(self, deliveries: Iterable[UUID]) -> None:
        """Begin no part of these; `readmit` lets them go again."""
        self._abandoned.update(dict.fromkeys(deliveries))
        while len(self._abandoned) > ABANDONED:
            del self._abandoned[next(iter(self._abandoned))]

    def readmit(self, delivery: UUID) -> None:
        """Let parts of a delivery go again."""
        self._abandoned.pop(delivery, None)

    async def landed(self, room: UUID) -> None:
        """Return once what is on its way to a room has a receipt, or after a second."""
        await self._flights.landed(room)

    # one part

    async def carry(self, out: Outgoing) -> None:
        """Bring a part to its end: sent, failed or held."""
        part, tries, unknown = out.part, out.attempts, out.ambiguous
        departing = out.state is PartState.SENDING
        # Why nobody knows its outcome; None where that is not so.
        doubt = (out.reason or "") if out.state is PartState.AMBIGUOUS else None
        if part.delivery in self._abandoned and not departing:
            return
        if (wait := left(out, self._taken)) > 0:
            raise Later(wait)
        while True:
            tries += 1
            try:
                is_late = doubt is not None or tries > 1
                if doubt is not None and await self._settle(part, unknown, doubt):
                    return
                begun, departing, doubt = departing, False, None
                await self._send(part, begun=begun, is_late=is_late)
            except Unconfirmed as error:
                doubt, unknown = str(error), unknown + 1
                await self._put_off(part, PartState.AMBIGUOUS, error, after_doubt(unknown))
            except (Unavailable, Unauthorized) as error:
                if isinstance(error, FileUnavailable) and tries >= FILE_TRIES:
                    await self._give_up(part, f"{tries} times: {error}", PartState.FAILED)
                    return
                await self._later(part, error, tries, in_doubt=doubt is not None)
            except Rejected as error:
                await self._give_up(part, str(error), PartState.FAILED)
                return
            else:
                return

    async def _send(self, part: Part, *, begun: bool, is_late: bool) -> None:
        """Send a part in a slot; one that has begun has its slot, and is marked.

        Args:
            is_late: whether it has waited, so that a person may have settled or discarded it.
        """
        if begun and not isinstance(self._speaker.service, Connector):
            await self.recall(part, f"{self._speaker.name} does not run")
            begun = False
        connector, budget = await self._connector()
        if part.ordinal and connector.capabilities_for(part.room).chain:
            part = await self._tracking.chained(part)
        counts = len(part.attachments) if connector.capabilities.each_file_counts else 1
        left_over = part.target if await self._tracking.is_left_over(part) else None
        try:
            async with budget.slot(part.room, part.priority, max(counts, 1), taken=begun) as slot:
                if not begun:
                    if await self._is_over(part, is_late=is_late):
                        slot.spare()
                        return
                    await self._tracking.mark(part, PartState.SENDING)
                self._flights.begin(part.room.id)
                slot.begin()
                receipt = await outcome(_sent(connector, part))
            await self._tracking.arrived(part, receipt, left_over)
            if self._refusals:
                connector.report(Status.UP)
            self._trouble, self._taken, self._refusals = "", now(), 0
        finally:
            self._flights.end(part.room.id)

    async def _is_over(self, part: Part, *, is_late: bool) -> bool:
        """Whether a part was withdrawn, settled or discarded while it waited for its slot."""
        if part.delivery in self._abandoned:
            return True
        return is_late and not await self._tracking.waits(part)

    async def _settle(self, part: Part, unknown: int, doubt: str) -> bool:
        """Find out about a part of unknown outcome; whether nothing more is to be done.

        An edit or a deletion is not looked for: to do it twice does no harm.

        Args:
            unknown: how often its outcome was unknown.
            doubt: what happened the last time.
        """
        connector, _ = await self._connector()
        if not await self._tracking.waits(part):
            return True  # a person settled it meanwhile
        try:
            receipt = await outcome(connector.find(part)) if part.verb is Verb.SAY else None
            self._unanswered.pop(part.id, None)
        except Unconfirmed as error:
            self._unanswered.pop(part.id, None)
            if connector.on_ambiguous == "resend" and unknown < len(UNKNOWN_SECONDS):
                return False
            await self._give_up(part, f"{doubt}; {error}", PartState.HELD)
            return True
        if receipt:
            await self._tracking.mark(part, PartState.SENT, receipt=receipt)
            return True
        if unknown >= MISSED:
            await self._give_up(part, f"{unknown} times: {doubt}", PartState.FAILED)
            return True
        return False

    async def _later(self, part: Part, error: DeliveryError, tries: int, *, in_doubt: bool) -> None:
        """Wait a little here; a longer wait leaves the room's lane to others."""
        delay = pause(tries)
        if in_doubt:
            self._unanswered[part.id] += 1
            delay = pause(self._unanswered[part.id], longest=ASK_SECONDS)
        if isinstance(error, RateLimited):
            delay = asked_for(error, tries)
            if self._budget:
                self._budget.pause(delay, part.room if error.room else None)
        if isinstance(error, Unauthorized) and self._budget:  # so many refusals, and it bans us
            self._refusals += 1
            delay = pause(self._refusals)
            self._budget.pause(delay)
        if in_doubt:  # the platform could not be asked: what it is in doubt for stays
            await self._tell(error)
            await self._rest(delay)
        else:
            await self._put_off(part, PartState.QUEUED, error, delay)

    async def _put_off(
        self, part: Part, state: PartState, error: DeliveryError, seconds: float
    ) -> None:
        """Store why a part waits and until when, and wait."""
        await self._tell(error)
        due = now() + timedelta(seconds=seconds)
        await self._tracking.mark(part, state, reason=str(error), due=due)
        await self._rest(min(seconds, LOOK_SECONDS))

    async def _rest(self, seconds: float) -> None:
        if seconds > SHORT_SECONDS:
            raise Later(seconds)
        await self._nap(seconds)

    async def _tell(self, error: DeliveryError) -> None:
        """Log trouble once, and show it in health where the credentials are refused."""
        if self._trouble != str(error):
            logger.warning("cannot send", account=self._speaker.name, why=str(error))
        self._trouble = str(error)
        if isinstance(error, Unauthorized):
            connector, _ = await self._connector()
            connector.report(Status.DOWN, str(error), error.fix or CHECK)

    async def _give_up(self, part: Part, reason: str, state: PartState) -> None:
        """Leave a part, and what follows it in its delivery, as failed or to a person."""
        logger.warning("not sent", room=part.room.key, state=state, why=reason)
        self.withdraw([part.delivery])
        self._unanswered.pop(part.id, None)
        await self._tracking.give_up(part, reason, state)


async def _sent(connector: Connector, part: Part) -> Receipt | None:
    """Let a connector do what the part says; something new has a receipt."""
    if part.verb is Verb.SAY:
        return await connector.send(part)
    await connector.change(part)
    return None
