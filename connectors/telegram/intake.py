"""What is done with each batch of updates, however it comes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, Self

from bot.connector import Identity
from bot.errors import DeliveryError
from bot.events import Deliver, EventKind
from connectors.telegram import translate
from connectors.telegram.topics import Topics

Answer = Callable[[str], Awaitable[None]]


class Intake:
    """Takes updates in: translated, stored, and only then answered.

    Args:
        deliver: returns once events are stored.
        answer: tells Telegram that the press of a button was taken in.
        topics: knows what updates leave out.
        how: the way that they come; see `Event`.
    """

    def __init__(
        self,
        account: str,
        me: Identity,
        deliver: Deliver,
        answer: Answer,
        topics: Topics,
        *,
        how: str = "",
    ) -> None:
        self._account, self._me, self._how = account, me, how
        self._deliver, self._answer, self._topics = deliver, answer, topics
        self._answering: set[asyncio.Task[None]] = set()

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        account: str,
        me: Identity,
        deliver: Deliver,
        answer: Answer,
        topics: Topics,
        *,
        how: str = "",
    ) -> AsyncIterator[Self]:
        """An intake whose answers end with the block."""
        intake = cls(account, me, deliver, answer, topics, how=how)
        try:
            yield intake
        finally:
            await intake.close()

    async def close(self) -> None:
        """Give up what is not answered yet."""
        for task in self._answering:
            task.cancel()
        await asyncio.gather(*self._answering, return_exceptions=True)

    async def take(self, updates: Sequence[Any]) -> int:
        """Store what a batch tells, in one commit; how many updates tell nothing.

        Raises:
            StoreError: nothing was stored.
        """
        told = [translate.events(raw, self._account, self._me, self._how) for raw in updates]
        if events := await self._topics.known([one for many in told for one in many]):
            await self._deliver(*events)
        for event in events:
            if event.kind is EventKind.BUTTON and event.via:
                self._begin_answer(event.via["callback"])
        return sum(not many for many in told)

    def _begin_answer(self, query: str) -> None:
        # Beside the reading: whoever pressed waits only for their own answer.
        task = asyncio.create_task(self._answer_quietly(query))
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    async def _answer_quietly(self, query: str) -> None:
        with suppress(DeliveryError):  # it shows for some seconds more that it waits; all is stored
            await self._answer(query)
