"""The port of all that is durable.

Writes are collected in a commit and become durable together, or not at all:

    async with store.commit() as c:
        accepted = c.accept(event)
        c.remember(memory)
    if accepted.is_new: ...

Each write is harmless when it is made twice, so a batch can be tried again. What a write answers
can be read once the block has ended.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

import structlog
from pydantic import Field

from bot.cluster import Lease
from bot.connector import Part, Priority, Receipt
from bot.errors import Fenced, StoreError
from bot.events import Event, Position
from bot.memory import Content, Entity, Memory, Room, Value, now, uid

logger = structlog.get_logger("bot.store")


class EventState(StrEnum):
    """What became of an event."""

    PENDING = "pending"
    """A turn is due."""
    DONE = "done"
    """Its turn ended, and the replies are in the outbox."""
    KEPT = "kept"
    """Stored; no turn was due."""
    AMBIGUOUS = "ambiguous"
    """An action was started and not finished, and must not be run twice. A person decides."""
    DEAD = "dead"
    """Given up after its attempts."""


class PartState(StrEnum):
    """Where a part is on its way out."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    AMBIGUOUS = "ambiguous"
    """On the wire when we lost sight of it; being found out."""
    HELD = "held"
    """Cannot be found out, and must not be sent twice: a person decides."""


class StepState(StrEnum):
    """How far a step of a turn came."""

    STARTED = "started"
    DONE = "done"
    FAILED = "failed"


class Step(Value):
    """One line of a turn's log.

    Args:
        ordinal: its place in the turn, from 0.
        kind: `decision` or `action`.
        body: the decision, or the action's arguments and result.
    """

    ordinal: int
    kind: str
    name: str
    state: StepState
    body: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """An event in the store.

    Args:
        seq: its place in the order of arrival.
        attempts: how often a turn of it was begun by a process that read it back.
        reason: why it is dead or ambiguous.
        received_at: when it was stored, by our clock; known once it is read back.
        ended_at: when `Commit.finish` brought it into its state.
    """

    seq: int
    event: Event
    state: EventState = EventState.PENDING
    attempts: int = 0
    reason: str | None = None
    received_at: datetime | None = None
    ended_at: datetime | None = None


class Delivery(Value):
    """One outgoing Content on its way.

    Args:
        event: the `Event.key` that it answers, if it answers one.
        memory: the Memory of what is said; by default its id is computed from the delivery's.
    """

    id: UUID
    room: Room
    content: Content
    created_at: datetime = Field(default_factory=now)
    priority: Priority = Priority.REPLY
    event: str | None = None
    memory: UUID = Field(default_factory=lambda data: uid("said", str(data["id"])))


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A part in the outbox.

    Args:
        seq: its place in the order of sending.
        attempts: how often it was marked `sending`.
        since: when it was last marked.
        due: not to be sent before this.
        ambiguous: how often its outcome was unknown.
    """

    seq: int
    part: Part
    state: PartState = PartState.QUEUED
    attempts: int = 0
    since: datetime
    due: datetime | None = None
    receipt: Receipt | None = None
    reason: str | None = None
    ambiguous: int = 0


class Accepted:
    """What became of an event handed to `Commit.accept`; known after the commit.

    Attributes:
        seq: the event's place in the order of arrival, or None if it was known already.
    """

    __slots__ = ("seq",)

    def __init__(self) -> None:
        self.seq: int | None = None

    @property
    def is_new(self) -> bool:
        """Whether this was the first time that the event was told."""
        return self.seq is not None


class Commit(ABC):
    """Writes that become durable together when the block ends."""

    @abstractmethod
    def accept(self, event: Event, state: EventState) -> Accepted:
        """Store an event, once per key."""

    @abstractmethod
    def attempt(self, seq: int, *, by: int = 1) -> None:
        """Count one more begun turn of an event; -1 takes it back."""

    @abstractmethod
    def step(self, seq: int, step: Step) -> None:
        """Write a line of a turn's log, over the one of the same ordinal."""

    @abstractmethod
    def finish(self, seq: int, state: EventState, reason: str | None = None) -> None:
        """Say what became of an event."""

    @abstractmethod
    def remember(self, memory: Memory) -> None:
        """Store a Memory; the newest revision wins, and a tombstone is never undone.

        An edit keeps the first `created_at`, and a tombstone keeps no content.
        """

    @abstractmethod
    def put_room(self, room: Room) -> None:
        """Store a room, its world with it, or update what is known of them."""

    @abstractmethod
    def put_entity(self, entity: Entity) -> None:
        """Store a person, or update what is known of them."""

    @abstractmethod
    def link(self, platform: str, account: str, message: str, memory: UUID) -> None:
        """Join a platform's message to a Memory; several messages may make up one Memory."""

    @abstractmethod
    def move(self, platform: str, account: str, position: Position) -> None:
        """Remember how far a stream was read."""

    @abstractmethod
    def enqueue(self, delivery: Delivery, parts: Sequence[Part]) -> None:
        """Put a delivery and its parts in the outbox, once per id."""

    @abstractmethod
    def mark(
        self,
        part: Part,
        state: PartState,
        *,
        receipt: Receipt | None = None,
        reason: str | None = None,
        due: datetime | None = None,
    ) -> None:
        """Move a part on its way.

        `SENDING` counts an attempt; `AMBIGUOUS` counts one more unknown outcome; `SENT` links the
        receipt's message to the delivery's Memory.
        """

    @abstractmethod
    def abandon(self, delivery: UUID, reason: str, *, state: PartState = PartState.FAILED) -> None:
        """Mark what is still queued of a delivery as failed, or as held."""

    @abstractmethod
    async def __aenter__(self) -> Self: ...

    @abstractmethod
    async def __aexit__(self, *exc: object) -> None:
        """Make it durable, unless the block raised.

        Raises:
            Fenced: a newer lease of the same name has committed.
            StoreFull: the disk has no room; nothing was written.
            StoreError: anything else; nothing was written.
        """


class Store(ABC):
    """Opens with `async with`; see the module for how to write."""

    @abstractmethod
    async def __aenter__(self) -> Self:
        """Open it, bring its schema up to date.

        Raises:
            ConfigError: it is not a Townhall database, a newer version's, or held by another.
        """

    @abstractmethod
    async def __aexit__(self, *exc: object) -> None: ...

    @abstractmethod
    def commit(self, lease: Lease | None = None) -> Commit:
        """A block of writes, refused if `lease` is older than the newest that has committed."""

    # events and turns

    @abstractmethod
    async def event(self, key: str) -> Stored | None:
        """The event with that key."""

    @abstractmethod
    async def events_of(self, message: str) -> list[Stored]:
        """What was told of a message, on any account, in order of arrival.

        Args:
            message: the platform's reference, as `Event.message` has it.
        """

    @abstractmethod
    async def events(
        self, states: Sequence[EventState], *, before: int | None = None, limit: int = 100
    ) -> list[Stored]:
        """The events in `states`, the newest first, from before the place `before`."""

    @abstractmethod
    async def pending(
        self, *, after: int = 0, room: UUID | None = None, limit: int = 100
    ) -> list[Stored]:
        """Events that wait for a turn, in order of arrival, from behind `after`."""

    @abstractmethod
    async def pending_rooms(self) -> list[UUID]:
        """The rooms in which events wait for a turn, the longest waiting first."""

    @abstractmethod
    async def steps(self, seq: int) -> list[Step]:
        """The log of a turn, in order."""

    # what is remembered

    @abstractmethod
    async def memory(self, id: UUID) -> Memory | None:
        """A Memory, its tombstone too."""

    @abstractmethod
    async def history(
        self,
        room: UUID,
        *,
        limit: int = 20,
        before: UUID | None = None,
        besides: UUID | None = None,
    ) -> list[Memory]:
        """The newest Memories of a room in the order of their arrival, without tombstones.

        Args:
            before: a Memory; it, and what arrived after it, is left out.
            besides: an entity; what it said is not left out for arriving later.
        """

    @abstractmethod
    async def linked(self, platform: str, account: str, message: str) -> UUID | None:
        """The Memory that a platform's message belongs to."""

    @abstractmethod
    async def messages(self, memory: UUID) -> list[str]:
        """The platform's references of the messages that make up a Memory."""

    @abstractmethod
    async def room(self, id: UUID) -> Room | None:
        """A room."""

    @abstractmethod
    async def rooms(self, platform: str, account: str) -> tuple[Room, ...]:
        """The rooms of an account."""

    @abstractmethod
    async def entity(self, id: UUID) -> Entity | None:
        """A person or bot."""

    @abstractmethod
    async def position(self, platform: str, account: str, stream: str) -> str | None:
        """How far a stream was read."""

    @abstractmethod
    async def positions(self, platform: str, account: str) -> tuple[Position, ...]:
        """How far each stream of an account was read."""

    # the outbox

    @abstractmethod
    async def delivery(self, id: UUID) -> Delivery | None:
        """A delivery."""

    @abstractmethod
    async def deliveries_of(self, message: str) -> list[Delivery]:
        """The deliveries of which a part became that message, on any account.

        Args:
            message: the platform's reference, as `Receipt.message` has it.
        """

    @abstractmethod
    async def outgoing(
        self, states: Sequence[PartState], *, before: int | None = None, limit: int = 100
    ) -> list[Outgoing]:
        """The parts of all accounts in `states`, the newest first, from before `before`."""

    @abstractmethod
    async def outbox(
        self,
        platform: str,
        account: str,
        states: Sequence[PartState],
        *,
        after: int = 0,
        room: UUID | None = None,
        limit: int = 100,
    ) -> list[Outgoing]:
        """Parts of an account in `states`, in order of sending, from behind `after`."""

    @abstractmethod
    async def outbox_rooms(
        self, platform: str, account: str, states: Sequence[PartState]
    ) -> list[UUID]:
        """The rooms of an account that have parts in `states`, the longest waiting first."""

    @abstractmethod
    async def parts(self, delivery: UUID) -> list[Outgoing]:
        """The parts of a delivery, in order."""

    @abstractmethod
    async def counts(self) -> dict[str, int]:
        """How many there are: `events.pending`, `parts.sent`, `parts.ever_ambiguous`, ..."""


STORE_PAUSE = 1.0
"""How long to wait for a store that cannot write, in seconds."""


async def persist(
    store: Store, write: Callable[[Commit], None], lease: Lease | None = None
) -> None:
    """One commit, tried until the store takes it: for what must not be forgotten once it happened.

    Args:
        write: makes the writes; called again for each try.

    Raises:
        Fenced: somebody else does this work now.
    """
    while True:
        try:
            async with store.commit(lease) as commit:
                write(commit)
        except Fenced:
            raise
        except StoreError as error:
            logger.error("the store cannot write; trying again", error=str(error))  # noqa: TRY400 - no news in the trace
            await asyncio.sleep(STORE_PAUSE)
        else:
            return
