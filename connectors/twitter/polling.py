"""Looking for what is new, again and again.

Where reading begins: after the last event that is stored. On an account's first start nothing is
stored, and only what was said in the last hour (`CATCH_UP`) is read. Each look reads every page
before it delivers anything, oldest first, in one commit that also moves the position: a crash
between two pages loses nothing. X promises no order, so each look reads the last minute once more.
Where the money ends before the last page, the newest is delivered, and the rest is noted as one of
the `holes`: it is read page by page, after what is new, as the money allows.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from bot.connector import Identity
from bot.errors import Fenced, RateLimited, Rejected, StoreError, Unavailable
from bot.events import Deliver, Event, Position
from bot.retry import pause
from bot.value import now
from connectors.absence import Absence
from connectors.twitter import translate
from connectors.twitter.holes import Holes, waiting
from connectors.twitter.line import Line
from connectors.twitter.objects import early, id_at, is_before, is_known, number
from connectors.twitter.purse import OutOfBudget
from connectors.twitter.reading import Found, Reader, Span
from connectors.twitter.stream import CATCHING_UP
from connectors.twitter.troubles import Troubles

if TYPE_CHECKING:
    from connectors.twitter.connector import TwitterService

CATCH_UP = timedelta(hours=1)
"""How far back an account's first start reads."""

KEPT = {"conversations": timedelta(days=7), "dms": timedelta(days=30)}
"""How long X shows them (docs.x.com, recent search and direct message lookup)."""

RECENT = 800
"""X shows no more mentions than these (docs.x.com, user mention timeline)."""

REFUSED_PAUSE = 900.0
"""Seconds between two looks at what X refuses to show us, until somebody changes that."""


@dataclass(frozen=True, slots=True)
class Source:
    """One of the things that X lets us look at.

    Args:
        read: what is new or may have come late, or a page of what was left out, newest first.
        streams: those that bring the same, whose positions are good for it, too.
    """

    name: str
    read: Callable[[Span], Awaitable[Found]]
    translate: translate.Translate
    streams: tuple[str, ...] = ()


class Poller:
    """Looks at every source, each at its own pace.

    Args:
        line: whether the stream is up.
    """

    def __init__(
        self,
        service: TwitterService,
        me: Identity,
        deliver: Deliver,
        troubles: Troubles,
        line: Line,
    ) -> None:
        self._service, self._me, self._deliver = service, me, deliver
        self._troubles, self._line = troubles, line
        self._reader = Reader(service.client, service.purse)
        self._holes = Holes(service)
        self._absences = {name: Absence(service, name) for name in KEPT}
        self._read: dict[str, int] = {}
        self._seen: defaultdict[str, frozenset[int]] = defaultdict(frozenset)

    def sources(self) -> tuple[Source, ...]:
        """What is looked at."""
        return (
            Source("mentions", self._mentions, translate.mention, ("stream", "activity")),
            Source("conversations", self._conversations, translate.post, ("stream",)),
            Source("dms", self._direct_messages, translate.direct_message),
        )

    async def follow(self, source: Source) -> None:
        """Look at one until cancelled.

        Raises:
            Unauthorized: X refuses the credentials.
        """
        failures = 0
        if self._is_streamed(source):
            await self._line.rest(0, CATCHING_UP)
        while True:
            connection = self._line.connection
            try:
                await self._look(source)
                await self._fill(source)
            except Fenced:
                raise
            except (Unavailable, Rejected, StoreError) as error:
                failures += 1
                self._troubles.note(source.name, error)
                await asyncio.sleep(_patience(error, failures))
            else:
                failures = 0
                self._line.looked(source.name, connection, self._read[source.name])
                self._troubles.clear(source.name)
                await self._rest(source, connection)

    async def _rest(self, source: Source, connection: int) -> None:
        seconds = max(self._service.config.poll_seconds, self._service.purse.pause())
        if self._is_streamed(source) and not await self._holes.newest(source.name):
            await self._line.rest(connection, seconds)
        else:
            await asyncio.sleep(seconds)

    def _is_streamed(self, source: Source) -> bool:
        """Whether only gaps are looked for."""
        return source.name in self._line.sources

    async def _look(self, source: Source) -> None:
        name, known = source.name, await self._known(source)
        how = "polling" if name in self._read else "history"
        found = await source.read(Span(since=known))
        if found.rest:
            await self._holes.add(name, known or id_at(now() - CATCH_UP), found)
        events = self._events(source, found, lambda raw: self._is_new(raw, source, known), how)
        ids = [one for one in map(number, found.items) if one]
        newest = max((known, *ids))
        if events and newest:
            position = Position(stream=name, value=str(newest))
            events[-1] = events[-1].model_copy(update={"position": position})
        if events:
            await self._deliver(*events)
        self._read[name], self._seen[name] = newest, frozenset(ids)

    async def _fill(self, source: Source) -> None:
        """Read one page of what was left out, unless that would take the money of what is new."""
        name = f"older {source.name}"
        if hole := await self._holes.newest(source.name):
            self._troubles.note(name, waiting(hole))
            if not self._service.purse.pause():
                with suppress(OutOfBudget):
                    await self._read_left_out(source, hole)
        if not await self._holes.newest(source.name):
            self._troubles.clear(name)

    async def _read_left_out(self, source: Source, hole: Span) -> None:
        try:
            found = await source.read(hole)
        except Rejected as error:
            logger = self._service.runtime.logger
            logger.warning("what was left out on x is missed", stream=source.name, why=str(error))
            found = Found()
        start = early(hole.since)
        events = self._events(source, found, lambda raw: not is_known(raw, start), "history")
        if events:
            await self._deliver(*events)
        await self._holes.shrink(source.name, found)

    def _events(
        self, source: Source, found: Found, is_wanted: Callable[[Any], bool], how: str
    ) -> list[Event]:
        """The events in what was found, oldest first."""
        account, me, includes = self._service.account, self._me, found.includes
        return [
            event
            for raw in reversed(found.items)
            if is_wanted(raw)
            for event in translate.understood(source.translate, raw, includes, account, me, how=how)
        ]

    def _is_new(self, raw: Any, source: Source, known: int) -> bool:
        """Whether it is newer, or may have come late, and the last look did not find it."""
        return not is_known(raw, early(known)) and number(raw) not in self._seen[source.name]

    async def _known(self, source: Source) -> int:
        """The newest id that was read; 0 on an account's first start."""
        known = self._read.get(source.name)
        if known is None:
            names = (source.name, *source.streams)
            known = max([int(await self._service.position(name) or 0) for name in names])
        return max(known, self._line.reached if self._is_streamed(source) else 0)

    async def _mentions(self, span: Span) -> Found:
        found = await self._reader.mentions(self._me.key, span, now() - CATCH_UP)
        if span.since and len(found.items) >= RECENT:
            logger = self._service.runtime.logger
            logger.warning("mentions older than x shows are missed", since=span.since)
        return found

    async def _conversations(self, span: Span) -> Found:
        query = self._service.conversations.query(self._me.username)
        if not query:
            return Found()
        found = await self._reader.search(query, span, now() - CATCH_UP)
        await self._return("conversations")
        return found

    async def _direct_messages(self, span: Span) -> Found:
        if span.since:
            is_known_already = partial(is_known, since=span.since)
            found = await self._reader.direct_messages(span, is_known_already)
            await self._return("dms")
            return found
        is_old = partial(is_before, start=now() - CATCH_UP)
        found = await self._reader.direct_messages(span, is_old)
        return replace(found, items=tuple(raw for raw in found.items if not is_old(raw)))

    async def _return(self, name: str) -> None:
        """Say so if nothing was read for so long that X has forgotten some of it."""
        away = await self._absences[name].end()
        if away > KEPT[name]:
            self._service.runtime.logger.warning(
                "x does not keep so long what was said while nothing was read: some is missed",
                stream=name,
                away_days=away.days,
                kept_days=KEPT[name].days,
            )


def _patience(error: Exception, failures: int) -> float:
    if isinstance(error, Rejected):
        return REFUSED_PAUSE
    return max(pause(failures), error.retry_after if isinstance(error, RateLimited) else 0.0)
