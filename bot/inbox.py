"""From a connector's events to turns: stored, told apart, handled in order, answered."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self
from uuid import UUID

from bot.cluster import Lease
from bot.errors import Fenced, ModelError, StoreError
from bot.events import Event, EventKind
from bot.lane import Lanes
from bot.memory import Content, Entity, Room
from bot.retry import pause
from bot.store import Accepted, Commit, EventState, Stored, persist
from bot.turn import Ambiguous, Journal, Turn

if TYPE_CHECKING:
    from bot.runtime import Runtime

ATTEMPTS = 3
"""How often a turn is begun again before its event is given up."""

TURN_SECONDS = 600.0
"""The longest that a turn may take."""

TYPING_AFTER = 0.3
"""How long a turn may take before its room is told that an answer is being made, in seconds."""

KNOWN = 20_000
"""How many rooms and people are remembered as stored already."""


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

    async def start(self) -> None:
        """Take up what an earlier process left."""
        self.lanes.wake(await self.store.pending_rooms())

    async def stop(self, deadline: float) -> None:
        """Finish the turns in hand within `deadline` seconds."""
        await self.lanes.stop(deadline)

    # in

    async def deliver(self, *events: Event) -> None:
        """Store events; see `Deliver`.

        Raises:
            StoreError: nothing was stored.
        """
        new: dict[UUID, Room | Entity] = {}
        async with self.store.commit(self.lease) as c:
            accepted = [self._accept(c, event, new) for event in events]
        self._learn(new)
        for event, (ticket, state) in zip(events, accepted, strict=True):
            if ticket.seq is not None:
                self._report(event)
                if state is EventState.PENDING and event.room:
                    stored = Stored(seq=ticket.seq, event=event)
                    self.lanes.put(event.room.id, Due(stored, read_back=False))

    def expect(self, event: Event) -> asyncio.Future[list[Content]]:
        """What will be said in answer to an event that is about to be delivered."""
        return self.answers.setdefault(event.key, asyncio.get_running_loop().create_future())

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

    def _report(self, event: Event) -> None:
        if event.kind is EventKind.MALFORMED:
            self.logger.warning(
                "malformed event kept", platform=event.platform, key=event.key, why=event.problem
            )

    # turns

    async def _load(self, room: UUID, limit: int) -> list[Due]:
        return [Due(stored) for stored in await self.store.pending(room=room, limit=limit)]

    async def _handle(self, due: Due) -> None:
        """Bring an event to its end: done, ambiguous or dead."""
        stored, again, failures = due.stored, due.read_back, 0
        if await self._is_overtaken(stored):
            await self._finish(stored, EventState.KEPT, "answered together with a later message")
            return
        attempts = stored.attempts
        while attempts < ATTEMPTS or not again:
            try:
                if again:
                    await self._count(stored)
                    attempts += 1
                await self._turn(stored, again=again or failures > 0)
            except (ModelError, StoreError) as error:  # not the event's fault
                failures, again = failures + 1, False
                if isinstance(error, Fenced):
                    raise
                self._put_off(stored, error, failures)
                await asyncio.sleep(pause(failures, longest=30.0))
            except Ambiguous as error:
                await self._finish(stored, EventState.AMBIGUOUS, str(error))
                return
            except Exception as error:
                failures, again, reason = failures + 1, True, f"{type(error).__name__}: {error}"
                self.logger.exception("turn failed", key=stored.event.key)
                await asyncio.sleep(pause(failures))
            else:
                return
        await self._finish(stored, EventState.DEAD, reason if failures else "it ended the process")

    async def _is_overtaken(self, stored: Stored) -> bool:
        """Whether a character that answers what piled up at once leaves this to a later turn."""
        event = stored.event
        if not (self.runtime.character.coalesce and event.room and event.key not in self.answers):
            return False
        waiting = await self.store.pending(room=event.room.id, limit=2)
        return len(waiting) > 1 and not self.runtime.pipeline.is_command(event)

    def _put_off(self, stored: Stored, error: Exception, failures: int) -> None:
        if failures == 1:
            self.logger.warning("turn put off", key=stored.event.key, why=str(error))

    async def _count(self, stored: Stored) -> None:
        async with self.store.commit(self.lease) as c:
            c.attempt(stored.seq)

    async def _turn(self, stored: Stored, *, again: bool) -> None:
        steps = await self.store.steps(stored.seq) if again else []
        turn = Turn(self.runtime, stored, Journal(self.store, stored.seq, steps, self.lease))
        async with asyncio.timeout(TURN_SECONDS):
            with Typing(self.runtime, turn.room):
                await self.runtime.pipeline.run(turn)
        await self._commit(turn)
        self._answered(turn)
        await self.runtime.pipeline.evaluate(turn)

    async def _commit(self, turn: Turn) -> None:
        """Done, and all its replies, in one commit."""
        outbox, event = self.runtime.outbox, turn.event
        async for c in persist(self.store, self.lease):
            turn.journal.write(c)
            parts = [
                part
                for ordinal, content in enumerate(turn.replies)
                for part in outbox.add(
                    c,
                    turn.room,
                    content.model_copy(update={"in_reply_to": turn.memory.id}),
                    id=turn.delivery_id(ordinal),
                    event=event.key,
                    reply_to=event.message,
                )
            ]
            c.finish(turn.seq, EventState.DONE)
        outbox.put(parts)

    async def _finish(self, stored: Stored, state: EventState, reason: str) -> None:
        level = self.logger.info if state is EventState.KEPT else self.logger.error
        level("event not answered", key=stored.event.key, state=state, why=reason)
        async for c in persist(self.store, self.lease):
            c.finish(stored.seq, state, reason)
        if waiter := self.answers.pop(stored.event.key, None):
            waiter.set_result([])

    def _answered(self, turn: Turn) -> None:
        waiter = self.answers.pop(turn.event.key, None)
        if waiter and not waiter.done():
            waiter.set_result(list(turn.replies))


class Typing:
    """Shows that an answer is being made, if it takes long enough to matter."""

    def __init__(self, runtime: Runtime, room: Room) -> None:
        self.runtime, self.room = runtime, room
        self._task: asyncio.Task[None] | None = None

    def __enter__(self) -> Self:
        self._timer = asyncio.get_running_loop().call_later(TYPING_AFTER, self._begin)
        return self

    def __exit__(self, *exc: object) -> None:
        self._timer.cancel()
        if self._task:
            self._task.cancel()

    def _begin(self) -> None:
        self._task = asyncio.create_task(self._keep_on())

    async def _keep_on(self) -> None:
        connector = self.runtime.connector(self.room)
        seconds = connector.capabilities.typing_seconds if connector else None
        while connector and seconds:
            try:
                await connector.typing(self.room)
            except Exception as error:  # noqa: BLE001 - a signal that fails does not matter
                self.runtime.logger.debug("typing failed", room=self.room.key, error=str(error))
            await asyncio.sleep(seconds)
