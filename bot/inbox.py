"""From a connector's events to what is stored of them, and to their turns."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from bot.cluster import Lease
from bot.commit import Commit
from bot.content import Content
from bot.errors import TownhallError
from bot.events import Event, EventKind, message_id
from bot.memory import Entity, Room
from bot.records import Accepted, EventState, Stored
from bot.turn import delivery_id
from bot.turns import Turns

if TYPE_CHECKING:
    from bot.runtime import Runtime

KNOWN = 50_000
"""How many rooms and people are remembered as stored already."""


class Inbox:
    """Takes events in and sees that each gets its turn.

    Attributes:
        dead: rooms that took no message; whoever writes there is alive.
    """

    def __init__(self, runtime: Runtime, turns: Turns, lease: Lease | None = None) -> None:
        self.runtime, self.turns, self.lease = runtime, turns, lease
        self.store, self.logger = runtime.store, runtime.logger
        self.dead: set[UUID] = set()
        self._known: dict[UUID, int] = {}  # hashes: they say as much, in a tenth of the memory

    async def deliver(self, *events: Event) -> None:
        """Store events; see `Deliver`.

        Whoever gives up waiting does not stop it halfway.

        Raises:
            StoreError: nothing was stored.
        """
        await asyncio.shield(self._deliver(events))

    async def _deliver(self, events: Sequence[Event]) -> None:
        new: dict[UUID, int] = {}
        events = [await self._understood(event) for event in events]
        async with self.store.commit(self.lease) as c:
            accepted = [self._accept(c, event, new) for event in events]
        self._learn(new)
        for event, (ticket, state, lane) in zip(events, accepted, strict=True):
            if ticket.seq is not None:
                self._take(Stored(seq=ticket.seq, event=event, state=state), lane)

    async def _understood(self, event: Event) -> Event:
        """An event with the Memories that it refers to.

        What we said has another id than the platform's reference of it would give.
        """
        if event.kind is EventKind.MESSAGE and not (event.target or event.reply_to):
            return event
        found: dict[str, UUID | None] = {}
        for field, reference in (("about", event.target), ("answers", event.reply_to)):
            if reference:
                found[field] = await self._memory_of(event, reference)
        if event.kind is EventKind.DELETE and event.message:
            found["about"] = await self._all_of(event, event.message)
        known = event.model_copy(update=found) if found else event
        return await self.turns.albums.edited(known)

    async def _all_of(self, event: Event, message: str) -> UUID | None:
        """The Memory of which that message is all, where it has another id than its reference."""
        memory = await self.store.linked(event.platform, event.account, message)
        return memory if memory and await self.store.messages(memory) == [message] else None

    async def _memory_of(self, event: Event, reference: str) -> UUID:
        place = (event.platform, event.account, reference)
        known = await self.store.linked(*place)
        sender = self.runtime.outbox.sender(event.room) if event.room else None
        if known is None and sender and event.room:
            await sender.landed(event.room.id)  # people are quick: it may be what we are saying now
            known = await self.store.linked(*place)
        return known or message_id(*place)

    def _take(self, stored: Stored, lane: UUID | None) -> None:
        """Go on with an event that was told for the first time."""
        event = stored.event
        if self.dead and event.room and event.is_answerable:
            self.dead.discard(event.room.id)
        if event.kind is EventKind.MALFORMED:
            self.logger.warning(
                "malformed event kept", platform=event.platform, key=event.key, why=event.problem
            )
        if event.kind in (EventKind.EDIT, EventKind.DELETE) and event.memory_id:
            self.turns.note_change(event.memory_id)
        if stored.state is EventState.PENDING and event.room and lane:
            self.turns.put(stored, lane, event.room)

    async def ask(self, event: Event) -> list[Content]:
        """Deliver an event and wait for what is said in answer.

        Raises:
            TownhallError: it is asked from within a turn of the same room, and would wait for ever.
        """
        if event.room and self.turns.is_in_hand(event.room):
            raise TownhallError("a turn cannot wait for another turn of its own room")
        known = await self.store.event(event.key)
        if known and known.state is not EventState.PENDING:
            return await self._said(event)
        future = asyncio.get_running_loop().create_future()
        waiter = self.turns.answers.setdefault(event.key, future)
        try:
            await self.deliver(event)
        except BaseException:
            self.turns.answers.pop(event.key, None)
            raise
        return await asyncio.shield(waiter)

    async def _said(self, event: Event) -> list[Content]:
        """What was said in answer to an event, by what is stored."""
        said: list[Content] = []
        while delivery := await self.store.delivery(delivery_id(event, len(said))):
            said.append(delivery.content)
        return said

    def _accept(
        self, c: Commit, event: Event, new: dict[UUID, int]
    ) -> tuple[Accepted, EventState, UUID | None]:
        state = EventState.PENDING if self.runtime.pipeline.admits(event) else EventState.KEPT
        lane = self.turns.flood.lane(event) if state is EventState.PENDING else None
        ticket = c.accept(event, state, lane=lane)
        if event.room and self._is_news(event.room, new):
            c.put_room(event.room)
        if event.sender and self._is_news(event.sender, new):
            c.put_entity(event.sender)
        if event.room and event.moved_from:
            old = event.room.model_copy(update={"key": event.moved_from})
            c.succeed(old, event.room)
        if event.room and event.room.id in self.dead and event.is_answerable:
            c.revive(event.platform, event.account, event.room.key)
        if event.position:
            c.move(event.platform, event.account, event.position)
        if event.kind is EventKind.DELETE and event.message:
            c.redact(event.platform, event.account, event.message)
        if memory := event.memory():
            c.remember(memory)
            if event.kind is EventKind.MESSAGE and event.message:
                c.link(event.platform, event.account, event.message, memory.id)
        return ticket, state, lane

    def _is_news(self, noun: Room | Entity, new: dict[UUID, int]) -> bool:
        """Whether something is told of a room or person that is not stored; noted in `new`."""
        told = hash(noun)
        if new.get(noun.id, self._known.get(noun.id)) == told:
            return False
        new[noun.id] = told
        return True

    def _learn(self, new: dict[UUID, int]) -> None:
        self._known.update(new)
        while len(self._known) > KNOWN:
            del self._known[next(iter(self._known))]
