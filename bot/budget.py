"""Budgets: limits are respected before a platform has to say so."""

from __future__ import annotations

import asyncio
import heapq
import time
from collections import defaultdict, deque
from collections.abc import Iterable
from itertools import count
from typing import Self

from bot.capabilities import Rate
from bot.memory import Room, RoomKind
from bot.part import Priority
from bot.window import Window

SLOWER, SLOWEST = 1.25, 10.0
"""By how much a spread window is stretched each time that the platform says that we are too fast,
and at the most."""

RECOVERY_SECONDS = 300.0
"""In this time, half of that is forgotten: the platform may have been strict for a while only."""

TRIPS = 100  # the latest ones, to the platform and back, that are remembered
EARLIEST = 0.1
"""By how much of a window at most a message counts as earlier than its answer."""

RANKS = {priority: rank for rank, priority in enumerate(Priority)}
MANY_ROOMS = 10_000
ON_ITS_WAY_SECONDS = 0.02

Waiter = tuple[int, int, asyncio.Future[None]]
"""Rank, order of arrival, and what is told when the slot is granted."""


class Budget:
    """Grants slots to send in: an account's next one goes to whoever ranks first.

    Args:
        rates: the limits of the platform.
        concurrency: how many may be sending at once.

    Attributes:
        waiting: how many wait for a slot.
    """

    def __init__(self, rates: Iterable[Rate], concurrency: int) -> None:
        rates = tuple(rates)
        self._per_room = tuple(rate for rate in rates if rate.per_room)
        windows = [Window(rate) for rate in rates if not rate.per_room]
        self._windows = {
            kind: [one for one in windows if not one.rate.kinds or kind in one.rate.kinds]
            for kind in RoomKind
        }
        self._rooms: dict[str, list[Window]] = {}
        self._room_paused: dict[str, float] = {}
        self._paused = 0.0
        self._slowness, self._slowed = 1.0, 0.0
        self._free, self.waiting = concurrency, 0
        self._trips = deque([0.0], maxlen=TRIPS)
        self._queues: defaultdict[RoomKind, list[Waiter]] = defaultdict(list)
        self._order = count()
        self._timer: asyncio.TimerHandle | None = None

    def slot(self, room: Room, priority: Priority, weight: int = 1, *, taken: bool = False) -> Slot:
        """A slot that room and account both have free: waited for, and held, by `async with`.

        Args:
            weight: how many messages the platform makes of it, as it does of an album.
            taken: whether `take` took it already.
        """
        return Slot(self, room, priority, weight, taken=taken)

    def take(self, room: Room, priority: Priority) -> bool:
        """Take a slot if one is free; `leave` or `untake` gives it back."""
        if self._room_delay(room) > 0 or not self._take_account(room.kind, RANKS[priority]):
            return False
        self._take_room(room)
        return True

    async def enter(self, room: Room, priority: Priority) -> None:
        """Take a slot as soon as one is free; `leave` or `untake` gives it back."""
        if self.take(room, priority):
            return
        self.waiting += 1
        try:
            await self._wait(room, priority)
        finally:
            self.waiting -= 1

    async def _wait(self, room: Room, priority: Priority) -> None:
        while True:
            await self._room_free(room)
            await self._account_turn(room.kind, RANKS[priority])
            if self._room_delay(room) <= 0:
                self._take_room(room)
                return
            self._give_back(room.kind)  # somebody was quicker, or the room was paused meanwhile

    def untake(self, room: Room) -> None:
        """Give back a slot that was not used."""
        for window in self._room_windows(room):
            window.untake()
        self._give_back(room.kind)

    def leave(self, room: Room, weight: int = 1, trip: float = 0.0) -> None:
        """Say that what the slot was for has arrived, perhaps just before it was answered.

        The next one needs a while to get there, too: as long as the quickest trip there and back.

        Args:
            trip: seconds until the platform's answer was here.
        """
        self._trips.append(trip)
        if windows := [*self._room_windows(room), *self._windows_of(room.kind)]:
            now, quickest = time.monotonic(), min(self._trips)
            for window in windows:
                window.arrive(now - min(quickest, EARLIEST * window.rate.seconds), weight)
        self._release()

    def spare(self, room: Room) -> bool:
        """Take a slot for what does not matter, if nobody waits for it and enough are free."""
        now = time.monotonic()
        if any(self._queues.values()) or self._room_paused.get(_place(room), 0.0) > now:
            return False
        windows = self._windows_of(room.kind)
        if self._paused > now or any(window.delay(now, yields=True) > 0 for window in windows):
            return False
        for window in windows:
            window.take(now)
            window.arrive(now)
        return True

    def pause(self, seconds: float, room: Room | None = None) -> None:
        """Send nothing for a while: to one room, or from the whole account.

        An account then goes on more slowly, and gets faster again with time.
        """
        now = time.monotonic()
        until = now + seconds
        if room:
            place = _place(room)
            self._room_paused[place] = max(self._room_paused.get(place, 0.0), until)
            return
        if now >= self._paused:  # later ones were on their way when the first was told
            self._slowness = min(self._factor(now) * SLOWER, SLOWEST)
            self._slowed = now
        self._paused = max(self._paused, until)
        for windows in self._windows.values():
            for window in windows:
                window.rest(until)

    def _factor(self, now: float) -> float:
        """How much more slowly than documented to go."""
        kept: float = 0.5 ** ((now - self._slowed) / RECOVERY_SECONDS)
        return 1.0 + (self._slowness - 1.0) * kept

    async def _room_free(self, room: Room) -> None:
        while (delay := self._room_delay(room)) > 0:  # noqa: ASYNC110 - it is time that we wait for
            # Infinite only where a thread waits for another of its group, which is soon through.
            await asyncio.sleep(delay if delay != float("inf") else ON_ITS_WAY_SECONDS)

    def _room_delay(self, room: Room) -> float:
        if not (self._per_room or self._room_paused):
            return 0.0
        now = time.monotonic()
        paused = self._room_paused.get(_place(room), 0.0) - now
        if paused <= 0:
            self._room_paused.pop(_place(room), None)
        return max([paused, *(window.delay(now) for window in self._room_windows(room))])

    def _room_windows(self, room: Room) -> list[Window]:
        if not self._per_room:
            return []
        place = _place(room)
        if place not in self._rooms:
            if len(self._rooms) >= MANY_ROOMS:
                self._forget_quiet_rooms()
            self._rooms[place] = [
                Window(rate) for rate in self._per_room if not rate.kinds or room.kind in rate.kinds
            ]
        return self._rooms[place]

    def _forget_quiet_rooms(self) -> None:
        now = time.monotonic()
        busy = {k: ws for k, ws in self._rooms.items() if not all(w.is_spent(now) for w in ws)}
        self._rooms = busy

    def _take_room(self, room: Room) -> None:
        now = time.monotonic()
        for window in self._room_windows(room):
            window.take(now)

    def _take_account(self, kind: RoomKind, rank: int) -> bool:
        if any(self._queues.values()) or self._account_delay(kind, rank) > 0:
            return False
        self._take(kind)
        return True

    async def _account_turn(self, kind: RoomKind, rank: int) -> None:
        if self._take_account(kind, rank):
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._queues[kind], (rank, next(self._order), turn))
        self._grant()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():  # granted in the same moment
                self._give_back(kind)
            raise

    def _give_back(self, kind: RoomKind) -> None:
        """Return a slot that was not used."""
        for window in self._windows_of(kind):
            window.untake()
        self._release()

    def _release(self) -> None:
        self._free += 1
        self._grant()

    def _grant(self) -> None:
        """Give slots to those who rank first, and come back when the next is free."""
        while heads := self._heads():
            delays = [(self._account_delay(kind, head[0]), head, kind) for kind, head in heads]
            ready = [(head, kind) for delay, head, kind in delays if delay <= 0]
            if not ready:
                self._call_later(min(delay for delay, _, _ in delays))
                return
            (_, _, turn), kind = min(ready, key=lambda one: one[0][:2])
            heapq.heappop(self._queues[kind])
            self._take(kind)
            turn.set_result(None)

    def _heads(self) -> list[tuple[RoomKind, Waiter]]:
        for queue in self._queues.values():
            while queue and queue[0][2].done():  # its waiter gave up
                heapq.heappop(queue)
        return [(kind, queue[0]) for kind, queue in self._queues.items() if queue]

    def _call_later(self, delay: float) -> None:
        if self._timer:
            self._timer.cancel()
        if delay != float("inf"):
            self._timer = asyncio.get_running_loop().call_later(delay, self._grant)

    def _account_delay(self, kind: RoomKind, rank: int) -> float:
        """Seconds until a slot is free; infinite while it depends on somebody to finish."""
        if self._free <= 0:
            return float("inf")
        now = time.monotonic()
        delays = [window.delay(now, yields=rank > 0) for window in self._windows_of(kind)]
        return max([self._paused - now, *delays])

    def _take(self, kind: RoomKind) -> None:
        self._free -= 1
        now = time.monotonic()
        for window in self._windows_of(kind):
            window.take(now, self._factor(now))

    def _windows_of(self, kind: RoomKind) -> list[Window]:
        return self._windows[kind]


class Slot:
    """See `Budget.slot`."""

    def __init__(
        self, budget: Budget, room: Room, priority: Priority, weight: int, *, taken: bool
    ) -> None:
        self._budget, self._room, self._priority = budget, room, priority
        self._weight, self._taken = weight, taken
        self._begun, self._used = 0.0, True

    async def __aenter__(self) -> Self:
        if not self._taken:
            await self._budget.enter(self._room, self._priority)
        self.begin()
        return self

    def begin(self) -> None:
        """Say that what it is for leaves only now."""
        self._begun = time.monotonic()

    def spare(self) -> None:
        """Say that nothing leaves."""
        self._used = False

    async def __aexit__(self, *exc: object) -> None:
        if self._used:
            self._budget.leave(self._room, self._weight, time.monotonic() - self._begun)
        else:
            self._budget.untake(self._room)


def _place(room: Room) -> str:
    """Where a room's limits are counted: a thread shares those of the room it belongs to."""
    return room.parent or room.key
