"""The one road out: parts leave the outbox here, in order per room, within the budget."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

import structlog

from bot.budget import Budget
from bot.cluster import Lease
from bot.commit import Commit
from bot.connector import Connector, account_name
from bot.content import Verb
from bot.errors import DeliveryError, RateLimited, Rejected, Unauthorized, Unavailable, Unconfirmed
from bot.foreign import foreign
from bot.lane import Lanes, Later
from bot.memory import Room
from bot.part import Part, Priority, Receipt
from bot.records import Outgoing, PartState
from bot.retry import pause
from bot.service import Status
from bot.store import Store, persist
from bot.value import now

WIRE_SECONDS = 1.0
"""How much longer than a stop's deadline a part may stay on the wire."""

SHORT_SECONDS = 1.0
"""The longest wait that a part spends in its lane."""

UNKNOWN = 3
"""How often a part's outcome may be unknown before a person is asked."""

ABANDONED = 100_000
"""How many of the latest deliveries that were given up are remembered, for what is in the lanes."""

WAITING = (PartState.AMBIGUOUS, PartState.QUEUED)

R = TypeVar("R")

logger = structlog.get_logger("bot.sender")


class Sender:
    """Sends the parts of one account.

    Args:
        connector: waits for the account's connector to run.
    """

    def __init__(
        self,
        store: Store,
        platform: str,
        account: str,
        connector: Callable[[], Awaitable[Connector]],
        *,
        lease: Lease | None = None,
    ) -> None:
        self.store, self.platform, self.account = store, platform, account
        self.lease, self.name = lease, account_name(platform, account)
        self._running = connector
        self._budget: Budget | None = None
        self._lanes: Lanes[UUID, Outgoing] = Lanes(
            self._handle, self._load, lambda out: out.part.id, width=1_000
        )
        self._abandoned: dict[UUID, None] = {}
        self._flights: dict[UUID, asyncio.Event | None] = {}
        self._trouble = ""

    # its life

    async def start(self) -> None:
        """Take up what an earlier process left."""
        await self._recover()
        self._lanes.wake(await self.store.outbox_rooms(self.platform, self.account, WAITING))

    def put(self, parts: Iterable[Part]) -> None:
        """Send parts that have just been committed to the outbox."""
        for part in parts:
            out = Outgoing(seq=0, part=part, since=now())
            self._lanes.put(part.room.id, out, urgent=part.priority is Priority.REPLY)

    def wake(self, room: UUID, delivery: UUID | None = None) -> None:
        """Look into the store for what waits to be sent to a room.

        Args:
            delivery: one that was given up, and is no longer.
        """
        if delivery:
            self._abandoned.pop(delivery, None)
        self._lanes.wake([room])

    async def landed(self, room: UUID) -> None:
        """Return once what is on its way to a room has a receipt, or after a second."""
        if room in self._flights:
            flight = self._flights[room] = self._flights[room] or asyncio.Event()
            with suppress(TimeoutError):
                async with asyncio.timeout(WIRE_SECONDS):
                    await flight.wait()

    def withdraw(self, deliveries: Iterable[UUID]) -> None:
        """Begin no part of these; `wake` lets them go again."""
        self._abandoned.update(dict.fromkeys(deliveries))
        while len(self._abandoned) > ABANDONED:
            del self._abandoned[next(iter(self._abandoned))]

    def spares(self, room: Room) -> bool:
        """Whether there is a slot to spare for a signal to `room`, which is taken then."""
        return self._budget is None or self._budget.spare(room)

    async def drain(self) -> None:
        """Return once nothing waits."""
        await self._lanes.drain()

    async def stop(self, deadline: float) -> None:
        """Send what waits within `deadline` seconds; the rest stays in the store."""
        with suppress(TimeoutError):
            async with asyncio.timeout(deadline):
                await self._lanes.drain()
        await self._lanes.stop(WIRE_SECONDS)

    async def _recover(self) -> None:
        """What was on the wire when a process ended is ambiguous."""
        sending = [PartState.SENDING]
        while found := await self.store.outbox(self.platform, self.account, sending):
            async with self.store.commit(self.lease) as c:
                for out in found:
                    c.mark(out.part, PartState.AMBIGUOUS, reason="the process ended")

    async def _load(self, room: UUID, limit: int) -> list[Outgoing]:
        return await self.store.outbox(self.platform, self.account, WAITING, room=room, limit=limit)

    async def _connector(self) -> tuple[Connector, Budget]:
        """The running connector; the budget outlives its restarts."""
        connector = await self._running()
        if self._budget is None:
            can = connector.capabilities
            self._budget = Budget(can.rates, can.concurrency)
        return connector, self._budget

    # one part

    async def _handle(self, out: Outgoing) -> None:
        """Bring a part to its end: sent, failed or held."""
        part, ambiguous, unknown = out.part, out.state is PartState.AMBIGUOUS, out.ambiguous
        if part.delivery in self._abandoned:
            return
        if out.due and (wait := (out.due - now()).total_seconds()) > 0:
            raise Later(wait)
        tries = out.attempts
        while True:
            tries += 1
            try:
                if ambiguous and part.verb is Verb.SAY and await self._settle(part):
                    return
                ambiguous = False
                await self._send(part)
            except Unconfirmed as error:
                ambiguous, unknown = True, unknown + 1
                await self._mark(part, PartState.AMBIGUOUS, reason=str(error))
                if unknown >= UNKNOWN:
                    await self._give_up(part, f"{unknown} times unknown: {error}", PartState.HELD)
                    return
                await self._lanes.nap(pause(tries))
            except (Unavailable, Unauthorized) as error:
                await self._later(part, error, tries, ambiguous=ambiguous)
            except Rejected as error:
                await self._give_up(part, str(error), PartState.FAILED)
                return
            else:
                self._trouble = ""
                return

    async def _send(self, part: Part) -> None:
        connector, budget = await self._connector()
        if part.ordinal:
            part = await self._chained(part, connector)
        counts = len(part.attachments) if connector.capabilities.each_file_counts else 1
        room = part.room.id
        self._flights[room] = None
        try:
            async with budget.slot(part.room, part.priority, max(counts, 1)):
                if part.delivery in self._abandoned:  # withdrawn while it waited for its slot
                    return
                await self._mark(part, PartState.SENDING)
                receipt = await _from(_sent(connector, part))
            await self._arrived(part, receipt)
        finally:
            if landed := self._flights.pop(room):
                landed.set()

    async def _arrived(self, part: Part, receipt: Receipt | None) -> None:
        """Note that the platform took a part; what an edit left over is no part of it any more."""
        delivery = await self.store.delivery(part.delivery) if part.verb is Verb.DELETE else None
        is_left_over = delivery and delivery.content.verb is Verb.EDIT

        def write(c: Commit) -> None:
            c.mark(part, PartState.SENT, receipt=receipt)
            if is_left_over and part.target:
                c.unlink(self.platform, self.account, part.target)

        await persist(self.store, write, self.lease)

    async def _settle(self, part: Part) -> bool:
        """Find out about an ambiguous part; whether nothing more is to be done."""
        connector, _ = await self._connector()
        if (await self.store.parts(part.delivery))[part.ordinal].state not in WAITING:
            return True  # a person settled it meanwhile
        try:
            receipt = await _from(connector.find(part))
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
        if delay > SHORT_SECONDS:
            raise Later(delay)
        await self._lanes.nap(delay)

    async def _tell(self, error: DeliveryError) -> None:
        """Log trouble once, and show it in health where the credentials are refused."""
        if self._trouble != str(error):
            logger.warning("cannot send", account=self.name, why=str(error))
        self._trouble = str(error)
        if isinstance(error, Unauthorized):
            connector = await self._running()
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


async def _from(call: Awaitable[R]) -> R:
    """Await a connector; an error that it did not foresee says nothing about the outcome."""
    try:
        return await foreign(call)
    except DeliveryError:
        raise
    except Exception as error:
        logger.exception("a connector raised what it should have translated")
        raise Unconfirmed(f"{type(error).__name__}: {error}") from error
