"""The floor: the writes of the design and nothing else.

The statements are the store's own and the rows have its sizes. What is written is made once: what
it costs to make it belongs to Townhall.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from uuid import uuid4

import apsw

from bot.action import ActionResult
from bot.content import Content
from bot.model import ToolCall
from bot.part import Part, Receipt
from bot.records import Delivery, Step, StepState
from bot.stores.sqlite.rows import dump
from bot.stores.sqlite.schema import connect
from bot.stores.sqlite.statements import (
    ACCEPT,
    ENQUEUE,
    ENQUEUE_PART,
    FINISH,
    LINK,
    LINK_SENT,
    MARK,
    PUT_ENTITY,
    PUT_ROOM,
    REMEMBER,
    STEP,
)
from bot.testing.connector import said
from bot.turn import Decision

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


class Rows:
    """The rows that one event leaves, with an echo for an answer.

    Args:
        text: what is said in every message.
    """

    def __init__(self, text: str) -> None:
        event = said(f"/echo {text}", 10_000, room="r100", person="p100")
        content = Content(text=text, in_reply_to=uuid4())
        common = {"id": uuid4(), "room": event.room, "created_at": event.at}
        delivery = Delivery(**common, content=content, event=event.key, memory=uuid4())
        part = Part(delivery=uuid4(), ordinal=0, room=event.room, text=text, reply_to=event.message)
        call = ToolCall(id="0", name="echo", arguments={"text": text})
        body = {"arguments": call.arguments}
        result = ActionResult(content=Content(text=text))
        self.event, self.heard = dump(event), dump(event.content)
        self.room, self.entity = dump(event.room), dump(event.sender)
        self.said, self.delivery, self.part = dump(content), dump(delivery), dump(part)
        self.decision = self._step(0, "decision", "command", Decision(by="command", calls=(call,)))
        self.started = dump(
            Step(ordinal=1, kind="action", name="echo", state=StepState.STARTED, body=body)
        )
        done = {**body, "result": result}
        self.done = dump(
            Step(ordinal=1, kind="action", name="echo", state=StepState.DONE, body=done)
        )
        self.receipt = dump(Receipt(message="sent-10000"))

    @staticmethod
    def _step(ordinal: int, kind: str, name: str, decision: Decision) -> str:
        return dump(
            Step(ordinal=ordinal, kind=kind, name=name, state=StepState.DONE, body=decision)
        )


def key(*parts: object, begins: int | None = None) -> bytes:
    """A key as scattered as a UUIDv5, or one that begins with a number."""
    beginning = b"" if begins is None else begins.to_bytes(6, "big")
    return beginning + blake2b(repr(parts).encode(), digest_size=16 - len(beginning)).digest()


class Loop:
    """Answers events, a room at a time.

    Args:
        idempotent: whether the action's start need not be known before it runs.
    """

    def __init__(self, writer: Writer, rows: Rows, *, idempotent: bool) -> None:
        self.writer, self.rows, self.idempotent = writer, rows, idempotent
        self.sent: defaultdict[int, list[int]] = defaultdict(list)
        self.answered = 0
        self._queues: defaultdict[int, deque[tuple[int, int]]] = defaultdict(deque)
        self._met: set[int] = set()
        self._tasks: set[asyncio.Task] = set()

    async def deliver(self, events: Sequence[tuple[int, int]]) -> None:
        """Store events, each a number and its room, and see that they are answered."""
        statements = [one for number, room in events for one in self._accepted(number, room)]
        ids = await self.writer.commit(*statements)
        for (number, room), seq in zip(events, ids, strict=True):
            queue = self._queues[room]
            queue.append((number, seq))
            if len(queue) == 1:
                task = asyncio.create_task(self._serve(room, queue))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def drain(self) -> None:
        """Return once all is answered."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def _serve(self, room: int, queue: deque[tuple[int, int]]) -> None:
        while queue:
            await self._turn(*queue[0], room)
            queue.popleft()

    async def _turn(self, number: int, seq: int, room: int) -> None:
        delivery, commit = key("d", number, begins=number), self.writer.commit
        if not self.idempotent:
            await commit(self._step(seq, 0), self._step(seq, 1, self.rows.started))
        await commit(*self._finished(number, seq, room, delivery))
        self.sent[room].append(number)
        await commit(
            (MARK, ("sent", number, None, self.rows.receipt, None, delivery, 0)),
            (LINK_SENT, (ACCOUNT, f"sent-{number}", delivery)),
        )
        self.answered += 1

    def _accepted(self, number: int, room: int) -> Iterator[tuple[str, tuple]]:
        rows, place, person = self.rows, key("r", room), key("p", room)
        message, memory = f"r{room}/{number}", key("m", number)
        event = f"loopback:default:message:{message}"
        yield ACCEPT, (event, place, "pending", number, None, rows.event)
        if room not in self._met:
            self._met.add(room)
            yield PUT_ROOM, (place, ACCOUNT, None, rows.room)
            yield PUT_ENTITY, (person, rows.entity)
        yield REMEMBER, (memory, place, person, number, 0, rows.heard, message)
        yield LINK, (ACCOUNT, message, memory)

    def _finished(
        self, number: int, seq: int, room: int, delivery: bytes
    ) -> Iterator[tuple[str, tuple]]:
        rows, place, memory = self.rows, key("r", room), key("s", number, begins=number)
        if self.idempotent:
            yield self._step(seq, 0)
        yield self._step(seq, 1, rows.done)
        yield REMEMBER, (memory, place, b"\0" * 16, number, 0, rows.said, None)
        part = (delivery, 0, ACCOUNT, place, "sending", 1, number, rows.part)
        yield ENQUEUE_PART, (*part, delivery)
        yield ENQUEUE, (delivery, memory, rows.delivery)
        yield FINISH, ("done", None, number, seq)

    def _step(self, seq: int, ordinal: int, data: str = "") -> tuple[str, tuple]:
        return STEP, (seq, ordinal, data or self.rows.decision)
