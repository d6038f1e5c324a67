"""The one road out: parts leave the outbox here, in order per room, within the budget."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

import structlog

from bot.budget import Budget
from bot.cluster import Lease
from bot.connector import Connector, Part, Receipt
from bot.errors import DeliveryError, RateLimited, Rejected, Unauthorized, Unavailable, Unconfirmed
from bot.lane import Lanes
from bot.memory import now
from bot.retry import pause
from bot.store import Outgoing, PartState, Store, persist

WIRE_SECONDS = 1.0
"""How much longer than a stop's deadline a part may stay on the wire."""

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
        self.lease = lease
        self._running = connector
        self._budget: Budget | None = None
        self._lanes: Lanes[UUID, Outgoing] = Lanes(
            self._handle, self._load, lambda out: out.part.id, width=2_000
        )
        self._abandoned: deque[UUID] = deque(maxlen=1_000)

    # its life

    async def start(self) -> None:
        """Take up what an earlier process left."""
        await self._recover()
        self._lanes.wake(await self.store.outbox_rooms(self.platform, self.account, WAITING))

    def put(self, parts: Iterable[Part]) -> None:
        """Send parts that have just been committed to the outbox."""
        for part in parts:
            self._lanes.put(part.room.id, Outgoing(seq=0, part=part, since=now()))

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
        part, ambiguous, tries = out.part, out.state is PartState.AMBIGUOUS, out.attempts
        if part.delivery in self._abandoned:
            return
        await _sleep_until(out.due)
        while True:
            tries += 1
            try:
                if ambiguous and await self._settle(part):
                    return
                ambiguous = False
                await self._send(part)
            except Unconfirmed as error:
                ambiguous = True
                await self._mark(part, PartState.AMBIGUOUS, reason=str(error))
                await asyncio.sleep(pause(tries))
            except (Unavailable, Unauthorized) as error:
                await self._later(part, error, tries, ambiguous=ambiguous)
            except Rejected as error:
                await self._give_up(part, str(error))
                return
            else:
                return

    async def _send(self, part: Part) -> None:
        connector, budget = await self._connector()
        part = await self._chained(part, connector)
        async with budget.slot(part.room, part.priority):
            await self._mark(part, PartState.SENDING)
            receipt = await _foreign(connector.send(part))
        await self._mark(part, PartState.SENT, receipt=receipt)

    async def _settle(self, part: Part) -> bool:
        """Find out about an ambiguous part; whether nothing more is to be done."""
        connector, _ = await self._connector()
        try:
            receipt = await _foreign(connector.find(part))
        except Unconfirmed as error:
            if connector.on_ambiguous == "resend":
                return False
            await self._mark(part, PartState.HELD, reason=str(error))
            return True
        if receipt:
            await self._mark(part, PartState.SENT, receipt=receipt)
        return receipt is not None

    async def _later(
        self, part: Part, error: DeliveryError, tries: int, *, ambiguous: bool
    ) -> None:
        delay = pause(tries)
        if isinstance(error, RateLimited):
            delay = error.retry_after
            if self._budget:
                self._budget.pause(delay, part.room if error.room else None)
        if not ambiguous:
            due = now() + timedelta(seconds=delay)
            await self._mark(part, PartState.QUEUED, reason=str(error), due=due)
        await asyncio.sleep(delay)

    async def _give_up(self, part: Part, reason: str) -> None:
        logger.warning("rejected", platform=self.platform, room=part.room.key, reason=reason)
        self._abandoned.append(part.delivery)
        async for c in persist(self.store, self.lease):
            c.mark(part, PartState.FAILED, reason=reason)
            c.abandon(part.delivery, f"part {part.ordinal + 1} was rejected: {reason}")

    async def _chained(self, part: Part, connector: Connector) -> Part:
        """On a platform of threads, a part replies to the one before it."""
        if part.ordinal == 0 or not connector.capabilities_for(part.room).chain:
            return part
        parts = await self.store.parts(part.delivery)
        before = parts[part.ordinal - 1].receipt
        return part.model_copy(update={"reply_to": before.message}) if before else part

    async def _mark(
        self,
        part: Part,
        state: PartState,
        *,
        receipt: Receipt | None = None,
        reason: str | None = None,
        due: datetime | None = None,
    ) -> None:
        async for c in persist(self.store, self.lease):
            c.mark(part, state, receipt=receipt, reason=reason, due=due)


async def _foreign(call: Awaitable[R]) -> R:
    """Await a connector; an error that it did not foresee says nothing about the outcome."""
    try:
        return await call
    except DeliveryError:
        raise
    except Exception as error:
        logger.exception("a connector raised what it should have translated")
        raise Unconfirmed(f"{type(error).__name__}: {error}") from error


async def _sleep_until(due: datetime | None) -> None:
    if due and (delay := (due - now()).total_seconds()) > 0:
        await asyncio.sleep(delay)
