"""The filtered stream: posts as they are made, where the plan has it.

The library's stream asks again for ever where X refuses, and knows one host; this one is ours. It
stays beside the polls, which do the work while it is down and look for gaps whenever it is back.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from http import HTTPStatus
from typing import TYPE_CHECKING

import aiohttp

from bot.connector import Identity
from bot.errors import RateLimited, Rejected, StoreFull, Unauthorized, Unavailable
from bot.events import Deliver, Event, EventKind, Position
from connectors.twitter import translate
from connectors.twitter.errors import refusal
from connectors.twitter.objects import Includes, decoded, early, number
from connectors.twitter.reading import POSTS, Reader
from connectors.twitter.rules import Rules
from connectors.twitter.troubles import Troubles

if TYPE_CHECKING:
    from connectors.twitter.connector import TwitterService

STREAM = "stream"
STREAMED = ("mentions", "conversations")
"""What has to be looked for after a gap."""

PATH = "/2/tweets/search/stream"

SILENCE = 45.0
"""Seconds without a word after which the line is dead; X says something at least every 20
(docs.x.com/x-api/fundamentals/consuming-streaming-data)."""

LONGEST_LINE = 2**20
"""Bytes, which no post comes near."""

CATCHING_UP = 5.0
"""Seconds that a start waits for the line, so that the first look comes after it."""

CUT_STEP, CUT_MOST = 0.25, 16.0
BROKEN_FIRST, BROKEN_MOST = 5.0, 320.0
CROWDED_FIRST = 60.0
REFUSED_PAUSE = 900.0
"""Seconds before the next connection: after a cut linear, after a 5xx and a 429 doubling
(docs.x.com, consuming streaming data); where X refuses, somebody has to change something."""


class Cut(Unavailable):
    """The connection ended, or never began."""


class Line:
    """Whether the stream is up.

    Attributes:
        connection: how often it came up anew; each time, what was missed is looked for.
        is_up: whether it is.
        reached: up to which id all has surely come, by looks and by the line.
    """

    def __init__(self) -> None:
        self.connection = self.reached = 0
        self.is_up = False
        self._changed = asyncio.Event()
        self._looked: dict[str, int] = {}

    @property
    def is_whole(self) -> bool:
        """Whether what was missed before this connection has been looked for."""
        return all(self._looked.get(name) == self.connection for name in STREAMED)

    def looked(self, name: str, connection: int) -> None:
        """A look that began while `connection` was the newest has found what there was."""
        self._looked[name] = connection

    def turn(self, *, on: bool) -> None:
        """It came up, or went down."""
        self.is_up = on
        self._change(on)

    def miss(self) -> None:
        """Something may have been missed though it was up: that is looked for, too."""
        self._change(1)

    def _change(self, gaps: int) -> None:
        self.connection += gaps
        self._changed.set()
        self._changed = asyncio.Event()

    async def rest(self, connection: int, seconds: float) -> None:
        """Wait so many seconds, or until the line comes up, or as long as it stays up.

        Args:
            connection: the one after which the last look began.
        """
        while self.is_up and self.connection == connection:
            await self._changed.wait()
        if not self.is_up:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self._changed.wait()


class FilteredStream:
    """Delivers what the stream brings.

    Args:
        silence: how long X may say nothing, in seconds.
    """

    def __init__(
        self,
        service: TwitterService,
        me: Identity,
        deliver: Deliver,
        troubles: Troubles,
        line: Line,
        *,
        silence: float = SILENCE,
    ) -> None:
        self._service, self._me, self._deliver = service, me, deliver
        self._troubles, self._line, self._silence = troubles, line, silence
        self._reader = Reader(service.client, service.purse)
        self._rules = Rules(service.client, me, service.conversations)
        self._failures = 0

    async def run(self) -> None:
        """Listen until cancelled."""
        while True:
            try:
                await self._rules.sync()
                await self._listen()
            except (Unavailable, Rejected, Unauthorized, StoreFull) as error:
                self._failures += 1
                if self._failures > 1 or not isinstance(error, Cut):
                    self._troubles.note(STREAM, error)
                await asyncio.sleep(patience(error, self._failures))

    async def keep_rules(self) -> None:
        """Follow the conversations that the bot joins, until cancelled."""
        await self._rules.follow(self._troubles, self._line.miss)

    async def _listen(self) -> None:
        try:
            async with aclosing(self._lines()) as lines:
                async for line in lines:
                    self._failures = 0
                    if line.strip():
                        await self._receive(line)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Cut(f"the stream broke: {str(error) or type(error).__name__}") from error
        finally:
            if self._line.is_up:
                self._line.turn(on=False)
        raise Cut("X ended the stream")

    async def _lines(self) -> AsyncGenerator[bytes]:
        self._reader.room("post")
        client, names = self._service.client, POSTS.items()
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=self._silence)
        async with client.session.get(
            f"{self._service.config.api_url.rstrip('/')}{PATH}",
            params={name.replace("_fields", ".fields"): value for name, value in names},
            headers={"Authorization": f"Bearer {client.bearer_token}"},
            allow_redirects=False,
            timeout=timeout,
        ) as response:
            if response.status != HTTPStatus.OK:
                body = await response.read()
                raise refusal("GET", PATH, response.status, response.headers, decoded(body))
            self._line.turn(on=True)
            self._troubles.clear(STREAM)
            rest = b""
            async for chunk in response.content.iter_any():
                *lines, rest = (rest + chunk).split(b"\n")
                for line in lines:
                    yield line
                if len(rest) > LONGEST_LINE:
                    raise Cut("X sends a line without an end")

    async def _receive(self, line: bytes) -> None:
        said = decoded(line)
        if not isinstance(said, dict) or "data" not in said:
            # Why X is about to end the stream, or something that it has added since.
            self._service.runtime.logger.warning("x says on its stream", said=f"{said}"[:500])
            return
        raw, includes = said["data"], Includes.of(said.get("includes"))
        await self._reader.pay("post", [raw], includes)
        events = [
            event
            for event in translate.understood(
                translate.post, raw, includes, self._service.account, self._me
            )
            if self._is_ours(event)
        ]
        reached = early(number(raw) or 0) if self._is_whole else 0
        if events and reached > self._line.reached:
            position = Position(stream=STREAM, value=str(reached))
            events[-1] = events[-1].model_copy(update={"position": position})
        if events:
            await self._deliver(*events)
        self._line.reached = max(self._line.reached, reached)
        self._reader.room("post")

    @property
    def _is_whole(self) -> bool:
        """Whether nothing that was said up to now is still to be looked for."""
        return self._line.is_whole and self._rules.are_in_step

    def _is_ours(self, event: Event) -> bool:
        """Whether it is for us: the app may have rules of others, and X sends all to all."""
        is_followed = event.room is not None and event.room.key in self._service.conversations
        return event.kind is EventKind.MALFORMED or event.addressed or is_followed


def patience(error: Exception, failures: int) -> float:
    """Seconds to wait before the next connection."""
    if isinstance(error, Rejected | Unauthorized):
        return REFUSED_PAUSE
    if isinstance(error, RateLimited):
        return max(error.retry_after, CROWDED_FIRST * 2.0 ** min(failures - 1, 4))
    if isinstance(error, Cut):
        return min(CUT_MOST, CUT_STEP * (failures - 1))
    return min(BROKEN_MOST, BROKEN_FIRST * 2.0 ** min(failures - 1, 6))
