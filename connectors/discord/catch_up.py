"""Reads what was said while no session was open, before what is said now."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from typing import Any

from structlog.typing import FilteringBoundLogger

from bot.errors import RateLimited, Rejected, Unavailable
from bot.events import Event, EventKind
from bot.memory import Room, RoomKind
from bot.value import now
from connectors.discord import translate
from connectors.discord.feed import Item, Listing, Storing
from connectors.discord.translate import NONSENSE, Channel, Known, is_direct, moment, start

PAGE = 100
"""The most messages that one request gives:
https://discord.com/developers/docs/resources/message#get-channel-messages"""
READERS = 2
"""At once; more would take what answers need of the 50 requests a second."""
ENOUGH = 1_000
"""Events of one room that are kept while it is read."""
DAY = 86_400_000
SLOWEST = 60.0
HISTORY = {"how": "history"}

History = Callable[[str, str], Awaitable[list[dict[str, Any]]]]
"""The messages of a channel after an id: at most a page, those next to it, oldest first."""


class CatchUp:
    """Decides which rooms were missed, and reads them; their live events wait for it.

    Args:
        history: asks the API for a page.
        days: a guild's room that was silent for longer is not followed.
    """

    def __init__(
        self,
        history: History,
        known: Known,
        store: Storing,
        *,
        days: int,
        logger: FilteringBoundLogger,
    ) -> None:
        self._history, self._known, self._store = history, known, store
        self._days, self._logger = days, logger
        self._waiting: dict[str, str] = {}
        self._held: dict[str, list[Event]] = {}
        self._unlisted: set[str] = set()
        self._asked: set[str] = set()
        self._failing: set[str] = set()
        self._stored: tuple[Room, ...] = ()
        self._reading: set[str] = set()
        self._work = asyncio.Event()
        self._has_reported = False

    # what the connector calls

    def remember(self, rooms: Iterable[Room]) -> None:
        """Learn of the rooms that the store knows, before the first session."""
        self._stored = tuple(room for room in rooms if room.key.isdecimal())
        for room in self._stored:
            self._known.rooms.setdefault(room.key, room)

    def begin(self) -> None:
        """A new session: direct messages are never listed, so each of their rooms is asked.

        Rooms that could not be read are asked again, too.
        """
        self._store.behind.clear()
        self._unlisted = set(self._known.guilds)
        self._asked.clear()
        rooms = self._known.rooms.values()
        private = [room.key for room in rooms if is_direct(room) and not room.closed]
        latest = sorted(private, key=lambda key: int(self._position(key)), reverse=True)
        self._follow([*self._held, *latest])

    async def look_at(self, listing: Listing) -> None:
        """Find the rooms of a guild that have news, and note where the others stand."""
        positions = self._store.positions
        seen = [channel for channel in listing.channels if channel.key in positions]
        fresh = [channel for channel in listing.channels if channel.key not in positions]
        newest = max((moment(positions[channel.key]) for channel in seen), default=None)
        behind = [channel for channel in seen if self._is_behind(channel)]
        news = [channel.key for channel in behind if self._is_recent(channel.last)]
        self._report([channel for channel in behind if channel.key not in news])
        if listing.complete and newest:
            # Made after the last that we know of its guild: nothing in it was ever read.
            news += [channel.key for channel in fresh if channel.created >= newest]
        # Stored at once, so that what is said from here on is missed by no crash.
        await self._store([self._arrival(channel, news) for channel in fresh])
        if listing.complete:
            self._unlisted.discard(listing.guild)
            news += self._archived(listing)
        self._follow(news)

    def hold(self, event: Event) -> bool:
        """Keep a live event whose room is being read; such a room goes first.

        Before a guild is listed, a room of it in which somebody speaks is read once: nobody knows
        yet what was missed there. A command or a button is not kept: Discord wants an answer within
        3 s.
        """
        if event.via:
            return False
        key = event.room.key if event.room else ""
        if self._is_doubtful(event):
            self._asked.add(key)
            self._follow([key])
        if not self._is_held(event):
            return False
        self._held[key].append(event)
        if len(self._held[key]) > ENOUGH:
            self._drop(key)
        if key in self._waiting and key not in self._failing:
            self._waiting = {key: self._waiting.pop(key), **self._waiting}
        return True

    def _drop(self, key: str) -> None:
        """Keep no more messages of a room: it is read once more, with these."""
        kept = [one for one in self._held[key] if one.kind is not EventKind.MESSAGE]
        self._held[key] = kept
        self._waiting.setdefault(key, self._position(key))
        self._work.set()

    def readers(self) -> Iterable[Coroutine[Any, Any, None]]:
        """What reads the rooms that wait, a few at once, for ever."""
        return [self._reader() for _ in range(READERS)]

    def last_words(self, items: Iterable[Item]) -> list[Event]:
        """Of what was heard and is not stored, at the end: all but what history tells again.

        A message whose room has a gap before it is not among it: stored, it would hide the gap.
        """
        held = [event for events in self._held.values() for event in events]
        found = [event for event in held if event.kind is not EventKind.MESSAGE]
        is_sound = True
        for item in items:
            if not isinstance(item, Event):
                is_sound = False  # a session of which nobody has looked what it missed
            elif item.kind is not EventKind.MESSAGE or (is_sound and not self._hides(item)):
                found.append(item)
        return found

    # which rooms

    def _is_held(self, event: Event) -> bool:
        return bool(event.room and event.room.key in self._held)

    def _is_doubtful(self, event: Event) -> bool:
        """Whether a message comes before anybody has looked what was missed in its room."""
        room = event.room if event.kind is EventKind.MESSAGE else None
        is_unlisted = room and room.world and room.world.key in self._unlisted
        if not (room and is_unlisted and room.key in self._store.positions):
            return False
        return room.key not in self._asked

    def _hides(self, event: Event) -> bool:
        return self._is_held(event) or self._is_doubtful(event)

    def _follow(self, keys: Iterable[str]) -> None:
        for key in keys:
            if key not in self._store.behind:
                self._held.setdefault(key, [])
                self._waiting[key] = self._position(key)
        self._work.set()

    def _position(self, key: str) -> str:
        return self._store.positions.get(key, start(key))

    def _is_behind(self, channel: Channel) -> bool:
        return int(channel.last or 0) > int(self._position(channel.key))

    def _report(self, passed: list[Channel]) -> None:
        """Say, once, that some rooms are not read, since nobody spoke there for too long."""
        if passed and not self._has_reported:
            self._has_reported = True
            self._logger.warning(
                "discord.gap",
                rooms=len(passed),
                one=passed[0].key,
                why=f"the last words there are older than DISCORD_FOLLOW_DAYS ({self._days}): what"
                " was missed is read when somebody speaks there again",
            )

    def _is_recent(self, snowflake: str | None) -> bool:
        return moment(snowflake or 0) > now().timestamp() * 1000 - self._days * DAY

    def _archived(self, listing: Listing) -> list[str]:
        # A thread that was archived while we were away is not listed; it is asked, as a DM is.
        listed = {channel.key for channel in listing.channels}
        return [
            room.key
            for room in self._stored
            if room.kind is RoomKind.THREAD
            and not self._known.rooms[room.key].closed
            and room.world
            and room.world.key == listing.guild
            and room.key not in listed
            and self._is_recent(self._position(room.key))
        ]

    def _arrival(self, channel: Channel, news: list[str]) -> Event:
        last = None if channel.key in news else channel.last
        return translate.arrival(self._known.rooms[channel.key], last or start(channel.key))

    # reading

    async def _reader(self) -> None:
        failures = 0
        while True:
            while not (key := next((k for k in self._waiting if k not in self._reading), None)):
                self._work.clear()
                await self._work.wait()
            self._reading.add(key)
            try:
                failures = 0 if await self._read(key) else failures + 1
                await asyncio.sleep(0 if not failures else min(2.0 ** (failures - 1), SLOWEST))
            finally:
                self._reading.discard(key)
                self._work.set()

    async def _read(self, key: str) -> bool:
        """Read one page of a room; False if Discord does not give it now.

        Such a room waits behind the others: what fails in one delays no other.
        """
        after = self._waiting.pop(key)
        try:
            await self._close_gap(key, after)
        except Unavailable as error:
            self._failing.add(key)
            self._waiting.setdefault(key, after)
            self._logger.info("discord.history_waits", room=key, why=str(error))
            if isinstance(error, RateLimited) and not error.room:
                await asyncio.sleep(error.retry_after)
            return False
        self._failing.discard(key)
        return True

    async def _close_gap(self, key: str, after: str) -> None:
        """Read one page, so that a long gap in one room delays no other."""
        try:
            page = await self._history(key, after)
        except Rejected as error:
            self._store.behind.add(key)
            self._logger.warning("discord.gap", room=key, after=after, why=str(error))
            page = []
        events = filter(None, map(self._event, page))
        await self._store([event.model_copy(update=HISTORY) for event in events])
        if len(page) < PAGE:
            await self._release(key)
        else:
            self._waiting.setdefault(key, str(page[-1]["id"]))

    def _event(self, data: dict[str, Any]) -> Event | None:
        try:
            return translate.message(data, self._known)
        except NONSENSE as error:
            problem = f"{error.__class__.__name__}: {error}"
            return translate.malformed("MESSAGE_CREATE", data, problem, self._known.account)

    async def _release(self, key: str) -> None:
        # Unless it waits again, since there was another session: then it is read again first.
        while key not in self._waiting:
            if not (waiting := tuple(self._held[key])):
                del self._held[key]
                return
            await self._store(waiting)
            stored = {event.key for event in waiting}
            self._held[key] = [one for one in self._held[key] if one.key not in stored]
