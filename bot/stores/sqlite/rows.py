"""Our nouns as columns, and back."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from pydantic import ValidationError
from pydantic_core import PydanticSerializationError

from bot.content import Content
from bot.events import Event
from bot.memory import Entity, Memory, Room, World
from bot.part import Part, Receipt
from bot.records import EventState, Outgoing, PartState, Setback, Stored
from bot.value import Value

Row = tuple[Any, ...]
V = TypeVar("V", bound=Value)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TOLD_AWAY = frozenset({"avatar", "closed"})
"""What may be told to be there no more."""

DEEPEST = 64
"""How many levels of a payload are kept where it does not fit into JSON as it is."""

STORED = "SELECT seq, data, state, attempts, reason, received_at, ended_at, setbacks FROM events"
MEMORY = "SELECT id, room, entity, created_at, revision, content FROM memories"
ROOM = "SELECT r.data, w.data FROM rooms r LEFT JOIN worlds w ON w.id = r.world"
OUTGOING = """
SELECT seq, data, state, attempts, since, due, receipt, reason, ambiguous, setbacks FROM parts
"""


def dump(value: Value) -> str:
    """A value as JSON. What JSON cannot hold becomes text, as near as it comes.

    A field that has its default is left out, which halves what is written: so no default of a noun
    may ever change.
    """
    try:
        return value.__pydantic_serializer__.to_json(value, exclude_defaults=True).decode()
    except PydanticSerializationError:
        return json.dumps(_plain(value.model_dump(exclude_defaults=True)), ensure_ascii=False)


def known(noun: Entity | Room) -> str:
    """What is told of a person or room, to be merged with what was known of them."""
    told = noun.model_dump(mode="json", exclude_none=True)
    return json.dumps({k: v for k, v in told.items() if v != "" or k in TOLD_AWAY})


def load(kind: type[V], data: str) -> V:
    """A value from what `dump` made of it."""
    try:
        return kind.model_validate_json(data)
    except ValidationError:
        # Pydantic writes deeper payloads (254 levels) than it reads (200); the standard library
        # reads them.
        return kind.model_validate(json.loads(data))


def micros(at: datetime) -> int:
    """Microseconds since 1970, exact."""
    return round(at.timestamp() * 1_000_000)


def moment(micros: int) -> datetime:
    """The time of so many microseconds since 1970."""
    return EPOCH + timedelta(microseconds=micros)


def stored(row: Row) -> Stored:
    """From a row of `STORED`."""
    seq, data, state, attempts, reason, received_at, ended_at, setbacks = row
    return Stored(
        seq=seq,
        event=load(Event, data),
        state=EventState(state),
        attempts=attempts,
        reason=reason,
        received_at=moment(received_at),
        ended_at=None if ended_at is None else moment(ended_at),
        setbacks=_setbacks(setbacks),
    )


def memory(row: Row) -> Memory:
    """From a row of `MEMORY`; a tombstone has no content."""
    key, room, entity, created_at, revision, content = row
    return Memory(
        id=UUID(bytes=key),
        room_id=UUID(bytes=room),
        entity_id=UUID(bytes=entity),
        created_at=moment(created_at),
        content=Content() if content is None else load(Content, content),
        revision=revision,
        deleted=content is None,
    )


def outgoing(row: Row) -> Outgoing:
    """From a row of `OUTGOING`."""
    seq, data, state, attempts, since, due, receipt, reason, ambiguous, setbacks = row
    return Outgoing(
        seq=seq,
        part=load(Part, data),
        state=PartState(state),
        attempts=attempts,
        since=moment(since),
        due=None if due is None else moment(due),
        receipt=load(Receipt, receipt) if receipt else None,
        reason=reason,
        ambiguous=ambiguous,
        setbacks=_setbacks(setbacks),
    )


def _setbacks(data: str | None) -> tuple[Setback, ...]:
    told = json.loads(data) if data else ()
    return tuple(
        Setback(at=moment(at), state=state, why=why, due=None if due is None else moment(due))
        for at, state, why, due in told
    )


def room(row: Row) -> Room:
    """From a row of `ROOM`."""
    data, world = row
    found = load(Room, data)
    if world is None:
        return found
    return found.model_copy(update={"world": load(World, world)})


def counts(found: Iterable[Row]) -> dict[str, int]:
    """A figure for every state; `done` and `sent` are what is left of all."""
    known = {name: int(number) for name, number in found}
    events = {f"events.{state}": known.get(f"events.{state}", 0) for state in EventState}
    parts = {f"parts.{state}": known.get(f"parts.{state}", 0) for state in PartState}
    events["events.done"] = known["events"] - sum(events.values())
    parts["parts.sent"] = known["parts"] - sum(parts.values())
    others = {name: known[name] for name in ("parts.ever_ambiguous", "memories")}
    return events | parts | others


def _plain(value: Any, depth: int = 0) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if depth == DEEPEST:
        return "..."
    if isinstance(value, dict):
        return {str(_plain(k, depth + 1)): _plain(v, depth + 1) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(one, depth + 1) for one in value]
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    return str(value).encode(errors="replace").decode()
