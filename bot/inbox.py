"""From a connector's events to what is stored of them, and to their turns."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

from bot.cluster import Lease
from bot.commit import Commit
from bot.content import Content
from bot.errors import TownhallError
from bot.events import Event, EventKind, message_id
from bot.memory import Entity, Memory, Room
from bot.records import Accepted, EventState, Stored
from bot.turn import delivery_id
from bot.turns import Turns

if TYPE_CHECKING:
    from bot.runtime import Runtime

KNOWN = 50_000
"""How many rooms and people are remembered as stored already."""

Joined = Mapping[str, Memory | None]
"""See `Albums.after`."""


@dataclass(slots=True)
class Heard:
    """An event on its way into the store.

    Args:
        lane: where its turn is due, if one is.
        reason: why none is.
        ticket: what the store said.
    """

    event: Event
    state: EventState = EventState.KEPT
    lane: UUID | None = None
    reason: str | None = None
    ticket: Accepted = field(default_factory=Accepted)


class Inbox:
    """Takes events in and sees that each gets its turn.

    Attributes:
        dead: rooms that took no message; whoever writes there is alive.
    """

    def __init__(self, runtime: Runtime, turns: Turns, lease: Lease | None = None) -> None:
        self.runtime, self.turns, self.lease = runtime, turns, lease
        self.store, self.logger = runtime.store, runtime.logger
        self.dead: set[UUID] = set()
        self._asking: Counter[str] = Counter()
        self._known: dict[UUID, int] = {}  # hashes: they say as much, in a tenth of the memory

    async def deliver(self, *events: Event) -> None:
        """Store events; see `Deliver`.

        Whoever gives up waiting does not stop it halfway.

        Raises:
            StoreError: nothing was stored.
        """
        await asyncio.shield(self._deliver(events))

    async def _deliver(self, events: Sequence[Event]) -> None:
        events = [await self._understood(event) for event in events]
        heard = [self._admitted(event) for event in events]
        try:
            await self._keep(heard)
        finally:
            for one in heard:
                if not one.ticket.is_new:
                    self.turns.flood.uncount(one.event, one.lane)
        for one in heard:
            if one.ticket.seq is not None:
                self._take(Stored(seq=one.ticket.seq, event=one.event, state=one.state), one.lane)

    def _admitted(self, event: Event) -> Heard:
        """An event with its lane, if a turn is due; without, nobody needs to know how to answer.

        The problem of one that could not be understood says better why none is.
        """
        if (reason := self.runtime.pipeline.refusal(event)) is None:
            return Heard(event, EventState.PENDING, self.turns.flood.lane(event))
        unanswerable = event.model_copy(update={"via": None}) if event.via else event
        return Heard(unanswerable, reason=None if event.problem else reason)

    async def _keep(self, heard: Sequence[Heard]) -> None:
        """Store events and what is remembered of them, in one commit."""
        if joining := [one.event for one in heard if _joins(one)]:
            async with self.turns.albums.after(joining) as joined:
                await self._commit(heard, joined)
        else:
            await self._commit(heard, {})

    async def _commit(self, heard: Sequence[Heard], joined: Joined) -> None:
        new: dict[UUID, int] = {}
        async with self.store.commit(self.lease) as c:
            for one in heard:
                one.ticket = self._accept(c, one, new, joined)
        self._learn(new)

    async def _understood(self, event: Event) -> Event:
        """An event with the Memories that it refers to.

        What we said has another id than the platform's reference of it would give.
        """
        if event.kind is EventKind.MESSAGE and not (event.target or event.reply_to):
            return event
        found: dict[str, UUID | None] = {}
        for name, reference in (("about", event.target), ("answers", event.reply_to)):
            if reference:
                found[name] = await self._memory_of(event, reference)
        if event.kind is EventKind.DELETE and event.message:
            found["about"] = await self.store.linked(event.platform, event.account, event.message)
            found["group"] = None  # it is about one message, known or not
        return event.model_copy(update=found) if found else event

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
        if event.room and event.moved_from:
            self._follow(_before(event.room, event.moved_from), event.room)
        if event.kind in (EventKind.EDIT, EventKind.DELETE) and event.memory_id:
            self.turns.note_change(event.memory_id)
        if stored.state is EventState.PENDING and event.room and lane:
            self.turns.put(stored, lane, event.room)

    def _follow(self, old: Room, new: Room) -> None:
        self.turns.lanes.follow(old.id, new.id)
        if sender := self.runtime.outbox.sender(new):
            sender.follow(old, new)
        if old.id in self.dead:
            self.dead.discard(old.id)
            self.dead.add(new.id)

    async def ask(self, event: Event) -> list[Content]:
        """Deliver an event and wait for what is said in answer.

        Raises:
            TownhallError: it is asked from within a turn of the same room, and would wait for ever.
        """
        if event.room and self.turns.is_in_hand(event.room):
            raise TownhallError("a turn cannot wait for another turn of its own room")
        with self._waiting_for(event) as answer:  # before looking: the turn may end meanwhile
            known = await self.store.event(event.key)
            if known and known.state is not EventState.PENDING:
                return await self._said(known.event)
            await self.deliver(event)
            return await asyncio.shield(answer)

    @contextmanager
    def _waiting_for(self, event: Event) -> Iterator[asyncio.Future[list[Content]]]:
        """What will be said in answer; the last who waits for it takes it away."""
        future = asyncio.get_running_loop().create_future()
        answer = self.turns.answers.setdefault(event.key, future)
        self._asking[event.key] += 1
        try:
            yield answer
        finally:
            self._asking[event.key] -= 1
            if not self._asking[event.key]:
                del self._asking[event.key]
                self.turns.answers.pop(event.key, None)

    async def _said(self, event: Event) -> list[Content]:
        """What was said in answer to an event, by what is stored."""
        said: list[Content] = []
        while delivery := await self.store.delivery(delivery_id(event, len(said))):
            said.append(delivery.content)
        return said

    def _accept(self, c: Commit, heard: Heard, new: dict[UUID, int], joined: Joined) -> Accepted:
        event = heard.event
        ticket = c.accept(event, heard.state, lane=heard.lane, reason=heard.reason)
        if event.room and self._is_news(event.room, new):
            c.put_room(event.room)
        if event.sender and self._is_news(event.sender, new):
            c.put_entity(event.sender)
        if event.room and event.moved_from:
            c.succeed(_before(event.room, event.moved_from), event.room)
        if event.room and event.room.id in self.dead and event.is_answerable:
            c.revive(event.platform, event.account, event.room.key)
        if event.position:
            c.move(event.platform, event.account, event.position)
        if event.kind is EventKind.DELETE and event.message:
            c.redact(event.platform, event.account, event.message)
        if memory := joined[event.key] if event.key in joined else event.memory():
            c.remember(memory)
            if event.kind is EventKind.MESSAGE and event.message:
                c.link(event.platform, event.account, event.message, memory.id)
        return ticket

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


def _joins(heard: Heard) -> bool:
    """Whether it may be about one of several messages that make up a Memory, and no turn joins it.

    A message whose turn is due is joined in it.
    """
    kind = heard.event.kind
    if kind is EventKind.MESSAGE and heard.lane:
        return False
    return heard.event.group is not None or kind is EventKind.DELETE


def _before(room: Room, key: str) -> Room:
    """A room as it was under its old key."""
    return room.model_copy(update={"key": key})
