"""What the gateway says, translated as it comes and delivered in order."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from itertools import takewhile
from typing import Any

from bot.errors import Fenced, StoreError
from bot.events import Deliver, Event, Position
from bot.service import Status
from connectors.discord import translate
from connectors.discord.hearing import READERS, Heard, Item, Listing, Session, meaning
from connectors.discord.translate import NONSENSE, Known

__all__ = ["Feed", "Item", "Listing", "Session", "Storing"]

ENOUGH = 10_000
"""Events that may wait for the store before the gateway is read no further."""
SLOWEST = 30.0
"""The longest pause before the store is tried again, in seconds."""
Report = Callable[[Status, str], None]


class Storing:
    """Delivers events, and does not give up while the store is unwell.

    Attributes:
        positions: how far each channel was read, kept up to date with what is stored.
        behind: the channels whose history could not be read; their positions stay before the gap.
    """

    def __init__(self, report: Report) -> None:
        self.positions: dict[str, str] = {}
        self.behind: set[str] = set()
        self._report = report
        self._deliver: Deliver | None = None

    def start(self, deliver: Deliver, positions: Iterable[Position]) -> None:
        """Deliver to `deliver` from now on."""
        self._deliver = deliver
        self.positions = {one.stream: one.value for one in positions}

    async def __call__(self, events: Sequence[Event]) -> None:
        """Return once `events` are stored.

        Raises:
            Fenced: this process is not the one to store them.
        """
        pause, events = 0.0, [self._placed(event) for event in events]
        while events and not await self._stored(events):
            pause = min(pause * 2 or 0.25, SLOWEST)
            await asyncio.sleep(pause)
        if pause:
            self._report(Status.UP, "")
        found = (event.position for event in events)
        self.positions.update({one.stream: one.value for one in found if one})

    def _placed(self, event: Event) -> Event:
        is_behind = event.position and event.position.stream in self.behind
        return event.model_copy(update={"position": None}) if is_behind else event

    async def _stored(self, events: Sequence[Event]) -> bool:
        assert self._deliver
        try:
            await self._deliver(*events)
        except Fenced:
            raise
        except StoreError as error:
            self._report(Status.DEGRADED, f"events wait for the store: {error}")
            return False
        return True


class Feed:
    """The `Ear` of a client: a queue of what it heard.

    Args:
        known: what translation must know; it grows with what is heard.
    """

    def __init__(self, known: Known, report: Report) -> None:
        self._known, self._report = known, report
        self._queue: deque[Item] = deque()
        self._filled, self._roomy = asyncio.Event(), asyncio.Event()

    # what the client calls

    def hear(self, name: str, data: Any, mark: str) -> None:
        """Translate a payload and queue what it means."""
        try:
            self._queue.extend(meaning(Heard(name, data, mark, self._known)))
        except NONSENSE as error:
            self._malformed(name, data, error)
        if name in ("READY", "RESUMED"):
            self._report(Status.UP, "")
        self._filled.set()

    def misheard(self, name: str, data: Any, error: Exception) -> None:
        """Keep what the library could not read, unless we could."""
        if name not in READERS:
            self._malformed(name, data, error)

    def lost(self, why: str) -> None:
        """Say that the gateway is gone."""
        self._report(Status.DEGRADED, f"the gateway is being reconnected: {why}")

    async def space(self) -> None:
        """Return when fewer than `ENOUGH` events wait."""
        while len(self._queue) >= ENOUGH:
            self._roomy.clear()
            await self._roomy.wait()

    # what the connector calls

    async def run_of_items(self) -> tuple[Item, ...]:
        """What comes next: all the events that wait, or one that is not an event."""
        while not self._queue:
            self._filled.clear()
            await self._filled.wait()
        events = tuple(takewhile(lambda item: isinstance(item, Event), self._queue))
        return events or (self._queue[0],)

    def forget(self, count: int) -> None:
        """The first `count` items are dealt with."""
        for _ in range(count):
            self._queue.popleft()
        self._roomy.set()

    def rest(self) -> tuple[Item, ...]:
        """All that waits."""
        return tuple(self._queue)

    # within

    def _malformed(self, name: str, data: Any, error: Exception) -> None:
        problem = f"{error.__class__.__name__}: {error}"
        self._queue.append(translate.malformed(name, data, problem, self._known.account))
        self._filled.set()
