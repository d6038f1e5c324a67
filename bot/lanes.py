"""Lanes: one queue per key, first in, first out; all keys at once.

What waits is in the store; a lane holds a few items of it, so that memory does not grow with the
load. The same lanes carry turns (from the inbox) and parts (to the outbox): in both, the key is the
room.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable, Iterable
from contextlib import suppress
from itertools import islice
from typing import Generic, TypeVar

from bot.lane import STUMBLE_SECONDS, Lane, Later

FIRST_WIDTH = 250
"""How many lanes take up what waits in the store at first. While they wait for others, as for a
model, there are twice as many, again and again; a loop that is busy would only be slower."""

AT_ONCE = 1_000
"""How many lanes there may be at first for what has just come."""

LOOK_SECONDS = 0.5
"""How often the loop is looked at."""

FEW = 25
"""How many keys that wait get a lane then, even if all lanes are taken by what has just come."""

LATE_SECONDS = 0.01
"""A loop that is this late has too much to do."""

BUSY = 0.5
"""A loop that works for more than this share of the time has enough to do."""

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)


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
        is_open: whether a lane may begin its next item.
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
        self.held, self.is_open = 0, True
        self._allowed = min(FIRST_WIDTH, width)
        self._look: asyncio.TimerHandle | None = None
        self._lanes: dict[K, Lane[K, T]] = {}
        self._waiting: OrderedDict[K, None] = OrderedDict()
        self._asleep: dict[K, asyncio.TimerHandle] = {}
        self._reserved: dict[K, bool] = {}  # and whether more was put there meanwhile
        self._moved: dict[K, K] = {}  # of keys that are reserved: where they go on
        self._before: dict[K, list[asyncio.Event]] = {}  # what is in hand where a key comes from
        self._idle = asyncio.Event()
        self._idle.set()
        self._closing = asyncio.Event()

    def __len__(self) -> int:
        return len(self._lanes) + len(self._waiting) + len(self._asleep)

    def __contains__(self, key: object) -> bool:
        """Whether something of a key waits, was put off, or is in hand."""
        if key in self._lanes or key in self._waiting:
            return True
        return key in self._asleep or key in self._reserved

    def put(self, key: K, item: T, *, urgent: bool = False) -> None:
        """Add an item that has just been stored.

        Args:
            urgent: whether its key may have a lane beyond the width, up to twice of it.
        """
        if key in self._asleep:
            return
        if key in self._reserved:
            self._reserved[key] = True
        elif lane := self._lanes.get(key):
            lane.put(item)
        elif self.is_open and len(self._lanes) < self._most_lanes(urgent=urgent):
            self._open(key, [item])
        else:
            self._waiting[key] = None
            self._fill()

    def reserve(self, key: K, *, urgent: bool = False) -> bool:
        """Keep a lane free for items that are being stored, if nothing is before them.

        Then `launch` or `release` has to follow.

        Args:
            urgent: see `put`.
        """
        if not self.is_open or key in self:
            return False
        if len(self._lanes) + len(self._reserved) >= self._most_lanes(urgent=urgent):
            return False
        self._reserved[key] = False
        self._idle.clear()
        return True

    def launch(self, key: K, items: list[T]) -> bool:
        """Handle items in the lane that was reserved for them.

        False if the lanes have stopped: then `release` has to follow.
        """
        if self.is_open:
            more, heir = self._reserved.pop(key), self._moved.pop(key, None)
            if heir is None:
                self._start(key, items, more=more, begun=True)
            else:  # what is behind the first is read where it is by now
                self._start(key, items[:1], more=True, begun=True)
                self._go_on(key, heir)
        return self.is_open

    def release(self, key: K) -> None:
        """Give up a reservation: the items were not stored."""
        if self._reserved.pop(key):
            self._waiting[key] = None
        if heir := self._moved.pop(key, None):
            self.wake([heir])
        self._fill()
        self._rest()

    def follow(self, old: K, new: K) -> None:
        """Look under another key for what waits in the store, once the item in hand is handled."""
        if old == new:
            return
        self._waiting.pop(old, None)
        if timer := self._asleep.pop(old, None):
            timer.cancel()
        if old in self._reserved:
            self._moved[old] = new
        else:
            self._go_on(old, new)

    def _go_on(self, old: K, new: K) -> None:
        """Let the new key read what waits once what is in hand under the old ones is handled."""
        before = self._before.pop(old, [])
        if (lane := self._lanes.get(old)) and (handled := lane.let_go()):
            before = [*before, handled]
        if before:
            self._before[new] = [*self._before.get(new, []), *before]
        self.wake([new])

    async def those_before(self, key: K) -> None:
        """Return once nothing is in hand under the keys that this one follows."""
        while before := self._before.get(key):
            await before[0].wait()
            if self._before.get(key) is before:  # it may have been followed itself
                del self._before[key][0]
        self._before.pop(key, None)

    def wake(self, keys: Iterable[K]) -> None:
        """Look into the store for each key, in this order."""
        for key in keys:
            if key in self._reserved:
                self._reserved[key] = True
            elif lane := self._lanes.get(key):
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
        self.is_open = False
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
    def share(self) -> int:
        """How many items a lane may hold now."""
        return self.depth if self.held < self.most else 1

    def _most_lanes(self, *, urgent: bool) -> int:
        return 2 * self.width if urgent else max(self._allowed, min(AT_ONCE, self.width))

    def _open(self, key: K, items: list[T]) -> None:
        """Open a lane; where its key has waited, what waits in the store goes first."""
        waited = key in self._waiting or not items
        self._waiting.pop(key, None)
        self._start(key, [] if waited else items, more=waited)

    def _start(self, key: K, items: list[T], *, more: bool, begun: bool = False) -> None:
        lane = Lane(self, key, items, more=more, begun=begun)
        self.held += len(items)
        self._idle.clear()
        self._lanes[key] = lane
        lane.task = asyncio.create_task(lane.run())

    def ended(self, lane: Lane[K, T]) -> None:
        """Say that a lane is about to end; what it left is taken up by another."""
        del self._lanes[lane.key]
        self.held -= lane.held
        if not lane.is_empty and self.is_open:
            self._waiting[lane.key] = None
        self._fill()
        self._rest()

    def _rest(self) -> None:
        if not (self._lanes or self._waiting or self._reserved):
            self._idle.set()

    def put_off(self, key: K, seconds: float) -> None:
        """Look into the store for a key again after a while, and not before."""
        if timer := self._asleep.pop(key, None):
            timer.cancel()
        if self.is_open:
            loop = asyncio.get_running_loop()
            self._asleep[key] = loop.call_later(seconds, self.rouse, key)

    def rouse(self, key: K) -> None:
        """Look into the store for a key now, though it was put off."""
        if timer := self._asleep.pop(key, None):
            timer.cancel()
        self.wake([key])

    def _fill(self) -> None:
        """Take up what waits in the store, in as many lanes as the loop has room for."""
        if not self._waiting:
            self._allowed = min(FIRST_WIDTH, self.width)
        while self.is_open and self._waiting and len(self._lanes) < self._allowed:
            self._open(next(iter(self._waiting)), [])
        if self.is_open and self._waiting and not self._look:
            loop = asyncio.get_running_loop()
            due, used = loop.time() + LOOK_SECONDS, time.thread_time()
            self._look = loop.call_at(due, self._widen, due, used)

    def _widen(self, due: float, used: float) -> None:
        """Twice as many lanes if the loop is at leisure, half as many if it is late."""
        self._look = None
        late = asyncio.get_running_loop().time() - due
        is_busy = time.thread_time() - used > BUSY * (LOOK_SECONDS + late)
        if late > LATE_SECONDS:
            self._allowed = max(self._allowed // 2, min(FIRST_WIDTH, self.width))
        elif len(self._lanes) >= self._allowed and not is_busy:
            self._allowed = min(2 * self._allowed, self.width)
        for key in list(islice(self._waiting, max(0, min(FEW, self.width - len(self._lanes))))):
            self._open(key, [])
        self._fill()
