"""A commit: its writes as statements with their bindings."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from bot.cluster import Lease
from bot.commit import Commit
from bot.events import Event, EventKind, Position, message_id
from bot.memory import Entity, Memory, Room
from bot.part import Part, Receipt
from bot.records import Accepted, Act, Delivery, EventState, PartState, Step
from bot.stores.sqlite.accounts import account_key
from bot.stores.sqlite.campaigns import CampaignStatements
from bot.stores.sqlite.rows import dump, known, micros
from bot.stores.sqlite.statements import (
    ABANDON,
    ACCEPT,
    ATTEMPT,
    AUDIT,
    CLOSE,
    DISOWN,
    ENQUEUE,
    ENQUEUE_PART,
    FINISH,
    FORGET,
    FORGET_STARTED,
    FORGET_VIA,
    KEEP,
    LINK,
    LINK_OWN,
    LINK_SENT,
    MARK,
    MOVE,
    MOVE_EVENTS,
    MOVE_MEMORIES,
    MOVE_PARTS,
    MOVE_SUBSCRIPTIONS,
    PRUNE,
    PUT_ENTITY,
    PUT_ROOM,
    PUT_WORLD,
    REDACT,
    REDACT_SAID,
    REMEMBER,
    REOPEN,
    STEP,
    UNLINK,
)
from bot.stores.sqlite.worker import Worker
from bot.stores.sqlite.writer import Writes
from bot.value import legible


class SqliteCommit(CampaignStatements, Commit):
    """Collects statements; the writer's thread runs them when the block ends."""

    def __init__(self, writer: Worker[Writes], lease: Lease | None) -> None:
        self._writer = writer
        self._writes = Writes(lease)
        self._accepted: list[Accepted] = []
        self._remembered: dict[UUID, list[Any]] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        if exc[0] is not None or not self._writes.statements:
            return
        seqs = await self._writer.do(self._writes)
        for accepted, seq in zip(self._accepted, seqs, strict=True):
            accepted.seq = seq

    def accept(
        self,
        event: Event,
        state: EventState,
        *,
        lane: UUID | None = None,
        reason: str | None = None,
    ) -> Accepted:
        """See `Commit.accept`."""
        room = lane.bytes if lane else event.room.id.bytes if event.room else None
        message = None if _is_in_key(event) else event.message
        self._write(ACCEPT, event.key, room, state, reason, _now(), message, dump(event))
        self._accepted.append(Accepted())
        return self._accepted[-1]

    def attempt(self, seq: int, *, by: int = 1, reason: str | None = None) -> None:
        """See `Commit.attempt`."""
        self._write(ATTEMPT, by, seq, reason and legible(reason), _now())

    def step(self, seq: int, step: Step) -> None:
        """See `Commit.step`."""
        self._write(STEP, seq, step.ordinal, dump(step))

    def finish(self, seq: int, state: EventState, reason: str | None = None) -> None:
        """See `Commit.finish`."""
        self._write(FINISH, state, reason and legible(reason), _now(), seq)

    def reopen(self, seq: int, lane: UUID) -> None:
        """See `Commit.reopen`."""
        self._write(FORGET_STARTED, seq)
        self._write(REOPEN, lane.bytes, seq)

    def audit(self, act: Act) -> None:
        """See `Commit.audit`."""
        self._write(AUDIT, act.subject, dump(act))

    def redact(self, platform: str, account: str, message: str) -> None:
        """See `Commit.redact`."""
        self._write(REDACT, message, f"{platform}:{account}:")
        self._write(REDACT_SAID, f"{platform}:{account}:{EventKind.MESSAGE}:{message}")

    def prune(self, before: datetime, rows: int) -> None:
        """See `Commit.prune`."""
        for sql in PRUNE:
            self._write(sql, micros(before), rows)
        self.prune_recipients(before, rows)

    def remember(self, memory: Memory) -> None:
        """See `Commit.remember`."""
        row = self._remembered[memory.id] = [
            memory.id.bytes,
            memory.room_id.bytes,
            memory.entity_id.bytes,
            micros(memory.created_at),
            memory.revision,
            None if memory.deleted else dump(memory.content),
            None,
        ]
        self._writes.statements.append((REMEMBER, row))

    def put_room(self, room: Room) -> None:
        """See `Commit.put_room`."""
        world, account = room.world, account_key(room.platform, room.account)
        if world is None:
            self._write(PUT_ROOM, room.id.bytes, account, None, known(room))
            return
        bare = room.model_copy(update={"world": None})
        self._write(PUT_WORLD, world.id.bytes, dump(world))
        self._write(PUT_ROOM, room.id.bytes, account, world.id.bytes, known(bare))

    def succeed(self, old: Room, new: Room) -> None:
        """See `Commit.succeed`."""
        if old.key == new.key:
            return
        was, now_is, data = old.id.bytes, new.id.bytes, dump(new)
        account, key = account_key(old.platform, old.account), f"{old.platform}:{old.account}:"
        self._write(MOVE_MEMORIES, now_is, was)
        self._write(MOVE_EVENTS, now_is, data, was, old.key, key)
        self._write(MOVE_PARTS, now_is, data, was, account)
        self._write(MOVE_SUBSCRIPTIONS, new.key, old.key, account)
        self._write(CLOSE, f"it lives on as {new.key}", was)
        self.move_recipients(old, new)

    def put_entity(self, entity: Entity) -> None:
        """See `Commit.put_entity`."""
        self._write(PUT_ENTITY, entity.id.bytes, known(entity))

    def link(self, platform: str, account: str, message: str, memory: UUID) -> None:
        """See `Commit.link`."""
        is_own = memory == message_id(platform, account, message)
        if is_own and (row := self._remembered.get(memory)):
            row[-1] = message
        sql = LINK_OWN if is_own else LINK
        self._write(sql, account_key(platform, account), message, memory.bytes)

    def unlink(self, platform: str, account: str, message: str) -> None:
        """See `Commit.unlink`."""
        self._write(UNLINK, account_key(platform, account), message)
        self._write(DISOWN, message_id(platform, account, message).bytes, message)

    def move(self, platform: str, account: str, position: Position) -> None:
        """See `Commit.move`."""
        self._write(MOVE, account_key(platform, account), position.stream, position.value)

    def keep(self, platform: str, account: str, name: str, value: str | None) -> None:
        """See `Commit.keep`."""
        key = account_key(platform, account)
        self._write(FORGET, key, name) if value is None else self._write(KEEP, key, name, value)

    def enqueue(
        self, delivery: Delivery, parts: Sequence[Part], *, departing: bool = False
    ) -> None:
        """See `Commit.enqueue`."""
        key, since = delivery.id.bytes, micros(delivery.created_at)
        state, attempts = (PartState.SENDING, 1) if departing else (PartState.QUEUED, 0)
        for part in parts:
            account = account_key(part.room.platform, part.room.account)
            place = (key, part.ordinal, account, part.room.id.bytes)
            self._write(ENQUEUE_PART, *place, state, attempts, since, dump(part), key)
            state, attempts = PartState.QUEUED, 0
        self._write(ENQUEUE, key, delivery.memory.bytes, dump(delivery))

    def mark(
        self,
        part: Part,
        state: PartState,
        *,
        receipt: Receipt | None = None,
        reason: str | None = None,
        due: datetime | None = None,
    ) -> None:
        """See `Commit.mark`."""
        proof = dump(receipt) if receipt else None
        until = micros(due) if due else None
        delivery = part.delivery.bytes
        told = reason and legible(reason)
        self._write(MARK, state, _now(), until, proof, told, delivery, part.ordinal)
        if part.via and state in (PartState.SENT, PartState.DISCARDED):
            self._write(FORGET_VIA, delivery, part.ordinal)
        if state is PartState.SENT and receipt:
            account = account_key(part.room.platform, part.room.account)
            for message in (receipt.message, *receipt.more):
                self._write(LINK_SENT, account, message, delivery)

    def abandon(self, delivery: UUID, reason: str, *, state: PartState = PartState.FAILED) -> None:
        """See `Commit.abandon`."""
        self._write(ABANDON, state, legible(reason), _now(), delivery.bytes)

    def _write(self, sql: str, *bindings: Any) -> None:
        self._writes.statements.append((sql, bindings))


def _is_in_key(event: Event) -> bool:
    """Whether an event is found by its key where its message is asked for: see `EVENTS_OF`."""
    is_said = event.kind is EventKind.MESSAGE and not event.revision
    return is_said and event.room is not None and event.ids == (event.message,)


def _now() -> int:
    return time.time_ns() // 1000
