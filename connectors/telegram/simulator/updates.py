"""The queue of updates behind getUpdates and the webhook."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from itertools import islice
from typing import Any

import orjson

from connectors.telegram.simulator.chats import ApiError, first

BY_POLL = (
    "Conflict: terminated by other getUpdates request; "
    "make sure that only one bot instance is running"
)
BY_WEBHOOK = "Conflict: terminated by setWebhook request"


class Updates:
    """Updates wait here, until a poll asks for those behind them or a webhook takes them."""

    def __init__(self) -> None:
        self._queue: deque[tuple[int, bytes]] = deque()
        self._next = first()
        self._waiting: asyncio.Future[None] | None = None
        self._repeats = 0
        self._held: list[Any] | None = None

    def __len__(self) -> int:
        return len(self._queue)

    def push(self, update: Any) -> None:
        """Queue an update of any shape; one that is an object gets an id if it has none."""
        number = self._next
        if isinstance(update, dict):
            given = update.setdefault("update_id", number)
            number = given if isinstance(given, int) else number
        self._next = max(self._next, number) + 1
        self._queue_up((number, orjson.dumps(update)))

    def repeat_next(self) -> None:
        """Tell the next update twice."""
        self._repeats += 1

    def swap_next(self) -> None:
        """Tell the next two updates in reverse."""
        self._held = []

    def clear(self) -> None:
        """Forget all."""
        self._queue.clear()

    async def poll(self, offset: int, limit: int, timeout: float) -> bytes:
        """A batch as JSON; updates below `offset` are forgotten. It ends any other poll."""
        self.interrupt(BY_POLL)
        self._confirm(offset)
        if not self._queue and timeout > 0:
            with suppress(TimeoutError):
                async with asyncio.timeout(timeout):
                    await self._arrival()
                self._confirm(offset)
        return b"[" + b",".join(body for _, body in islice(self._queue, limit)) + b"]"

    async def oldest(self) -> tuple[int, bytes]:
        """The number and the JSON of the first that waits, once there is one."""
        while not self._queue:
            await self._arrival()
        return self._queue[0]

    def forget(self, number: int) -> None:
        """The first that waits was taken, if it still does."""
        if self._queue and self._queue[0][0] == number:
            self._queue.popleft()

    def interrupt(self, reason: str) -> None:
        """End the poll that waits, if one does."""
        if self._waiting and not self._waiting.done():
            self._waiting.set_exception(ApiError(409, reason))

    def _queue_up(self, one: tuple[int, bytes]) -> None:
        if self._held is not None:
            self._held.insert(0, one)
            if len(self._held) == 1:
                return
        many, self._held = self._held or [one], None
        times, self._repeats = 1 + self._repeats, 0
        self._queue.extend(again for each in many for again in [each] * times)
        if self._waiting and not self._waiting.done():
            self._waiting.set_result(None)

    def _confirm(self, offset: int) -> None:
        if offset < 0:  # only the last so many
            offset = self._queue[max(offset, -len(self._queue))][0] if self._queue else 0
        while self._queue and self._queue[0][0] < offset:
            self._queue.popleft()

    async def _arrival(self) -> None:
        waiting = self._waiting = asyncio.get_running_loop().create_future()
        await waiting
