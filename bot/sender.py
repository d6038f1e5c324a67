"""The one road out: parts leave the outbox here, in order per room; a `Carrier` takes each."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import suppress
from uuid import UUID

from bot.carrier import Carrier
from bot.cluster import Lease
from bot.connector import account_name
from bot.content import Verb
from bot.flights import WIRE_SECONDS
from bot.lanes import Lanes
from bot.memory import Room
from bot.part import Part, Priority
from bot.records import Outgoing, PartState
from bot.store import Store
from bot.supervisor import Supervised
from bot.tracking import WAITING
from bot.value import now


class Sender:
    """Sends the parts of one account.

    Args:
        speaker: the account's connector, up or down.
    """

    def __init__(
        self,
        store: Store,
        platform: str,
        account: str,
        speaker: Supervised,
        *,
        lease: Lease | None = None,
    ) -> None:
        self.store, self.platform, self.account = store, platform, account
        self.lease, self.name = lease, account_name(platform, account)
        self._carrier = Carrier(store, speaker, self._nap, lease)
        self._lanes: Lanes[UUID, Outgoing] = Lanes(
            self._carrier.carry, self._load, lambda out: out.part.id, width=1_000
        )

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

    def reserve(self, part: Part) -> bool:
        """Take a slot for a part that is about to be stored as `SENDING`, if it can leave at once.

        Then `launch`, `release` or `recall` has to follow.
        """
        urgent = part.priority is Priority.REPLY
        if part.verb is not Verb.SAY or not self._lanes.reserve(part.room.id, urgent=urgent):
            return False
        if self._carrier.take(part):
            return True
        self._lanes.release(part.room.id)
        return False

    def launch(self, parts: Sequence[Part]) -> bool:
        """Send parts for one room, which have just been committed, in the slot of the first.

        False if the sender has stopped: then `recall` has to follow.
        """
        at = now()
        first = Outgoing(seq=0, part=parts[0], state=PartState.SENDING, since=at)
        rest = [Outgoing(seq=0, part=part, since=at) for part in parts[1:]]
        return self._lanes.launch(first.part.room.id, [first, *rest])

    def release(self, part: Part) -> None:
        """Give up a reservation: the part was not stored."""
        self._carrier.untake(part)
        self._lanes.release(part.room.id)

    async def recall(self, part: Part) -> None:
        """Give up a reservation: the part may have been stored all the same, and waits."""
        try:
            await self._carrier.recall(part)
        finally:
            self._lanes.wake([part.room.id])
            self._lanes.release(part.room.id)

    @property
    def waiting(self) -> int:
        """How many parts wait for a slot."""
        return self._carrier.waiting

    def follow(self, old: Room, new: Room) -> None:
        """Go on in `new` with what waits to be sent to `old`, which was stored as moved."""
        self._lanes.follow(old.id, new.id)

    def wake(self, room: UUID, delivery: UUID | None = None) -> None:
        """Look into the store for what waits to be sent to a room, though it was put off.

        Args:
            delivery: one that was given up, and is no longer.
        """
        if delivery:
            self._carrier.readmit(delivery)
        self._lanes.rouse(room)

    async def landed(self, room: UUID) -> None:
        """Return once what is on its way to a room has a receipt, or after a second."""
        await self._carrier.landed(room)

    def withdraw(self, deliveries: Iterable[UUID]) -> None:
        """Begin no part of these; `wake` lets them go again."""
        self._carrier.withdraw(deliveries)

    def spares(self, room: Room) -> bool:
        """Whether there is a slot to spare for a signal to `room`, which is taken then."""
        return self._carrier.spares(room)

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

    async def _nap(self, seconds: float) -> None:
        await self._lanes.nap(seconds)
