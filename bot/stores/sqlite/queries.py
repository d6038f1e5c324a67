"""What can be asked of the file."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from bot.events import Position, message_id
from bot.memory import Entity, Memory, Room
from bot.records import Act, Delivery, EventState, Outgoing, PartState, Step, Stored
from bot.store import Store
from bot.stores.sqlite import rows
from bot.stores.sqlite.accounts import account_key
from bot.stores.sqlite.campaigns import CampaignQueries
from bot.stores.sqlite.lookups import (
    ACTS,
    BEFORE,
    COUNTS,
    DELIVERIES_OF,
    EVENT_GROUPS,
    EVENTS_OF,
    LAST,
    LINKED,
    MESSAGES,
    OUTBOX,
    OUTBOX_ROOMS,
    PART_GROUPS,
    WAITING,
    WAITING_ROOMS,
)
from bot.stores.sqlite.rows import MEMORY, OUTGOING, ROOM, STORED, Row, load

Groups = Mapping[str, Sequence[str]]


class Queries(CampaignQueries, Store):
    """The half of the Store that only looks."""

    @abstractmethod
    async def _all(self, sql: str, *bindings: Any) -> list[Row]:
        """Every row of one query."""

    async def _one(self, sql: str, *bindings: Any) -> Row | None:
        found = await self._all(sql, *bindings)
        return found[0] if found else None

    async def event(self, key: str) -> Stored | None:
        """See `Store.event`."""
        row = await self._one(f"{STORED} WHERE key = ?", key)
        return rows.stored(row) if row else None

    async def events_of(self, message: str) -> list[Stored]:
        """See `Store.events_of`."""
        return [rows.stored(row) for row in await self._all(EVENTS_OF, message)]

    async def events(
        self, states: Sequence[EventState], *, before: int | None = None, limit: int = 100
    ) -> list[Stored]:
        """See `Store.events`."""
        found = await self._newest(STORED, EVENT_GROUPS, states, before, limit)
        return [rows.stored(row) for row in found]

    async def pending(
        self, *, after: int = 0, room: UUID | None = None, limit: int = 100
    ) -> list[Stored]:
        """See `Store.pending`."""
        where, bindings = ("AND room = ?", [room.bytes]) if room else ("", [])
        sql = f"{WAITING} {where} ORDER BY seq LIMIT ?"
        found = await self._all(sql, after, *bindings, limit)
        return [rows.stored(row) for row in found]

    async def pending_rooms(self) -> list[UUID]:
        """See `Store.pending_rooms`."""
        return [UUID(bytes=room) for (room,) in await self._all(WAITING_ROOMS)]

    async def steps(self, seq: int) -> list[Step]:
        """See `Store.steps`."""
        found = await self._all("SELECT data FROM steps WHERE event = ? ORDER BY ordinal", seq)
        return [load(Step, data) for (data,) in found]

    async def memory(self, id: UUID) -> Memory | None:
        """See `Store.memory`."""
        row = await self._one(f"{MEMORY} WHERE id = ?", id.bytes)
        return rows.memory(row) if row else None

    async def history(
        self,
        room: UUID,
        *,
        limit: int = 20,
        before: UUID | None = None,
        besides: UUID | None = None,
    ) -> list[Memory]:
        """See `Store.history`."""
        found = await self._all(
            f"{MEMORY} WHERE room = ? AND content IS NOT NULL{BEFORE if before else ''}"
            " ORDER BY seq DESC LIMIT ?",
            room.bytes,
            *((before.bytes, before.bytes, besides and besides.bytes) if before else ()),
            limit,
        )
        return [rows.memory(row) for row in reversed(found)]

    async def linked(self, platform: str, account: str, message: str) -> UUID | None:
        """See `Store.linked`."""
        own = message_id(platform, account, message).bytes
        row = await self._one(LINKED, account_key(platform, account), message, own)
        return UUID(bytes=row[0]) if row else None

    async def messages(self, memory: UUID) -> list[str]:
        """See `Store.messages`."""
        found = await self._all(MESSAGES, memory.bytes)
        return list(dict.fromkeys(message for (message,) in found))

    async def room(self, id: UUID) -> Room | None:
        """See `Store.room`."""
        row = await self._one(f"{ROOM} WHERE r.id = ?", id.bytes)
        return rows.room(row) if row else None

    async def rooms(self, platform: str, account: str) -> tuple[Room, ...]:
        """See `Store.rooms`."""
        key = account_key(platform, account)
        found = await self._all(f"{ROOM} WHERE r.account = ? ORDER BY r.rowid", key)
        return tuple(rows.room(row) for row in found)

    async def entity(self, id: UUID) -> Entity | None:
        """See `Store.entity`."""
        row = await self._one("SELECT data FROM entities WHERE id = ?", id.bytes)
        return load(Entity, row[0]) if row else None

    async def position(self, platform: str, account: str, stream: str) -> str | None:
        """See `Store.position`."""
        row = await self._one(
            "SELECT value FROM positions WHERE account = ? AND stream = ?",
            account_key(platform, account),
            stream,
        )
        return row[0] if row else None

    async def note(self, platform: str, account: str, name: str) -> str | None:
        """See `Store.note`."""
        row = await self._one(
            "SELECT value FROM notes WHERE account = ? AND name = ?",
            account_key(platform, account),
            name,
        )
        return row[0] if row else None

    async def positions(self, platform: str, account: str) -> tuple[Position, ...]:
        """See `Store.positions`."""
        key = account_key(platform, account)
        found = await self._all("SELECT stream, value FROM positions WHERE account = ?", key)
        return tuple(Position(stream=stream, value=value) for stream, value in found)

    async def delivery(self, id: UUID) -> Delivery | None:
        """See `Store.delivery`."""
        row = await self._one("SELECT data FROM deliveries WHERE id = ?", id.bytes)
        return load(Delivery, row[0]) if row else None

    async def deliveries_of(self, message: str) -> list[Delivery]:
        """See `Store.deliveries_of`."""
        return [load(Delivery, data) for (data,) in await self._all(DELIVERIES_OF, message)]

    async def outgoing(
        self, states: Sequence[PartState], *, before: int | None = None, limit: int = 100
    ) -> list[Outgoing]:
        """See `Store.outgoing`."""
        found = await self._newest(OUTGOING, PART_GROUPS, states, before, limit)
        return [rows.outgoing(row) for row in found]

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
        """See `Store.outbox`."""
        where, own = ("AND room = ?", [room.bytes]) if room else ("", [])
        bindings = [account_key(platform, account), *own, after, limit]
        found: list[Row] = []
        for _, condition in _conditions(PART_GROUPS, states):
            sql = f"{OUTBOX} AND {condition} {where} AND seq > ? ORDER BY seq LIMIT ?"
            found += await self._all(sql, *bindings)
        return [rows.outgoing(row) for row in sorted(found)[:limit]]

    async def outbox_rooms(
        self, platform: str, account: str, states: Sequence[PartState]
    ) -> list[UUID]:
        """See `Store.outbox_rooms`."""
        key, first = account_key(platform, account), dict[bytes, int]()
        for _, condition in _conditions(PART_GROUPS, states):
            sql = f"{OUTBOX_ROOMS} AND {condition} GROUP BY room"
            for room, seq in await self._all(sql, key):
                first[room] = min(seq, first.get(room, seq))
        return [UUID(bytes=room) for room in sorted(first, key=first.__getitem__)]

    async def parts(self, delivery: UUID) -> list[Outgoing]:
        """See `Store.parts`."""
        found = await self._all(f"{OUTGOING} WHERE delivery = ? ORDER BY ordinal", delivery.bytes)
        return [rows.outgoing(row) for row in found]

    async def acts(self, *, subject: str | None = None, limit: int = 100) -> list[Act]:
        """See `Store.acts`."""
        which, bindings = ("true", ()) if subject is None else ("subject = ?", (subject,))
        found = await self._all(ACTS.replace(":which", which), *bindings, limit)
        return [load(Act, data) for (data,) in found]

    async def counts(self) -> dict[str, int]:
        """See `Store.counts`."""
        return rows.counts(await self._all(COUNTS))

    async def _newest(
        self, select: str, groups: Groups, states: Sequence[str], before: int | None, limit: int
    ) -> list[Row]:
        last = LAST if before is None else before
        found: list[Row] = []
        for state in dict.fromkeys(states):  # one by one, each is read in its order
            [(index, condition)] = _conditions(groups, [state])
            sql = f"{select} {index} WHERE {condition} AND seq < ? ORDER BY seq DESC LIMIT ?"
            found += await self._all(sql, last, limit)
        return sorted(found, reverse=True)[:limit]


def _conditions(groups: Groups, states: Sequence[str]) -> Iterator[tuple[str, str]]:
    """For each index that holds some of `states`, its name and a condition that names its group."""
    for index, group in groups.items():
        if wanted := [state for state in group if state in states]:
            yield index, f"{_among(group)} AND {_among(wanted)}"


def _among(states: Sequence[str]) -> str:
    """As the schema has it, or SQLite does not see that an index applies."""
    if len(states) == 1:
        return f"state = '{states[0]}'"
    quoted = ", ".join(f"'{state}'" for state in states)
    return f"state IN ({quoted})"
