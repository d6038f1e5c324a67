"""What X's streams have in common: connections that stay open, and lines that go out on them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import orjson
from aiohttp import web

from connectors.twitter.simulator.gate import Problem
from connectors.twitter.simulator.present import Asked

BACK = frozenset({"backfill_minutes", "start_time", "end_time"})

KEEP_ALIVE = 20.0
"""Seconds (docs.x.com/x-api/fundamentals/consuming-streaming-data)."""


@dataclass(eq=False, slots=True)
class Ear:
    """One connection."""

    asked: Asked
    query: Mapping[str, str]
    lines: asyncio.Queue[bytes | None] = field(default_factory=asyncio.Queue)


class Lines:
    """A stream of X.

    Attributes:
        ears: the connections; X lets an app have one.
        opened: how many there were.
        keep_alive: seconds between two signs of life; None for a line that went dead.
        told: every line, with the query of the connection that it went to.
    """

    def __init__(self) -> None:
        self.ears: list[Ear] = []
        self.opened = 0
        self.keep_alive: float | None = KEEP_ALIVE
        self.told: list[tuple[Mapping[str, str], bytes]] = []

    async def listen(self, request: web.Request) -> web.Response:
        """Stay connected."""
        host = f"{request.url.origin()}"
        asked = Asked.of(request.query, BACK, host)
        if self.ears:
            said = "This stream is currently at the maximum allowed connection limit."
            raise Problem(429, said, title="ConnectionException", kind="streaming-connection")
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        ear = Ear(asked, dict(request.query))
        self.ears.append(ear)
        self.opened += 1
        try:
            while (line := await self._next(ear)) is not None:
                await response.write(line)
        finally:
            self.ears.remove(ear)
        return cast("web.Response", response)  # the gate adds headers, which is too late here

    def tell(self, ear: Ear, said: Mapping[str, Any]) -> None:
        """Send what has a value."""
        line = orjson.dumps({name: value for name, value in said.items() if value})
        self.told.append((ear.query, line))
        ear.lines.put_nowait(line + b"\r\n")

    def drop(self) -> None:
        """End every connection."""
        for ear in self.ears:
            ear.lines.put_nowait(None)

    def say(self, line: bytes) -> None:
        """Send a line of any shape."""
        for ear in self.ears:
            ear.lines.put_nowait(line + b"\r\n")

    async def _next(self, ear: Ear) -> bytes | None:
        try:
            async with asyncio.timeout(self.keep_alive):
                return await ear.lines.get()
        except TimeoutError:
            return b"\r\n"


def apps(handler: Callable[[web.Request], Any]) -> Callable[[web.Request], Any]:
    """`handler`, for the app's own token alone."""

    async def only_the_app(request: web.Request) -> web.Response:
        if not request.headers.get("Authorization", "").startswith("Bearer "):
            said = "Authenticating with OAuth 1.0a User Context is forbidden for this endpoint."
            title = "Unsupported Authentication"
            raise Problem(403, said, title=title, kind="unsupported-authentication")
        response: web.Response = await handler(request)
        return response

    return only_the_app
