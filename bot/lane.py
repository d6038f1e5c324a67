"""Lanes: one queue per key, first in, first out; all keys at once.

What waits is in the store; a lane holds a few items of it, so that memory does not grow with the
load. The same lanes carry turns (from the inbox) and parts (to the outbox): in both, the key is the
room.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Hashable, Iterable
from contextlib import suppress
from typing import Generic, TypeVar

import structlog

from bot.errors import Fenced
from bot.foreign import is_cancelled

logger = structlog.get_logger("bot.lane")

FIRST_WIDTH = 250
"""How many lanes take up what waits in the store at first. While they wait for others, as for a
model, there are twice as many, again and again; a loop that is busy would only be slower."""

AT_ONCE = 1_000
"""How many lanes there may be at first for what has just come."""

LOOK_SECONDS = 0.5
"""How often the loop is looked at."""

LATE_SECONDS = 0.01
"""A loop that is this late is busy."""

STUMBLE_SECONDS = 1.0
"""How long a lane waits after its handler raised what it should have handled."""

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)


class Later(Exception):
    """Raised by a handler that leaves an item, and all behind it, for later.

    Args:
        seconds: how long until the store is looked at again.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(f"again in {seconds:.1f} s")


class Lanes(Generic[K, T]):
    """Runs items one at a time per key.

    Args:
        handle: handles one item; once it returns, `load` must not give the item again. It may
            raise `Later`.
        load: reads the first items that wait for a key, in order; the number is the most to read.
        identify: what an item is known by, to recognise one that was both read and put.
        depth: items that a lane holds at most.
        width: lanes that are open at most; further keys wait for a free one.
        most: items in all lanes together from which on each lane holds only one.

    Attributes:
        held: items in all lanes.
    """

    def __init__(
        self,
        handle: Callable[[T], Awaitable[None]],
        load: Callable[[K, int], Awaitable[list[T]]],
        identify: Callable[[T], Hashable],
        *,
        depth: int = 16,
        width: int = 10_000,
        most: int = 2_500,
    ) -> None:
        self.handle, self.load, self.identify = handle, load, identify
        self.depth, self.width, self.most = depth, width, most
        self.held = 0
        self._allowed = min(FIRST_WIDTH, width)
        self._look: asyncio.TimerHandle | None = None
        self._lanes: dict[K, _Lane[K, T]] = {}
        self._waiting: OrderedDict[K, None] = OrderedDict()
        self._asleep: dict[K, asyncio.TimerHandle] = {}
        self._idle = asyncio.Event()
        self._idle.set()
        self._closing = asyncio.Event()

    def __len__(self) -> int:
        return len(self._lanes) + len(self._waiting) + len(self._asleep)

    def put(self, key: K, item: T, *, urgent: bool = False) -> None:
        """Add an item that has just been stored.

        Args:
            urgent: whether its key may have a lane beyond the width, up to twice of it.
        """
        if key in self._asleep:
            return
        if lane := self._lanes.get(key):
            lane.put(item)
        elif self.is_open and len(self._lanes) < self._most_lanes(urgent=urgent):
            self._start(key, [item])
        else:
            self._waiting[key] = None
            self._fill()

    def wake(self, keys: Iterable[K]) -> None:
        """Look into the store for each key, in this order."""
        for key in keys:
            if lane := self._lanes.get(key):
                lane.look_again()
            elif key not in self._asleep:
                self._waiting[key] = None
        self._fill()

    async def drain(self) -> None:
        """Return once nothing waits, but for what was put off."""
        await self._idle.wait()

    async def nap(self, seconds: float) -> None:
        """Wait within a handler.

        Raises:
            Later: the lanes are stopping.
        """
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._closing.wait()
            raise Later(0.0)

    async def stop(self, deadline: float) -> None:
        """Finish the items in hand within `deadline` seconds; the rest stays in the store."""
        self._closing.set()
        self._waiting.clear()
        for timer in self._asleep.values():
            timer.cancel()
        if self._look:
            self._look.cancel()
        self._asleep.clear()
        tasks = [lane.task for lane in self._lanes.values() if lane.task]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=deadline)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late, timeout=STUMBLE_SECONDS)

    @property
    def is_open(self) -> bool:
        """Whether a lane may begin its next item."""
        return not self._closing.is_set()

    @property
    def share(self) -> int:
        """How many items a lane may hold now."""
        return self.depth if self.held < self.most else 1

    def _most_lanes(self, *, urgent: bool) -> int:
        return 2 * self.width if urgent else max(self._allowed, min(AT_ONCE, self.width))

    def _start(self, key: K, items: list[T]) -> None:
        """Open a lane; where its key has waited, what waits in the store goes first."""
        waited = key in self._waiting or not items
        self._waiting.pop(key, None)
        lane = _Lane(self, key, [] if waited else items, more=waited)
        self.held += 0 if waited else len(items)
        self._idle.clear()
        self._lanes[key] = lane
        lane.task = asyncio.create_task(lane.run())
        lane.task.add_done_callback(lambda task: self._ended(lane, task))

    def _ended(self, lane: _Lane[K, T], task: asyncio.Task[None]) -> None:
        del self._lanes[lane.key]
        self.held -= lane.held
        if not task.cancelled() and not lane.is_empty and self.is_open:
            self._waiting[lane.key] = None
        self._fill()
        if not self._lanes and not self._waiting:
            self._idle.set()

    def _sleep(self, key: K, seconds: float) -> None:
        if timer := self._asleep.pop(key, None):
            timer.cancel()
        if self.is_open:
            loop = asyncio.get_running_loop()
            self._asleep[key] = loop.call_later(seconds, self._wake_up, key)

    def _wake_up(self, key: K) -> None:
        self._asleep.pop(key, None)
        self.wake([key])

    def _fill(self) -> None:
        """Take up what waits in the store, in as many lanes as the loop has room for."""
        if not self._waiting:
            self._allowed = min(FIRST_WIDTH, self.width)
        while self.is_open and self._waiting and len(self._lanes) < self._allowed:
            self._start(next(iter(self._waiting)), [])
        if self.is_open and self._waiting and not self._look:
            loop = asyncio.get_running_loop()
            due = loop.time() + LOOK_SECONDS
            self._look = loop.call_at(due, self._widen, due)

    def _widen(self, due: float) -> None:
        """Twice as many lanes if the loop looks on time, half as many if it is late."""
        self._look = None
        if asyncio.get_running_loop().time() - due > LATE_SECONDS:
            self._allowed = max(self._allowed // 2, min(FIRST_WIDTH, self.width))
        elif len(self._lanes) >= self._allowed:
            self._allowed = min(2 * self._allowed, self.width)
        self._fill()


class _Lane(Generic[K, T]):
    """One key's queue while it is open.

    `more` says that the store has items which are not held here; while it does, new items are left
    to the store, so that the order holds.
    """

    def __init__(self, lanes: Lanes[K, T], key: K, items: list[T], *, more: bool = False) -> None:
        self.key = key
        self.task: asyncio.Task[None] | None = None
        self._lanes, self._items, self._more = lanes, deque(items), more
        self._missed = False
        self._read: frozenset[Hashable] = frozenset()

    @property
    def is_empty(self) -> bool:
        return not (self._items or self._more)

    @property
    def held(self) -> int:
        return len(self._items)

    def put(self, item: T) -> None:
        if self._more:
            self._missed = True
        elif len(self._items) >= self._lanes.share:
            self._more = True
        elif self._lanes.identify(item) not in self._read:
            self._items.append(item)
            self._lanes.held += 1

    def look_again(self) -> None:
        self._more = self._missed = True

    async def run(self) -> None:
        while self._lanes.is_open and not self.is_empty:
            try:
                await (self._first() if self._items else self._refill())
            except Later as later:
                self._leave()
                self._lanes._sleep(self.key, later.seconds)  # noqa: SLF001 - a lane is its inner part
            except Fenced as error:
                self._leave()
                logger.warning(
                    "a lane ended: its lease is another's", key=str(self.key), why=str(error)
                )
            except (Exception, asyncio.CancelledError):
                if is_cancelled():
                    raise
                logger.exception("a lane stumbled; trying again", key=str(self.key))
                self._leave()
                self.look_again()
                await asyncio.sleep(STUMBLE_SECONDS)

    def _leave(self) -> None:
        """Let go of what is held; the store has it."""
        self._lanes.held -= len(self._items)
        self._items.clear()
        self._more = False

    async def _first(self) -> None:
        await self._lanes.handle(self._items[0])
        self._items.popleft()
        self._lanes.held -= 1

    async def _refill(self) -> None:
        self._missed, limit = False, self._lanes.share
        self._lanes.held += limit
        try:
            self._items.extend(await self._lanes.load(self.key, limit))
        finally:
            self._lanes.held += len(self._items) - limit
        self._read = frozenset(map(self._lanes.identify, self._items))
        self._more = self._missed or len(self._items) >= limit
