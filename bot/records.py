"""What the store keeps: events, steps of turns, deliveries, parts, and their states."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import Field

from bot.content import Content, Verb
from bot.events import Event
from bot.memory import Room
from bot.part import Part, Priority, Receipt
from bot.value import Value, now, uid_beside


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
    DISCARDED = "discarded"
    """Given up for good, by a person."""


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
    DISCARDED = "discarded"
    """Given up for good, by a person."""


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
        at: when it was noted.
    """

    ordinal: int
    kind: str
    name: str
    state: StepState
    body: Any = None
    at: datetime = Field(default_factory=now)


class Act(Value):
    """What a person did about something that was given up.

    Args:
        by: who, by the name of their account on the machine or what they called themselves.
        verb: `replay`, `discard`, `resend` or `settle`.
        subject: the key of the event, or the id of the delivery.
    """

    at: datetime = Field(default_factory=now)
    by: str
    verb: str
    subject: str
    note: str = ""


class Setback(Value):
    """What went wrong on the way of an event or part, or what a person did about it.

    Args:
        at: when it was noted.
        state: the state that it was brought into then.
        why: as it was said then.
        due: until when it waits for that.
    """

    at: datetime
    state: str
    why: str
    due: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """An event in the store.

    Args:
        seq: its place in the order of arrival.
        attempts: how many of its turns failed, or were begun by a process that read it back.
        reason: why it is kept, dead or ambiguous.
        received_at: when it was stored, by our clock; known once it is read back.
        ended_at: when `Commit.finish` brought it into its state.
        setbacks: what went wrong until now, the oldest first.
    """

    seq: int
    event: Event
    state: EventState = EventState.PENDING
    attempts: int = 0
    reason: str | None = None
    received_at: datetime | None = None
    ended_at: datetime | None = None
    setbacks: tuple[Setback, ...] = ()


def _memory(data: dict[str, Any]) -> UUID:
    content: Content = data["content"]
    if content.verb in (Verb.EDIT, Verb.DELETE) and content.target:
        return content.target
    return said_by(data["id"])


def said_by(delivery: UUID) -> UUID:
    """The id of the Memory of what a delivery says, where that is not about an earlier one."""
    return uid_beside(delivery, "said")


class Delivery(Value):
    """One outgoing Content on its way.

    Args:
        event: the `Event.key` that it answers, if it answers one.
        memory: the Memory of what is said: the one that an edit or deletion is about, otherwise
            one whose id is computed from the delivery's.
    """

    id: UUID
    room: Room
    content: Content
    created_at: datetime = Field(default_factory=now)
    priority: Priority = Priority.REPLY
    event: str | None = None
    memory: UUID = Field(default_factory=_memory)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A part in the outbox.

    Args:
        seq: its place in the order of sending.
        attempts: how often it was marked `sending`.
        since: when it was last marked.
        due: not to be sent before this.
        ambiguous: how often its outcome was unknown.
        setbacks: what went wrong until now, the oldest first.
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
    setbacks: tuple[Setback, ...] = ()


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
