"""From stored events to answers: one turn at a time in each lane, tried until it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import UUID

from bot.album import Albums
from bot.cluster import Lease
from bot.commit import Commit
from bot.content import Content, Verb
from bot.errors import Fenced, ModelError, StoreError
from bot.events import Event, EventKind
from bot.flood import LOOK_SECONDS, Flood, has_earlier
from bot.lane import Later
from bot.lanes import Lanes
from bot.memory import Room
from bot.outage import Outage
from bot.part import Part
from bot.race import Solo
from bot.records import Delivery, EventState, Stored
from bot.render import resolve
from bot.retry import pause
from bot.signal import Patience, Typing, dismiss
from bot.store import persist
from bot.turn import Ambiguous, Journal, Turn, delivery_id

if TYPE_CHECKING:
    from bot.runtime import Runtime

ATTEMPTS = 3
"""How often a turn is begun again before its event is given up."""

TURN_SECONDS = 600.0
"""The longest that a turn may take."""

SOLO_SECONDS = 1.0
"""How long an event that may end the process is handled before the next such one begins."""

MUTE_SECONDS = 60.0
"""How long an event waits whose account no connector speaks for, before it is looked at again."""

CHANGED = 1_000
"""How many of the latest changes to messages are remembered until their turns come."""

PUT_OFF = "put off: "
"""How the note begins that an event waits for a model."""

_in_hand: ContextVar[UUID | None] = ContextVar("in_hand", default=None)
"""The room whose turn the current task handles."""


@dataclass(frozen=True, slots=True)
class Due:
    """An event whose turn is due.

    Args:
        read_back: whether it comes from the store, so that an earlier run may have crashed.
        is_flood: whether its sender said too much, and has a lane of their own.
    """

    stored: Stored
    read_back: bool = True
    is_flood: bool = False


class Turns:
    """Brings events to their end.

    Attributes:
        lanes: where they wait, by room.
        answers: who waits for what is said in answer, by the key of the event.
    """

    def __init__(self, runtime: Runtime, lease: Lease | None = None) -> None:
        self.runtime, self.lease = runtime, lease
        self.store, self.logger = runtime.store, runtime.logger
        self.lanes: Lanes[UUID, Due] = Lanes(
            self._handle, self._load, lambda due: due.stored.event.key
        )
        self.albums = Albums(self.store, self.lanes.nap, self._persist)
        self.flood = Flood(runtime.character.flood, self.lanes)
        self.answers: dict[str, asyncio.Future[list[Content]]] = {}
        self._changed: dict[UUID, None] = {}
        self._patience = Patience()
        self._redacted = runtime.settings.redacted
        self._solo = Solo(SOLO_SECONDS)

    async def start(self) -> None:
        """Take up what an earlier process left."""
        self.lanes.wake(await self.store.pending_rooms())

    async def stop(self, deadline: float) -> None:
        """Finish the turns in hand within `deadline` seconds."""
        await self.lanes.stop(deadline)
        for waiter in self.answers.values():
            waiter.cancel()

    def put(self, stored: Stored, lane: UUID, room: Room) -> None:
        """Handle an event that has just been stored, when its turn comes in its lane."""
        self.lanes.put(lane, Due(stored, read_back=False, is_flood=lane != room.id))

    def note_change(self, memory: UUID) -> None:
        """Say that a Memory was edited or deleted, perhaps before its turn."""
        self._changed[memory] = None
        if len(self._changed) > CHANGED:
            del self._changed[next(iter(self._changed))]

    @staticmethod
    def is_in_hand(room: Room) -> bool:
        """Whether the caller is within a turn of `room`."""
        return _in_hand.get() == room.id

    async def _load(self, room: UUID, limit: int) -> list[Due]:
        found = await self.store.pending(room=room, limit=limit)
        return [Due(one, is_flood=one.event.room.id != room) for one in found if one.event.room]

    async def _handle(self, due: Due) -> None:
        """Bring an event to its end: done, ambiguous or dead.

        A run is counted before it begins if it may end the process as an earlier one did, and
        afterwards if it failed. What is not the event's fault is not counted. The last run of one
        that may end the process begins alone, so that it does not take others with it. Each failure
        is noted with the event; the last is its reason.
        """
        if not (stored := await self._readied(due)):
            return
        outage, reason = Outage(self.runtime.models), "it ended the process"
        attempts, counted = stored.attempts, due.read_back
        while attempts < ATTEMPTS:
            try:
                is_suspect = due.read_back and attempts == stored.attempts == ATTEMPTS - 1
                async with self._solo.enter() if is_suspect else nullcontext():
                    await self._attempt(stored, outage, counted=counted)
            except Fenced:
                raise
            except (ModelError, StoreError) as error:
                if outage.count == 1:
                    await self._put_off(stored, error)
                await self.lanes.nap(pause(outage.count, longest=30.0))
            except Ambiguous as error:
                await self._finish(stored, EventState.AMBIGUOUS, str(error))
                return
            except Exception as error:
                self.logger.exception("turn failed", key=stored.event.key)
                attempts, reason = attempts + 1, self._redacted(f"{type(error).__name__}: {error}")
                if attempts < ATTEMPTS:
                    await self._count(stored, 0 if counted else 1, f"turn failed: {reason}")
                    counted = True
                    await self.lanes.nap(pause(attempts))
            else:
                return
        await self._finish(stored, EventState.DEAD, reason)

    async def _readied(self, due: Due) -> Stored | None:
        """An event with all that belongs to it; None if another one speaks for it."""
        stored = due.stored
        if not self.runtime.speaks_in(stored.event):
            raise Later(MUTE_SECONDS)
        if due.is_flood:
            while due.read_back and await has_earlier(self.store, stored):
                await self.lanes.nap(LOOK_SECONDS)
            await self.flood.wait(stored.event, self.lanes.nap)
        if self.runtime.character.coalesce and await self._is_overtaken(due):
            await self._finish(stored, EventState.KEPT, "answered together with a later message")
            return None
        if whole := await self.albums.whole(stored) if stored.event.group else stored:
            return whole
        await self._finish(stored, EventState.KEPT, "answered with the rest of its album")
        return None

    async def _attempt(self, stored: Stored, outage: Outage, *, counted: bool) -> None:
        """One run.

        Args:
            counted: whether it is counted before it begins.
        """
        if counted:
            await self._count(stored, 1)
        try:
            await self._turn(stored, again=counted or outage.count > 0)
        except (ModelError, StoreError, asyncio.CancelledError) as error:
            outage.note(error)
            if counted:
                await self._count(stored, -1)
            raise

    async def _count(self, stored: Stored, by: int, setback: str | None = None) -> None:
        await self._persist(lambda c: c.attempt(stored.seq, by=by, reason=setback))

    async def _is_overtaken(self, due: Due) -> bool:
        """Whether a character that answers what piled up at once leaves this to a later turn."""
        stored, event, is_command = due.stored, due.stored.event, self.runtime.pipeline.is_command
        if event.room is None or stored.attempts or due.is_flood:
            return False
        waiting = [one.event for one in await self.store.pending(room=event.room.id, limit=2)]
        if len(waiting) < 2 or any(map(is_command, waiting)):  # noqa: PLR2004
            return False
        return not (due.read_back and await self.store.steps(stored.seq))

    async def _put_off(self, stored: Stored, error: Exception) -> None:
        """Say why an event waits; it is noted with it once, unless the store is why."""
        self.logger.warning("turn put off", key=stored.event.key, why=str(error))
        is_known = any(one.why.startswith(PUT_OFF) for one in stored.setbacks)
        if isinstance(error, ModelError) and not is_known:
            await self._count(stored, 0, self._redacted(f"{PUT_OFF}{error}"))

    async def _turn(self, stored: Stored, *, again: bool) -> None:
        event = await self._as_it_is_now(stored.event, again=again)
        if event is None:
            await self._finish(stored, EventState.KEPT, "deleted before its turn")
            return
        if event is not stored.event:
            stored = replace(stored, event=event)
        steps = await self.store.steps(stored.seq) if again else []
        turn = Turn(self.runtime, stored, Journal(self.store, stored, steps, self.lease))
        token = _in_hand.set(turn.room.id)
        try:
            async with asyncio.Timeout(None) as limit:  # few turns need a timer
                with Typing(self.runtime, turn.room, self._patience, limit, TURN_SECONDS):
                    await self.runtime.pipeline.run(turn)
            await self._commit(turn)
            await self.runtime.pipeline.evaluate(turn)
        finally:
            _in_hand.reset(token)

    async def _as_it_is_now(self, event: Event, *, again: bool) -> Event | None:
        """An event with the newest words of its message; None if that was deleted meanwhile."""
        if event.kind is EventKind.BUTTON:
            return await self._pressed(event)
        if event.memory_id is None or not (again or event.memory_id in self._changed):
            return event
        memory = await self.store.memory(event.memory_id)
        if memory is None or (memory.revision == event.revision and not memory.deleted):
            return event
        return None if memory.deleted else event.model_copy(update={"content": memory.content})

    async def _pressed(self, event: Event) -> Event:
        """A press with the button's value, where the platform had no room for it."""
        shown = await self.store.memory(event.about) if event.about else None
        if not (event.content and shown):
            return event
        values = [resolve(shown.content, one) or one for one in event.content.text.splitlines()]
        said = event.content.model_copy(update={"text": "\n".join(values)})
        return event.model_copy(update={"content": said})

    async def _commit(self, turn: Turn) -> None:
        """Done, and all its replies, in one commit."""
        outbox, event = self.runtime.outbox, turn.event
        replies = [await self._reply(turn, n, one) for n, one in enumerate(turn.replies)]
        parts = [part for _, some in replies for part in some]
        async with outbox.departing(parts) as departing:

            def write(c: Commit) -> None:
                turn.journal.write(c)
                for delivery, some in replies:
                    goes = departing and bool(some) and some[0] is parts[0]
                    outbox.enqueue(c, delivery, some, departing=goes)
                c.finish(turn.seq, EventState.DONE)

            await self._persist(write)
        if event.via and not parts:
            dismiss(self.runtime, event)
        self._answer(event, turn.replies)

    async def _reply(
        self, turn: Turn, ordinal: int, content: Content
    ) -> tuple[Delivery, tuple[Part, ...]]:
        """A reply on its way, and its parts."""
        outbox, event = self.runtime.outbox, turn.event
        targets = () if content.verb is Verb.SAY else await outbox.targets(content, event)
        delivery = Delivery(
            id=delivery_id(event, ordinal),
            room=turn.room,
            content=content.model_copy(update={"in_reply_to": turn.memory_id}),
            event=event.key,
        )
        return delivery, outbox.rendered(delivery, event=event, targets=targets)

    async def _finish(self, stored: Stored, state: EventState, reason: str) -> None:
        level = self.logger.info if state is EventState.KEPT else self.logger.error
        level("event not answered", key=stored.event.key, state=state, why=reason)
        await self._persist(lambda c: c.finish(stored.seq, state, reason))
        self._answer(stored.event, [])
        if stored.event.via:
            dismiss(self.runtime, stored.event)

    async def _persist(self, write: Callable[[Commit], None]) -> None:
        await persist(self.store, write, self.lease)

    def _answer(self, event: Event, replies: list[Content]) -> None:
        self.flood.end(event)
        waiter = self.answers.pop(event.key, None)
        if waiter and not waiter.done():
            waiter.set_result(list(replies))
