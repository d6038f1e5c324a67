"""One part on its way: from the outbox, through a slot, to the platform and its receipt."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from bot.budget import Budget
from bot.cluster import Lease
from bot.commit import Commit
from bot.connector import Connector
from bot.content import Verb
from bot.errors import DeliveryError, RateLimited, Rejected, Unauthorized, Unavailable, Unconfirmed
from bot.foreign import outcome
from bot.lane import Later
from bot.memory import Room
from bot.part import Part, Receipt
from bot.records import Outgoing, PartState
from bot.retry import pause
from bot.service import Status
from bot.store import Store, persist
from bot.supervisor import Supervised
from bot.value import now

WIRE_SECONDS = 1.0
"""How long somebody waits for a part that is on the wire."""

SHORT_SECONDS = 1.0
"""The longest wait that a part spends in its lane."""

UNKNOWN_SECONDS = (0.5, 5.0, 20.0)
"""How long a part rests after its outcome was unknown once, twice, and so on; then a person is
asked. Where nobody can find out, each time may be one more copy; but a storm should be outlived."""

ABANDONED = 100_000
"""How many of the latest deliveries that were given up are remembered, for what is in the lanes."""

WAITING = (PartState.AMBIGUOUS, PartState.QUEUED)

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
        self.store, self.lease = store, lease
        self._speaker, self._nap = speaker, nap
        self._budget: Budget | None = None
        self._abandoned: dict[UUID, None] = {}
        self._flights: dict[UUID, asyncio.Event | None] = {}
        self._trouble = ""

    # slots

    def take(self, part: Part) -> bool:
        """Take a slot for a part, if one is free and the connector runs."""
        if not (self._budget and isinstance(self._speaker.service, Connector)):
            return False
        return self._budget.take(part.room, part.priority)

    async def recall(self, part: Part) -> None:
        """Let a part wait that has a slot, was perhaps stored as `SENDING`, and does not leave."""
        self.untake(part)
        await self._mark(part, PartState.QUEUED)
        # That may have gone in the batch that stored the part, and before it: this is a later one.
        await self._mark(part, PartState.QUEUED)

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
        if room in self._flights:
            flight = self._flights[room] = self._flights[room] or asyncio.Event()
            with suppress(TimeoutError):
                async with asyncio.timeout(WIRE_SECONDS):
                    await flight.wait()

    # one part

    async def carry(self, out: Outgoing) -> None:
        """Bring a part to its end: sent, failed or held."""
        part, ambiguous, unknown = out.part, out.state is PartState.AMBIGUOUS, out.ambiguous
        departing = out.state is PartState.SENDING
        if part.delivery in self._abandoned and not departing:
            return
        if out.due and (wait := (out.due - now()).total_seconds()) > 0:
            raise Later(wait)
        tries = out.attempts
        while True:
            tries += 1
            try:
                if ambiguous and part.verb is Verb.SAY and await self._settle(part):
                    return
                begun, ambiguous, departing = departing, False, False
                await self._send(part, begun=begun)
            except Unconfirmed as error:
                ambiguous, unknown = True, unknown + 1
                await self._mark(part, PartState.AMBIGUOUS, reason=str(error))
                if unknown > len(UNKNOWN_SECONDS):
                    await self._give_up(part, f"{unknown} times unknown: {error}", PartState.HELD)
                    return
                await self._rest(UNKNOWN_SECONDS[unknown - 1])
            except (Unavailable, Unauthorized) as error:
                await self._later(part, error, tries, ambiguous=ambiguous)
            except Rejected as error:
                await self._give_up(part, str(error), PartState.FAILED)
                return
            else:
                self._trouble = ""
                return

    async def _send(self, part: Part, *, begun: bool) -> None:
        """Send a part in a slot; one that has begun has its slot, and is marked."""
        if begun and not isinstance(self._speaker.service, Connector):
            await self.recall(part)
            begun = False
        connector, budget = await self._connector()
        if part.ordinal:
            part = await self._chained(part, connector)
        counts = len(part.attachments) if connector.capabilities.each_file_counts else 1
        left_over = part.target if await self._is_left_over(part) else None
        try:
            async with budget.slot(part.room, part.priority, max(counts, 1), taken=begun) as slot:
                if not begun:
                    if part.delivery in self._abandoned:  # withdrawn while it waited for its slot
                        slot.spare()
                        return
                    await self._mark(part, PartState.SENDING)
                self._flights[part.room.id] = None
                slot.begin()
                receipt = await outcome(_sent(connector, part))
            await self._arrived(part, receipt, left_over)
        finally:
            if landed := self._flights.pop(part.room.id, None):
                landed.set()

    async def _is_left_over(self, part: Part) -> bool:
        """Whether a deletion is of what an edit has no words for any more."""
        if part.verb is not Verb.DELETE:
            return False
        delivery = await self.store.delivery(part.delivery)
        return delivery is not None and delivery.content.verb is Verb.EDIT

    async def _arrived(self, part: Part, receipt: Receipt | None, left_over: str | None) -> None:
        """Note that the platform took a part; what an edit left over is no part of it any more."""

        def write(c: Commit) -> None:
            c.mark(part, PartState.SENT, receipt=receipt)
            if left_over:
                c.unlink(part.room.platform, part.room.account, left_over)

        await persist(self.store, write, self.lease)

    async def _settle(self, part: Part) -> bool:
        """Find out about an ambiguous part; whether nothing more is to be done."""
        connector, _ = await self._connector()
        if (await self.store.parts(part.delivery))[part.ordinal].state not in WAITING:
            return True  # a person settled it meanwhile
        try:
            receipt = await outcome(connector.find(part))
        except Unconfirmed as error:
            if connector.on_ambiguous == "resend":
                return False
            await self._give_up(part, str(error), PartState.HELD)
            return True
        if receipt:
            await self._mark(part, PartState.SENT, receipt=receipt)
        return receipt is not None

    async def _later(
        self, part: Part, error: DeliveryError, tries: int, *, ambiguous: bool
    ) -> None:
        """Wait a little here; a longer wait leaves the room's lane to others."""
        await self._tell(error)
        delay = pause(tries)
        if isinstance(error, RateLimited):
            delay = error.retry_after
            if self._budget:
                self._budget.pause(delay, part.room if error.room else None)
        if not ambiguous:
            due = now() + timedelta(seconds=delay)
            await self._mark(part, PartState.QUEUED, reason=str(error), due=due)
        await self._rest(delay)

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
            connector.report(Status.DOWN, str(error), "Run `townhall check` for what to do.")

    async def _give_up(self, part: Part, reason: str, state: PartState) -> None:
        """Leave a part, and what follows it in its delivery, as failed or to a person."""
        logger.warning("not sent", room=part.room.key, state=state, why=reason)
        self.withdraw([part.delivery])
        rest = f"part {part.ordinal + 1} is {state}: {reason}"

        def write(c: Commit) -> None:
            c.mark(part, state, reason=reason)
            c.abandon(part.delivery, rest, state=state)

        await persist(self.store, write, self.lease)

    async def _chained(self, part: Part, connector: Connector) -> Part:
        """On a platform of threads, a part replies to the one before it."""
        if not connector.capabilities_for(part.room).chain:
            return part
        parts = await self.store.parts(part.delivery)
        before = parts[part.ordinal - 1].receipt
        if before is None:
            raise Rejected("the part before it was not sent")
        return part.model_copy(update={"reply_to": before.message})

    async def _mark(
        self,
        part: Part,
        state: PartState,
        *,
        receipt: Receipt | None = None,
        reason: str | None = None,
        due: datetime | None = None,
    ) -> None:
        await persist(
            self.store,
            lambda c: c.mark(part, state, receipt=receipt, reason=reason, due=due),
            self.lease,
        )


async def _sent(connector: Connector, part: Part) -> Receipt | None:
    """Let a connector do what the part says; something new has a receipt."""
    if part.verb is Verb.SAY:
        return await connector.send(part)
    await connector.change(part)
    return None
