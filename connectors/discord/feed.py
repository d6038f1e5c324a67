"""What the gateway says, translated as it comes and delivered in order."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from bot.errors import Fenced, StoreError
from bot.events import Deliver, Event, Position
from bot.service import Status
from connectors.discord import translate
from connectors.discord.translate import Channel, Known

ENOUGH = 10_000
"""Events that may wait for the store before the gateway is read no further."""
SLOWEST = 30.0
"""The longest pause before the store is tried again, in seconds."""
MESSAGES = frozenset({"MESSAGE_CREATE", "MESSAGE_UPDATE", "MESSAGE_DELETE", "MESSAGE_DELETE_BULK"})
CHANNELS = frozenset({"CHANNEL_CREATE", "CHANNEL_UPDATE", "THREAD_CREATE", "THREAD_UPDATE"})


@dataclass(frozen=True, slots=True)
class Session:
    """A new session began: what happened before it was not told."""


@dataclass(frozen=True, slots=True)
class Listing:
    """The channels of a guild as they are now.

    Args:
        channels: those that hold messages.
        complete: whether it is all of them that we can see.
    """

    guild: str
    channels: tuple[Channel, ...]
    complete: bool = False


Item = Event | Session | Listing
Report = Callable[[Status, str], None]


class Storing:
    """Delivers events, and does not give up while the store is unwell.

    Attributes:
        positions: how far each channel was read, kept up to date with what is stored.
    """

    def __init__(self, report: Report) -> None:
        self.positions: dict[str, str] = {}
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
        pause = 0.0
        while events and not await self._stored(events):
            pause = min(pause * 2 or 0.25, SLOWEST)
            await asyncio.sleep(pause)
        if pause:
            self._report(Status.UP, "")
        found = (event.position for event in events)
        self.positions.update({one.stream: one.value for one in found if one})

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

    def hear(self, name: str, data: Any) -> None:
        """Translate a payload and queue what it means."""
        try:
            self._queue.extend(self._translated(name, data))
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            self._malformed(name, data, error)
        self._filled.set()

    def misheard(self, name: str, data: Any, error: Exception) -> None:
        """Keep what the library could not read, unless we could."""
        if name not in MESSAGES:
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

    # translation

    def _translated(self, name: str, data: Any) -> tuple[Item, ...]:
        if name in MESSAGES:
            return self._messages(name, data)
        if name in CHANNELS:
            return self._channel(name, data)
        if name in ("GUILD_CREATE", "THREAD_LIST_SYNC"):
            return self._guild(data, complete=name == "GUILD_CREATE")
        if name in ("READY", "RESUMED"):
            self._report(Status.UP, "")
        return (Session(),) if name == "READY" else ()

    def _messages(self, name: str, data: Any) -> tuple[Event, ...]:
        if name.startswith("MESSAGE_DELETE"):
            return translate.deletions(data, self._known)
        one = translate.message if name == "MESSAGE_CREATE" else translate.edit
        event = one(data, self._known)
        return (event,) if event else ()

    def _channel(self, name: str, data: Any) -> tuple[Listing, ...]:
        guild = str(data.get("guild_id") or "")
        room = self._known.room(data, guild)
        if room is None or name.endswith("UPDATE"):
            return ()
        # Nothing was said before it was made; a thread may also be one that we were added to.
        is_new = name == "CHANNEL_CREATE" or data.get("newly_created")
        channel = translate.to_channel({**data, "last_message_id": None} if is_new else data)
        return (Listing(guild, (channel,)),)

    def _guild(self, data: Any, *, complete: bool) -> tuple[Listing, ...]:
        if data.get("unavailable"):
            return ()
        guild = self._known.world(data).key if complete else str(data["guild_id"])
        channels = [*(data.get("channels") or ()), *(data.get("threads") or ())]
        readable = (one for one in channels if self._known.room(one, guild))
        listed = tuple(translate.to_channel(one) for one in readable)
        return (Listing(guild, listed, complete),)

    def _malformed(self, name: str, data: Any, error: Exception) -> None:
        problem = f"{error.__class__.__name__}: {error}"
        self._queue.append(translate.malformed(name, data, problem, self._known.account))
        self._filled.set()
