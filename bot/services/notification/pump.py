"""One campaign on one account: keeps a window of deliveries in the outbox, and settles them."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING
from uuid import UUID

import structlog

from bot.audience import Account
from bot.campaign import Campaign, Recipient, RecipientState
from bot.commit import Commit
from bot.connector import Connector, account_name
from bot.content import Verb
from bot.memory import RoomKind
from bot.part import Part
from bot.records import PartState
from bot.service import Status
from bot.services.notification.clock import Spread, quiet_until
from bot.services.notification.planner import window
from bot.services.notification.preparing import Preparing, Ready
from bot.services.notification.queue import Queue
from bot.services.notification.reasons import OF_THE_ROOM, class_of
from bot.services.notification.verdict import (
    held_up,
    is_lost,
    sending,
    taken_back,
    unsayable,
    verdict,
)
from bot.store import persist
from bot.value import now, uid

if TYPE_CHECKING:
    from bot.runtime import Runtime

REJECTIONS = 20
"""So many rejections in a row, all for one reason, and it is the message that is wrong."""

LATELY_SECONDS = 10.0
"""How long what was settled counts for the measured rate."""

AT_ONCE = 64
"""So many are put in the outbox by one commit: an answer waits for the loop meanwhile."""

IN_FLIGHT = 100_000
"""More than any earlier process can have left in the outbox."""

logger = structlog.get_logger("bot.notification")


class Pump:
    """Moves the recipients of one campaign and account through the outbox.

    Args:
        spread: what keeps its pace.
        dead_days: how long a room that took no message is left alone.
        is_new: whether none of the recipients was ever taken up before.

    Attributes:
        waits: why nothing moves; empty while something does.
        refused: why the message is wrong, once it was rejected too often.
        kinds: of the rooms that were written to lately.
    """

    def __init__(
        self,
        runtime: Runtime,
        campaign: Campaign,
        account: Account,
        spread: Spread,
        dead_days: float,
        *,
        is_new: bool = False,
    ) -> None:
        self.runtime, self.store = runtime, runtime.store
        self.campaign, self.account, self.name = campaign, account, account_name(*account)
        self.waits, self.refused = "", ""
        self.kinds: deque[RoomKind] = deque(maxlen=200)
        self._dead_for, self._is_new = timedelta(days=dead_days), is_new
        self._spread, self._queue = spread, Queue(self.store, campaign.id, account)
        self._flying: dict[UUID, Recipient] = {}
        self._settled: deque[tuple[float, int]] = deque(maxlen=500)
        self._rejected: tuple[str, int] = ("", 0)

    async def open(self) -> None:
        """Take up what is in the outbox, whoever put it there."""
        found = await self.store.recipients(
            self.campaign.id, (RecipientState.SENDING,), account=self.account, limit=IN_FLIGHT
        )
        self._flying = {one.delivery: one for one in found}

    @property
    def in_flight(self) -> int:
        """How many are in the outbox, as far as we know."""
        return len(self._flying)

    @property
    def per_second(self) -> float:
        """How many were settled a second, lately."""
        at = time.monotonic()
        lately = [one for one in self._settled if one[0] >= at - LATELY_SECONDS]
        return sum(n for _, n in lately) / max(at - lately[0][0], 1.0) if lately else 0.0

    # what ended

    async def settle(self) -> bool:
        """Store what became of the deliveries that ended; whether any did."""
        self.waits = ""
        if not self._flying:
            return False
        fates = await self.store.fates(list(self._flying))
        parts = {key: list(some) for key, some in groupby(fates, key=lambda one: one.delivery)}
        kind = self.runtime.kind(self.account[0])
        verbs = kind.capabilities.verbs if kind else frozenset()
        known = {key: verdict(o, parts.get(key, []), verbs) for key, o in self._flying.items()}
        done = {key: self._caught(one) for key, one in known.items() if one}
        if done:
            await self._store(done)
        else:
            self.waits = held_up(fates)
        return bool(done)

    def _caught(self, one: Recipient) -> Recipient:
        """What arrives while the campaign is taken back is taken back, too."""
        is_late = self.campaign.retracting and one.verb is Verb.SAY
        return taken_back(one) if is_late and one.state is RecipientState.SENT else one

    async def _store(self, done: dict[UUID, Recipient]) -> None:
        lost = [one for one in done.values() if is_lost(one)]
        back = [one for one in done.values() if self._is_back(one)]

        def write(c: Commit) -> None:
            c.settle(list(done.values()))
            for one in lost:
                c.bury(*self.account, one.room, one.reason)
            for one in back:
                c.revive(*self.account, one.room)

        await persist(self.store, write, self.runtime.inbox.lease)
        dead = self.runtime.inbox.dead
        dead.update(self._room_id(one) for one in lost)
        dead.difference_update(self._room_id(one) for one in back)
        self._settled.append((time.monotonic(), len(done)))
        for delivery, one in done.items():
            del self._flying[delivery]
            self._judge(one)

    def _is_back(self, one: Recipient) -> bool:
        """Whether somebody who took no messages takes them again."""
        dead = self.runtime.inbox.dead
        return one.state is RecipientState.SENT and bool(dead) and self._room_id(one) in dead

    def _room_id(self, one: Recipient) -> UUID:
        return uid("room", *self.account, one.room)

    def _judge(self, one: Recipient) -> None:
        """Notice when it is the message that is refused, and not a recipient that is lost."""
        if one.state is RecipientState.SENT:
            self._rejected = ("", 0)
        elif one.state is RecipientState.FAILED and class_of(one.reason) not in OF_THE_ROOM:
            reason, times = self._rejected
            self._rejected = (one.reason, times + 1 if one.reason == reason else 1)
            if self._rejected[1] >= REJECTIONS:
                self.refused = f"{self.name} refused it {REJECTIONS} times in a row: {one.reason}"

    # what begins

    async def fill(self, total: int) -> bool:
        """Put the next recipients in the outbox; whether any of them moved.

        Args:
            total: how many the account has in all.
        """
        connector = await self._ready()
        if connector is None:
            return False
        most = window(connector.capabilities.rates)
        free = most - len(self._flying)
        if free < max(most // 4, 1) or not (count := self._count(total, free)):
            return False
        begun = await self._begin(connector, await self._queue.next(count), total)
        if not (begun or self._flying) and self._queue.why:
            why = self.runtime.settings.redacted(self._queue.why)
            self.waits = f"{self.name} cannot look up an address: {why}"
        return begun

    async def _begin(self, connector: Connector, found: list[Recipient], total: int) -> bool:
        """Put recipients in the outbox; whether any of them can be looked up."""
        preparing = Preparing(
            self.store,
            self.campaign,
            connector,
            self._queue,
            dead_for=self._dead_for,
            is_new=self._is_new,
            redacted=self.runtime.settings.redacted,
        )
        begun = 0
        for begin in range(0, len(found), AT_ONCE):
            readies = await preparing.all(found[begin : begin + AT_ONCE])
            if readies:
                await self._enqueue(readies)
                begun += len(readies)
            if self._queue.rests:
                break
        if not self.campaign.retracting:
            self._spread.take(total, begun)
        return begun > 0

    def _count(self, total: int, free: int) -> int:
        """How many may begin now. What is taken back is not spread."""
        return free if self.campaign.retracting else self._spread.ready(total, free)

    async def _ready(self) -> Connector | None:
        """The connector, if it may send now; `waits` says why not."""
        quiet = None if self.campaign.retracting else self.campaign.quiet
        if until := quiet_until(quiet, now()):
            self.waits = f"quiet hours until {until:%H:%M} ({until.tzinfo})"
            return None
        if not self.runtime.turns.lanes.is_open:
            self.waits = "the bot is stopping"
            return None
        service = self.runtime.get_service(self.name)
        if not isinstance(service, Connector):
            self.waits = f"{self.name} does not run"
            return None
        health = await service.health()
        if health.status is Status.DOWN:
            self.waits = f"{self.name} is down: {health.why}"
            return None
        return service

    async def _enqueue(self, readies: Sequence[Ready]) -> None:
        """Recipients, deliveries and parts in one commit, then to the sender."""
        outbox, parts = self.runtime.outbox, list[Part]()
        flying, settled = dict[UUID, Recipient](), list[Recipient]()

        def write(c: Commit) -> None:
            parts.clear()
            flying.clear()
            settled.clear()
            for ready in readies:
                one, delivery = ready.recipient, ready.delivery
                if delivery:
                    made = outbox.add(c, delivery, targets=ready.targets)
                    parts.extend(made)
                    one = sending(one) if made else unsayable(one)
                    if made:
                        flying[delivery.id] = one
                    if ready.is_new:
                        c.put_room(delivery.room)
                elif ready.begun:
                    one = flying[one.delivery] = sending(one)
                    for part in ready.begun:
                        c.mark(part, PartState.QUEUED, reason="tried again")
                settled.append(one)
            c.settle(settled)

        await persist(self.store, write, self.runtime.inbox.lease)
        self._flying |= flying
        self.kinds.extend(one.delivery.room.kind for one in readies if one.delivery)
        outbox.put(parts)
        self._wake(one.recipient for one in readies if one.begun)
        for one in settled:
            self._judge(one)

    async def withdraw(self) -> None:
        """Take what has not begun to leave out of the outbox again."""
        if not self._flying:
            return
        if sender := self.runtime.outbox.senders.get(self.account):
            sender.withdraw(self._flying)

        def write(c: Commit) -> None:
            for one in self._flying.values():
                c.withdraw(one)

        await persist(self.store, write, self.runtime.inbox.lease)
        left = {one.delivery for one in await self.store.fates(list(self._flying))}
        self._flying = {key: one for key, one in self._flying.items() if key in left}
        self._wake(self._flying.values())

    def _wake(self, recipients: Iterable[Recipient]) -> None:
        """Let deliveries go, or go on, that are in the outbox already."""
        if sender := self.runtime.outbox.senders.get(self.account):
            for one in recipients:
                sender.wake(self._room_id(one), one.delivery)
