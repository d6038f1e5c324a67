"""What is done with each batch of updates, however it comes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, Self
from uuid import UUID

from bot.connector import Identity
from bot.errors import DeliveryError
from bot.events import Deliver, Event, EventKind
from bot.memory import Room
from connectors.telegram import translate

Lookup = Callable[[UUID], Awaitable[Room | None]]
Answer = Callable[[str], Awaitable[None]]


class Topics:
    """The names of topics. A message tells the first one for ever, or none.

    Args:
        lookup: what was stored of a room.
    """

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        self._names: dict[str, str] = {}

    async def named(self, event: Event) -> Event:
        """The event, with the name that its topic has by now."""
        room = event.room
        if room is None or room.parent is None:
            return event
        if event.kind is EventKind.PROFILE and room.name:
            self._names[room.key] = room.name
        elif room.key not in self._names:
            known = await self._lookup(room.id)
            self._names[room.key] = (known.name if known else "") or room.name
        name = self._names[room.key] = self._names[room.key] or room.name
        if name == room.name:
            return event
        return event.model_copy(update={"room": room.model_copy(update={"name": name})})


class Intake:
    """Takes updates in: translated, stored, and only then answered.

    Args:
        deliver: returns once events are stored.
        answer: tells Telegram that the press of a button was taken in.
    """

    def __init__(
        self, account: str, me: Identity, deliver: Deliver, answer: Answer, lookup: Lookup
    ) -> None:
        self._account, self._me = account, me
        self._deliver, self._answer, self._topics = deliver, answer, Topics(lookup)
        self._answering: set[asyncio.Task[None]] = set()

    @classmethod
    @asynccontextmanager
    async def open(
        cls, account: str, me: Identity, deliver: Deliver, answer: Answer, lookup: Lookup
    ) -> AsyncIterator[Self]:
        """An intake whose answers end with the block."""
        intake = cls(account, me, deliver, answer, lookup)
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
        told = [translate.events(raw, self._account, self._me) for raw in updates]
        if events := [await self._topics.named(one) for many in told for one in many]:
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
