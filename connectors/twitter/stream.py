"""What X's streams have in common: a connection on which X speaks as things happen.

The library's stream asks again for ever where X refuses, and knows one host; this one is ours. It
stays beside the polls, which do the work while it is down and look for gaps whenever it is back.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Coroutine, Mapping, Sequence
from contextlib import aclosing
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, ClassVar

import aiohttp

from bot.connector import Identity
from bot.errors import Fenced, RateLimited, Rejected, StoreError, Unauthorized, Unavailable
from bot.events import Deliver, Event, Position
from connectors.twitter.errors import refusal
from connectors.twitter.line import Line
from connectors.twitter.objects import Includes, decoded, early
from connectors.twitter.reading import Reader
from connectors.twitter.translate import Translate, understood
from connectors.twitter.troubles import Troubles

if TYPE_CHECKING:
    from connectors.twitter.connector import TwitterService

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


class Stream(ABC):
    """Delivers what one of X's streams brings.

    Args:
        line: what the polls see of it.
        silence: how long X may say nothing, in seconds.

    Attributes:
        name: of its position and its troubles.
        sources: which of the polls it takes the place of.
        parameters: what it asks X for.
    """

    name: ClassVar[str]
    path: ClassVar[str]
    sources: ClassVar[tuple[str, ...]]
    parameters: ClassVar[Mapping[str, str]] = {}

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
        self.service, self.me, self.deliver = service, me, deliver
        self.troubles, self.line, self._silence = troubles, line, silence
        self.reader = Reader(service.client, service.purse)
        self._failures = 0

    @abstractmethod
    async def sync(self) -> None:
        """Tell X what to bring.

        Raises:
            DeliveryError: X does not let us.
        """

    @abstractmethod
    async def receive(self, said: Any) -> None:
        """Deliver something that X said, an object with `data`."""

    @property
    def is_whole(self) -> bool:
        """Whether nothing that was said up to now is still to be looked for."""
        return self.line.is_whole

    def jobs(self) -> tuple[Coroutine[Any, Any, None], ...]:
        """All that it does, each until cancelled."""
        return (self.run(),)

    async def run(self) -> None:
        """Listen until cancelled."""
        while True:
            try:
                await self.sync()
                await self._listen()
            except Fenced:
                raise
            except (Unavailable, Rejected, Unauthorized, StoreError) as error:
                self._failures += 1
                if self._failures > 1 or not isinstance(error, Cut):
                    self.troubles.note(self.name, error)
                await asyncio.sleep(patience(error, self._failures))

    async def tell(self, events: Sequence[Event], post: int) -> None:
        """Deliver what a post is, and how far it brings us.

        Args:
            post: its id; 0 if it has none.
        """
        told, reached = list(events), early(post) if self.is_whole else 0
        if told and reached > self.line.reached:
            position = Position(stream=self.name, value=str(reached))
            told[-1] = told[-1].model_copy(update={"position": position})
        if told:
            await self.deliver(*told)
        self.line.reached = max(self.line.reached, reached)

    def understood(self, read: Translate, raw: Any, includes: Includes) -> tuple[Event, ...]:
        """The events in something that X said."""
        return understood(read, raw, includes, self.service.account, self.me, how="stream")

    async def _listen(self) -> None:
        try:
            async with aclosing(self._lines()) as lines:
                async for line in lines:
                    self._failures = 0
                    if line.strip():
                        await self._hear(line)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Cut(f"the stream broke: {str(error) or type(error).__name__}") from error
        finally:
            if self.line.is_up:
                self.line.turn(on=False)
        raise Cut("X ended the stream")

    async def _lines(self) -> AsyncGenerator[bytes]:
        self.reader.room("post")
        client = self.service.client
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=self._silence)
        async with client.session.get(
            f"{self.service.config.api_url.rstrip('/')}{self.path}",
            params=self.parameters,
            headers={"Authorization": f"Bearer {client.bearer_token}"},
            allow_redirects=False,
            timeout=timeout,
        ) as response:
            if response.status != HTTPStatus.OK:
                body = await response.read()
                raise refusal("GET", self.path, response.status, response.headers, decoded(body))
            self.line.turn(on=True)
            self.troubles.clear(self.name)
            rest = b""
            async for chunk in response.content.iter_any():
                *lines, rest = (rest + chunk).split(b"\n")
                for line in lines:
                    yield line
                if len(rest) > LONGEST_LINE:
                    raise Cut("X sends a line without an end")

    async def _hear(self, line: bytes) -> None:
        said = decoded(line)
        if not isinstance(said, dict) or "data" not in said:
            # Why X is about to end the stream, or something that it has added since.
            logger = self.service.runtime.logger
            logger.warning("x says on its stream", stream=self.name, said=f"{said}"[:500])
            return
        await self.receive(said)
        self.reader.room("post")


def patience(error: Exception, failures: int) -> float:
    """Seconds to wait before the next connection."""
    if isinstance(error, Rejected | Unauthorized):
        return REFUSED_PAUSE
    if isinstance(error, RateLimited):
        return max(error.retry_after, CROWDED_FIRST * 2.0 ** min(failures - 1, 4))
    if isinstance(error, Cut):
        return min(CUT_MOST, CUT_STEP * (failures - 1))
    return min(BROKEN_MOST, BROKEN_FIRST * 2.0 ** min(failures - 1, 6))
