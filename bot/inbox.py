"""From a connector's events to turns: stored, told apart, handled in order, answered."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import UUID

from bot.cluster import Lease
from bot.content import Content
from bot.errors import Fenced, ModelError, StoreError, TownhallError
from bot.events import Event, EventKind
from bot.lane import Lanes, Later
from bot.memory import Entity, Room
from bot.part import Part
from bot.records import Accepted, Delivery, EventState, Stored
from bot.retry import pause
from bot.signal import Typing
from bot.store import Commit, persist
from bot.turn import Ambiguous, Journal, Turn, delivery_id

if TYPE_CHECKING:
    from bot.runtime import Runtime

ATTEMPTS = 3
"""How often a turn is begun again before its event is given up."""

TURN_SECONDS = 600.0
"""The longest that a turn may take."""

MUTE_SECONDS = 60.0
"""How long an event waits whose account no connector speaks for, before it is looked at again."""

KNOWN = 20_000
"""How many rooms and people are remembered as stored already."""

_in_hand: ContextVar[UUID | None] = ContextVar("in_hand", default=None)
"""The room whose turn the current task handles."""


@dataclass(frozen=True, slots=True)
class Due:
    """An event whose turn is due.

    Args:
        read_back: whether it comes from the store, so that an earlier run may have crashed.
    """

    stored: Stored
    read_back: bool = True


class Inbox:
    """Takes events in and sees that each gets its turn."""

    def __init__(self, runtime: Runtime, lease: Lease | None = None) -> None:
        self.runtime, self.lease = runtime, lease
        self.store, self.logger = runtime.store, runtime.logger
        self.lanes: Lanes[UUID, Due] = Lanes(
            self._handle, self._load, lambda due: due.stored.event.key
        )
        self.answers: dict[str, asyncio.Future[list[Content]]] = {}
        self._known: dict[UUID, Room | Entity] = {}
        self._changed: deque[UUID] = deque(maxlen=1_000)
        self._alone = asyncio.Lock()

    async def start(self) -> None:
        """Take up what an earlier process left."""
        self.lanes.wake(await self.store.pending_rooms())

    async def stop(self, deadline: float) -> None:
        """Finish the turns in hand within `deadline` seconds."""
        await self.lanes.stop(deadline)
        for waiter in self.answers.values():
            waiter.cancel()

    # in

    async def deliver(self, *events: Event) -> None:
        """Store events; see `Deliver`.

        Whoever gives up waiting does not stop it halfway.

        Raises:
            StoreError: nothing was stored.
        """
        await asyncio.shield(self._deliver(events))

    async def _deliver(self, events: Sequence[Event]) -> None:
        new: dict[UUID, Room | Entity] = {}
        async with self.store.commit(self.lease) as c:
            accepted = [self._accept(c, event, new) for event in events]
        self._learn(new)
        for event, (ticket, state) in zip(events, accepted, strict=True):
            if ticket.seq is not None:
                self._take(Stored(seq=ticket.seq, event=event, state=state))

    def _take(self, stored: Stored) -> None:
        """Go on with an event that was told for the first time."""
        event = stored.event
        if event.kind is EventKind.MALFORMED:
            self.logger.warning(
                "malformed event kept", platform=event.platform, key=event.key, why=event.problem
            )
        if event.kind in (EventKind.EDIT, EventKind.DELETE) and event.memory_id:
            self._changed.append(event.memory_id)
        if stored.state is EventState.PENDING and event.room:
            self.lanes.put(event.room.id, Due(stored, read_back=False))

    async def ask(self, event: Event) -> list[Content]:
        """Deliver an event and wait for what is said in answer.

        Raises:
            TownhallError: it is asked from within a turn of the same room, and would wait for ever.
        """
        if event.room and _in_hand.get() == event.room.id:
            raise TownhallError("a turn cannot wait for another turn of its own room")
        known = await self.store.event(event.key)
        if known and known.state is not EventState.PENDING:
            return await self._said(event)
        future = asyncio.get_running_loop().create_future()
        waiter = self.answers.setdefault(event.key, future)
        await self.deliver(event)
        return await asyncio.shield(waiter)

    async def _said(self, event: Event) -> list[Content]:
        """What was said in answer to an event, by what is stored."""
        said: list[Content] = []
        while delivery := await self.store.delivery(delivery_id(event, len(said))):
            said.append(delivery.content)
        return said

    def _accept(
        self, c: Commit, event: Event, new: dict[UUID, Room | Entity]
    ) -> tuple[Accepted, EventState]:
        state = EventState.PENDING if self.runtime.pipeline.admits(event) else EventState.KEPT
        ticket = c.accept(event, state)
        if event.room and self._known.get(event.room.id) != event.room:
            c.put_room(event.room)
            new[event.room.id] = event.room
        if event.sender and self._known.get(event.sender.id) != event.sender:
            c.put_entity(event.sender)
            new[event.sender.id] = event.sender
        if event.position:
            c.move(event.platform, event.account, event.position)
        if memory := event.memory():
            c.remember(memory)
            if event.kind is EventKind.MESSAGE and event.message:
                c.link(event.platform, event.account, event.message, memory.id)
        return ticket, state

    def _learn(self, new: dict[UUID, Room | Entity]) -> None:
        self._known.update(new)
        while len(self._known) > KNOWN:
            del self._known[next(iter(self._known))]

    # turns

    async def _load(self, room: UUID, limit: int) -> list[Due]:
        return [Due(stored) for stored in await self.store.pending(room=room, limit=limit)]

    async def _handle(self, due: Due) -> None:
        """Bring an event to its end: done, ambiguous or dead.

        A run is counted before it begins if it may end the process as an earlier one did, and
        afterwards if it failed. What is not the event's fault is not counted.
        """
        stored, failures, reason = due.stored, 0, "it ended the process"
        attempts, counted = stored.attempts, due.read_back
        if not self.runtime.speaks_in(stored.event):
            raise Later(MUTE_SECONDS)
        if await self._is_overtaken(due):
            await self._finish(stored, EventState.KEPT, "answered together with a later message")
            return
        while attempts < ATTEMPTS:
            try:
                async with self._attempt(stored, counted=counted, suspect=attempts > 0):
                    await self._turn(stored, again=counted or failures > 0)
            except (ModelError, StoreError) as error:
                failures += 1
                if isinstance(error, Fenced):
                    raise
                self._put_off(stored, error, failures)
                await self.lanes.nap(pause(failures, longest=30.0))
            except Ambiguous as error:
                await self._finish(stored, EventState.AMBIGUOUS, str(error))
                return
            except Exception as error:
                failures, attempts, counted = failures + 1, attempts + 1, True
                reason = f"{type(error).__name__}: {error}"
                self.logger.exception("turn failed", key=stored.event.key)
                await self.lanes.nap(pause(failures))
            else:
                return
        await self._finish(stored, EventState.DEAD, reason)

    @asynccontextmanager
    async def _attempt(
        self, stored: Stored, *, counted: bool, suspect: bool
    ) -> AsyncIterator[None]:
        """Count a run; one that may end the process does not take others with it."""
        async with self._alone if suspect else nullcontext():
            if counted:
                await self._count(stored, 1)
            try:
                yield
            except (ModelError, StoreError, asyncio.CancelledError):
                if counted:
                    await self._count(stored, -1)
                raise
            except Exception:
                if not counted:
                    await self._count(stored, 1)
                raise

    async def _count(self, stored: Stored, by: int) -> None:
        await persist(self.store, lambda c: c.attempt(stored.seq, by=by), self.lease)

    async def _is_overtaken(self, due: Due) -> bool:
        """Whether a character that answers what piled up at once leaves this to a later turn."""
        stored, event, is_command = due.stored, due.stored.event, self.runtime.pipeline.is_command
        if not (self.runtime.character.coalesce and event.room) or stored.attempts:
            return False
        waiting = [one.event for one in await self.store.pending(room=event.room.id, limit=2)]
        if len(waiting) < 2 or any(map(is_command, waiting)):  # noqa: PLR2004
            return False
        return not (due.read_back and await self.store.steps(stored.seq))

    def _put_off(self, stored: Stored, error: Exception, failures: int) -> None:
        if failures == 1:
            self.logger.warning("turn put off", key=stored.event.key, why=str(error))

    async def _turn(self, stored: Stored, *, again: bool) -> None:
        event = await self._as_it_is_now(stored.event, again=again)
        if event is None:
            await self._finish(stored, EventState.KEPT, "deleted before its turn")
            return
        stored = replace(stored, event=event)
        steps = await self.store.steps(stored.seq) if again else []
        turn = Turn(self.runtime, stored, Journal(self.store, stored, steps, self.lease))
        token = _in_hand.set(turn.room.id)
        try:
            async with asyncio.timeout(TURN_SECONDS):
                with Typing(self.runtime, turn.room):
                    await self.runtime.pipeline.run(turn)
            await self._commit(turn)
            await self.runtime.pipeline.evaluate(turn)
        finally:
            _in_hand.reset(token)

    async def _as_it_is_now(self, event: Event, *, again: bool) -> Event | None:
        """An event with the newest words of its message; None if that was deleted meanwhile."""
        if event.memory_id is None or not (again or event.memory_id in self._changed):
            return event
        memory = await self.store.memory(event.memory_id)
        if memory is None or (memory.revision == event.revision and not memory.deleted):
            return event
        return None if memory.deleted else event.model_copy(update={"content": memory.content})

    async def _commit(self, turn: Turn) -> None:
        """Done, and all its replies, in one commit."""
        outbox, event = self.runtime.outbox, turn.event
        parts: list[Part] = []

        def write(c: Commit) -> None:
            parts.clear()
            turn.journal.write(c)
            for ordinal, content in enumerate(turn.replies):
                reply = Delivery(
                    id=delivery_id(event, ordinal),
                    room=turn.room,
                    content=content.model_copy(update={"in_reply_to": turn.memory.id}),
                    event=event.key,
                )
                parts.extend(outbox.add(c, reply, reply_to=event.message))
            c.finish(turn.seq, EventState.DONE)

        await persist(self.store, write, self.lease)
        outbox.put(parts)
        self._answer(event, turn.replies)

    async def _finish(self, stored: Stored, state: EventState, reason: str) -> None:
        level = self.logger.info if state is EventState.KEPT else self.logger.error
        level("event not answered", key=stored.event.key, state=state, why=reason)
        await persist(self.store, lambda c: c.finish(stored.seq, state, reason), self.lease)
        self._answer(stored.event, [])

    def _answer(self, event: Event, replies: list[Content]) -> None:
        waiter = self.answers.pop(event.key, None)
        if waiter and not waiter.done():
            waiter.set_result(list(replies))
