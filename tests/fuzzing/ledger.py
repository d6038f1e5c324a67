"""What a store must answer, kept in a few dictionaries."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from bot.content import Content
from bot.events import Position
from bot.memory import Memory
from bot.part import Receipt
from bot.records import EventState, PartState, Step, StepState
from bot.testing.store.engine import ANN, HALL, NOON, YARD, a_delivery, an_event, parts_of
from bot.value import now, uid

ROOMS = (HALL, YARD)
WHERE = HALL.platform, HALL.account
ENDED = {EventState.DONE, EventState.KEPT, EventState.DISCARDED}
GIVEN_UP = {EventState.DEAD, EventState.AMBIGUOUS}
OPEN = (PartState.QUEUED, PartState.SENDING, PartState.AMBIGUOUS)
LEFT = {PartState.SENT, PartState.DISCARDED}


@dataclass
class Told:
    """An event."""

    seq: int | None
    room: str
    state: EventState
    attempts: int = 0
    reason: str | None = None
    has_words: bool = True
    steps: dict[int, StepState] = field(default_factory=dict)


@dataclass
class Said:
    """A part."""

    room: str
    state: PartState = PartState.QUEUED
    attempts: int = 0
    ambiguous: int = 0
    reason: str | None = None
    receipt: str | None = None


@dataclass
class Known:
    """A Memory; without text, its tombstone."""

    room: str
    revision: int
    text: str | None


def event_of(n):
    return an_event(n, ROOMS[n % 2])


def delivery_of(n):
    return a_delivery(str(n), ROOMS[n % 2])


def memory_of(n):
    return uid("memory", str(n))


class Ledger:
    """Each write makes itself in a commit, and changes what is known. Dictionaries keep order."""

    def __init__(self):
        self.events: dict[int, Told] = {}
        self.memories: dict[int, Known] = {}
        self.parts: dict[int, list[Said]] = {}
        self.positions, self.notes, self.links = {}, {}, {}
        self.tickets = []

    def learn(self):
        """What the store said of the events that it took."""
        for one, ticket, is_new in self.tickets:
            assert ticket.is_new == is_new
            if is_new:
                one.seq = ticket.seq
        self.tickets.clear()

    # the inbox

    def accept(self, c, n, state):
        is_new = n not in self.events
        one = self.events.setdefault(n, Told(None, ROOMS[n % 2].key, state))
        self.tickets.append((one, c.accept(event_of(n), state), is_new))

    def attempt(self, c, n, by):
        if one := self._stored(n):
            c.attempt(one.seq, by=by)
            one.attempts += by

    def step(self, c, n, ordinal, state):
        if one := self._stored(n):
            c.step(one.seq, Step(ordinal=ordinal, kind="action", name="pay", state=state, at=NOON))
            one.steps[ordinal] = state

    def finish(self, c, n, state):
        if one := self._stored(n):
            c.finish(one.seq, state, f"it is {state}")
            one.state, one.reason = state, f"it is {state}"

    def reopen(self, c, n):
        if one := self._stored(n):
            c.reopen(one.seq, {room.key: room.id for room in ROOMS}[one.room])
            if one.state not in GIVEN_UP:
                return
            one.state, one.attempts, one.reason = EventState.PENDING, 0, None
            one.steps = {k: v for k, v in one.steps.items() if v is not StepState.STARTED}

    def redact(self, c, n):
        c.redact(*WHERE, event_of(n).message)
        if n in self.events:
            self.events[n].has_words = False

    def _stored(self, n):
        one = self.events.get(n)
        return one if one and one.seq is not None else None

    # what is remembered

    def remember(self, c, n, revision, deleted):
        room, text = ROOMS[n % 2], f"memory {n}, revision {revision}"
        given = {"id": memory_of(n), "room_id": room.id, "entity_id": ANN.id, "created_at": NOON}
        content = Content(text=text)
        c.remember(Memory(**given, content=content, revision=revision, deleted=deleted))
        new = Known(room.key, revision, None if deleted else text)
        one = self.memories.setdefault(n, new)
        if one.text is not None and (deleted or revision > one.revision):
            one.revision, one.text = max(revision, one.revision), new.text

    def succeed(self, c, old, new):
        c.succeed(old, new)
        moving = GIVEN_UP | {EventState.PENDING}
        waiting = [one for one in self.events.values() if one.state in moving]
        leaving = [one for many in self.parts.values() for one in many if one.state not in LEFT]
        kept = [one for one in self.memories.values() if one.text is not None]
        for one in (*waiting, *leaving, *kept):
            one.room = new.key if one.room == old.key else one.room

    def move(self, c, stream, value):
        c.move(*WHERE, Position(stream=stream, value=value))
        self.positions[stream] = value

    def keep(self, c, name, value):
        c.keep(*WHERE, name, value)
        self.notes[name] = value

    # the outbox

    def enqueue(self, c, n, count):
        c.enqueue(delivery_of(n), parts_of(delivery_of(n), count))
        self.parts.setdefault(n, [Said(ROOMS[n % 2].key) for _ in range(count)])

    def mark(self, c, n, ordinal, state):
        part = parts_of(delivery_of(n), 3)[ordinal]
        receipt = Receipt(message=f"sent {n}/{ordinal}") if state is PartState.SENT else None
        c.mark(part, state, receipt=receipt, reason=f"it is {state}")
        parts = self.parts.get(n, [])
        if receipt and parts:
            self.links[receipt.message] = delivery_of(n).memory
        for one in parts[ordinal : ordinal + 1]:
            one.attempts += state is PartState.SENDING
            one.ambiguous += state is PartState.AMBIGUOUS is not one.state
            one.state, one.reason = state, f"it is {state}"
            one.receipt = receipt.message if receipt else one.receipt

    def abandon(self, c, n, state):
        c.abandon(delivery_of(n).id, "given up", state=state)
        for one in self.parts.get(n, []):
            if one.state is PartState.QUEUED:
                one.state, one.reason = state, "given up"

    # time

    def prune(self, c, days):
        """Forget what ended so many days ago: all of it, if that is yet to come."""
        c.prune(now() - timedelta(days=days), 100)
        if days < 0:
            self.events = {n: one for n, one in self.events.items() if one.state not in ENDED}
            self.parts = {
                n: many
                for n, many in self.parts.items()
                if any(one.state not in LEFT for one in many)
            }
