"""The floor: the writes of the design and nothing else.

The statements are the store's own, and the rows have what Townhall's have in them. They are made as
one would make them by hand: no values, no checks, no choices.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any

import apsw
import orjson

from bot.stores.sqlite.schema import connect
from bot.stores.sqlite.statements import (
    ACCEPT,
    ENQUEUE,
    ENQUEUE_PART,
    FINISH,
    LINK_OWN,
    LINK_SENT,
    MARK,
    PUT_ENTITY,
    PUT_ROOM,
    REMEMBER,
    STEP,
)
from bot.value import now, uid, uid_at, uid_beside

ACCOUNT = "loopback/default"


class Writer:
    """A thread that commits all that waits at once."""

    def __init__(self, db: apsw.Connection) -> None:
        self._db, self._cursor = db, db.cursor()
        self._loop = asyncio.get_running_loop()
        self._waiting: SimpleQueue[tuple[Sequence, asyncio.Future] | None] = SimpleQueue()
        self._thread = Thread(target=self._run)

    @classmethod
    @contextmanager
    def open(cls, path: Path) -> Iterator[Writer]:
        writer = cls(connect(path, read_only=False))
        writer._thread.start()
        try:
            yield writer
        finally:
            writer._waiting.put(None)
            writer._thread.join()
            writer._db.close()

    def commit(self, *statements: tuple[str, tuple]) -> asyncio.Future[list[int]]:
        """The row ids of the events among the statements, once all are durable."""
        future = self._loop.create_future()
        self._waiting.put((statements, future))
        return future

    def _run(self) -> None:
        execute = self._cursor.execute
        while (first := self._waiting.get()) is not None:
            batch = [first, *(self._waiting.get_nowait() for _ in range(self._waiting.qsize()))]
            try:
                execute("BEGIN IMMEDIATE")
                ids = [self._execute(statements) for statements, _ in batch]
                execute("COMMIT")
            except apsw.Error as error:  # the store has changed, and this file has not
                self._loop.call_soon_threadsafe(batch[0][1].set_exception, error)
                return
            self._loop.call_soon_threadsafe(_settle, [future for _, future in batch], ids)

    def _execute(self, statements: Sequence[tuple[str, tuple]]) -> list[int]:
        ids = []
        for sql, bindings in statements:
            self._cursor.execute(sql, bindings)
            if sql is ACCEPT:
                ids.append(self._db.last_insert_rowid())
        return ids


def _settle(futures: list[asyncio.Future], ids: list[list[int]]) -> None:
    for future, found in zip(futures, ids, strict=True):
        future.set_result(found)


def json(data: dict[str, Any]) -> str:
    """As it is stored."""
    return orjson.dumps(data).decode()


class Rows:
    """What one event and an echo of it leave.

    Args:
        number: that of the event.
        room: the number of the room in which it was said.
    """

    def __init__(self, number: int, room: int) -> None:
        self.number, self.text, self.message = number, f"hello {number}", f"r{room}/{number}"
        self.key, self.at = f"loopback:default:message:{self.message}", now()
        self.memory = uid("message", "loopback", "default", self.message)
        self.delivery = uid_at(self.at, "delivery", self.key, "0")
        self.answer = uid_beside(self.delivery, "said")
        self.place = uid("room", "loopback", "default", f"r{room}").bytes
        self.person = uid("entity", "loopback", f"p{room}").bytes
        self.room = {"platform": "loopback", "account": "default", "key": f"r{room}", "kind": "dm"}
        self.sender = {"platform": "loopback", "key": f"p{room}", "name": f"P{room}"}

    def known(self) -> Iterator[tuple[str, tuple]]:
        """The room and the person, which are told once."""
        yield PUT_ROOM, (self.place, ACCOUNT, None, json(self.room))
        yield PUT_ENTITY, (self.person, json(self.sender))

    def heard(self) -> Iterator[tuple[str, tuple]]:
        """The event, and what is remembered of it."""
        content = {"text": f"/echo {self.text}"}
        event = {
            "kind": "message",
            "platform": "loopback",
            "account": "default",
            "ids": [self.message],
            "at": self.at,
            "room": self.room,
            "sender": self.sender,
            "content": content,
            "message": self.message,
        }
        yield ACCEPT, (self.key, self.place, "pending", None, self.number, None, json(event))
        memory = (self.memory.bytes, self.place, self.person, self.number, 0)
        yield REMEMBER, (*memory, json(content), self.message)
        yield LINK_OWN, (ACCOUNT, self.message, self.memory.bytes)

    def decided(self, seq: int) -> tuple[str, tuple]:
        """The decision to echo."""
        call = {"id": "0", "name": "echo", "arguments": {"text": self.text}}
        return self._step(seq, 0, "decision", "done", {"by": "command", "calls": [call]})

    def started(self, seq: int) -> tuple[str, tuple]:
        """That the echo is about to be run."""
        return self._step(seq, 1, "action", "started", {"arguments": {"text": self.text}})

    def done(self, seq: int) -> tuple[str, tuple]:
        """What came of it."""
        body = {"arguments": {"text": self.text}, "result": {"content": {"text": self.text}}}
        return self._step(seq, 1, "action", "done", body)

    def replied(self, seq: int) -> Iterator[tuple[str, tuple]]:
        """The answer on its way, and the end of the turn."""
        content = {"text": self.text, "in_reply_to": self.memory}
        memory = (self.answer.bytes, self.place, b"\0" * 16, self.number, 0)
        yield REMEMBER, (*memory, json(content), None)
        part = {
            "delivery": self.delivery,
            "ordinal": 0,
            "room": self.room,
            "text": self.text,
            "reply_to": self.message,
        }
        place = (self.delivery.bytes, 0, ACCOUNT, self.place)
        yield ENQUEUE_PART, (*place, "sending", 1, self.number, json(part), self.delivery.bytes)
        delivery = {
            "id": self.delivery,
            "room": self.room,
            "content": content,
            "created_at": now(),
            "event": self.key,
            "memory": self.answer,
        }
        yield ENQUEUE, (self.delivery.bytes, self.answer.bytes, json(delivery))
        yield FINISH, ("done", None, self.number, seq)

    def sent(self) -> Iterator[tuple[str, tuple]]:
        """That the answer is there."""
        message, key = f"sent-{self.number}", self.delivery.bytes
        receipt = json({"message": message})
        yield MARK, ("sent", self.number, None, receipt, None, key, 0)
        yield LINK_SENT, (ACCOUNT, message, key)

    def _step(
        self, seq: int, ordinal: int, kind: str, state: str, body: dict[str, Any]
    ) -> tuple[str, tuple]:
        name = "command" if kind == "decision" else "echo"
        step = {"ordinal": ordinal, "kind": kind, "name": name, "state": state, "body": body}
        return STEP, (seq, ordinal, json({**step, "at": now()}))


class Loop:
    """Answers events, a room at a time.

    Args:
        idempotent: whether the action's start need not be known before it runs.
    """

    def __init__(self, writer: Writer, *, idempotent: bool) -> None:
        self.writer, self.idempotent = writer, idempotent
        self.sent: defaultdict[int, list[int]] = defaultdict(list)
        self.answered = 0
        self._queues: defaultdict[int, deque[tuple[Rows, int]]] = defaultdict(deque)
        self._tasks: set[asyncio.Task] = set()

    async def deliver(self, events: Sequence[tuple[int, int]]) -> None:
        """Store events, each a number and its room, and see that they are answered."""
        every = [(room, Rows(number, room)) for number, room in events]
        statements = [one for room, rows in every for one in self._accepted(room, rows)]
        ids = await self.writer.commit(*statements)
        for (room, rows), seq in zip(every, ids, strict=True):
            queue = self._queues[room]
            queue.append((rows, seq))
            if len(queue) == 1:
                task = asyncio.create_task(self._serve(room, queue))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def drain(self) -> None:
        """Return once all is answered."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    def _accepted(self, room: int, rows: Rows) -> Iterator[tuple[str, tuple]]:
        if room not in self._queues:
            self._queues[room] = deque()
            yield from rows.known()
        yield from rows.heard()

    async def _serve(self, room: int, queue: deque[tuple[Rows, int]]) -> None:
        while queue:
            await self._turn(*queue[0], room)
            queue.popleft()

    async def _turn(self, rows: Rows, seq: int, room: int) -> None:
        commit = self.writer.commit
        if self.idempotent:
            await commit(rows.decided(seq), rows.done(seq), *rows.replied(seq))
        else:
            await commit(rows.decided(seq), rows.started(seq))
            await commit(rows.done(seq), *rows.replied(seq))
        self.sent[room].append(rows.number)
        await commit(*rows.sent())
        self.answered += 1
