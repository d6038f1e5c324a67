"""A lane: the queue of one key, first in, first out."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Hashable
from typing import TYPE_CHECKING, Generic, TypeVar

import structlog

from bot.errors import Fenced
from bot.foreign import is_cancelled

if TYPE_CHECKING:
    from bot.lanes import Lanes

logger = structlog.get_logger("bot.lane")

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


class Lane(Generic[K, T]):
    """One key's queue while it is open.

    `more` says that the store has items which are not held here; while it does, new items are left
    to the store, so that the order holds.

    Args:
        begun: whether the first item has begun, and is handled though the lanes are stopping.
    """

    def __init__(
        self,
        lanes: Lanes[K, T],
        key: K,
        items: list[T],
        *,
        more: bool = False,
        begun: bool = False,
    ) -> None:
        self.key = key
        self.task: asyncio.Task[None] | None = None
        self._lanes, self._items, self._more = lanes, deque(items), more
        self._missed, self._begun = False, begun
        self._is_rung = self._is_stale = False
        self._handled: asyncio.Event | None = None
        self._read: frozenset[Hashable] = frozenset()

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits, here or in the store."""
        return not (self._items or self._more)

    @property
    def held(self) -> int:
        """How many items are here."""
        return len(self._items)

    def put(self, item: T) -> None:
        """Add an item, or leave it to the store."""
        if self._more:
            self._missed = True
        elif len(self._items) >= self._lanes.share:
            self._more = True
        elif self._lanes.identify(item) not in self._read:
            self._items.append(item)
            self._lanes.held += 1

    def look_again(self) -> None:
        """Look into the store once what is here is handled, or put off."""
        self._more = self._missed = self._is_rung = True

    def let_go(self) -> asyncio.Event | None:
        """Keep only the item in hand; what is behind it is another lane's now.

        Gives what is set once that item is handled; None where there is none.
        """
        while len(self._items) > 1:
            self._items.pop()
            self._lanes.held -= 1
        self._more = self._missed = False
        self._is_stale = True
        if self._items and self._handled is None:
            self._handled = asyncio.Event()
        return self._handled

    async def run(self) -> None:
        """Handle one item after the other, until nothing waits."""
        try:
            await self._run()
        finally:
            self._tell()  # also of an item that was not begun, because the lanes had stopped
            self._lanes.ended(self)

    async def _run(self) -> None:
        lanes, items = self._lanes, self._items
        while (lanes.is_open or self._begun) and (items or self._more):
            self._begun = False
            try:
                if not items:
                    await self._refill()
                    continue
                self._is_rung = False
                await lanes.handle(items[0])
                items.popleft()
                lanes.held -= 1
            except Later as later:
                self._leave()
                if self._is_rung:
                    self.look_again()
                else:
                    lanes.put_off(self.key, later.seconds)
            except Fenced as error:
                self._leave()
                logger.warning(
                    "a lane ended: its lease is another's", key=str(self.key), why=str(error)
                )
            except (Exception, asyncio.CancelledError):
                if is_cancelled():
                    self._leave()
                    raise
                logger.exception("a lane stumbled; trying again", key=str(self.key))
                self._leave()
                self.look_again()
                await asyncio.sleep(STUMBLE_SECONDS)
            finally:
                self._tell()

    def _tell(self) -> None:
        """Say that no item is in hand."""
        if self._handled:
            self._handled.set()
            self._handled = None

    def _leave(self) -> None:
        """Let go of what is held; the store has it."""
        self._lanes.held -= len(self._items)
        self._items.clear()
        self._more = False

    async def _refill(self) -> None:
        await self._lanes.those_before(self.key)
        self._missed = self._is_stale = False
        limit = self._lanes.share
        self._lanes.held += limit
        try:
            found = await self._lanes.load(self.key, limit)
            if not self._is_stale:
                self._items.extend(found)
        finally:
            self._lanes.held += len(self._items) - limit
        self._read = frozenset(map(self._lanes.identify, self._items))
        self._more = self._missed or len(self._items) >= limit
