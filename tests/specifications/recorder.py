"""Everything that goes over the wire to a simulator and back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiohttp import StreamReader, web
from aiohttp.typedefs import Handler
from yarl import URL

from bot.testing.simulator import Simulator


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its answer.

    Args:
        body: JSON or a form, decoded; None if there was none.
    """

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    status: int = 200
    told: Mapping[str, str] = field(default_factory=dict)
    answer: Any = None

    @property
    def media_type(self) -> str:
        """What the request's body is."""
        return self.headers.get("Content-Type", "").partition(";")[0]


class Recorder:
    """A middleware that takes notes, of any number of simulators.

    Attributes:
        exchanges: in the order of the answers.
    """

    def __init__(self) -> None:
        self.exchanges: list[Exchange] = []
        self._added = asyncio.Event()

    def at(self, simulator: Simulator) -> Any:
        """`simulator`, not yet started, with our ear on its wire."""
        simulator.middlewares.append(self._note)
        return simulator

    async def seen(self, wanted: Callable[[Exchange], bool]) -> None:
        """Return once there is such an exchange."""
        async with asyncio.timeout(10):
            while not any(map(wanted, self.exchanges)):
                self._added.clear()
                await self._added.wait()

    @web.middleware
    async def _note(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.content_type == "multipart/form-data":
            await _keep_form(request)
        try:
            response = await handler(request)
        except web.HTTPException as refusal:
            response = refusal
        if isinstance(response, web.Response):
            # Read once more: before, a handler would find that there is nothing left to read.
            self.exchanges.append(_exchange(request, await _body(request), response))
            self._added.set()
        return response


def _exchange(request: web.Request, body: Any, response: web.Response) -> Exchange:
    return Exchange(
        method=request.method,
        path=URL(request.rel_url).path,
        query=dict(request.query),
        headers=request.headers,
        body=body,
        status=response.status,
        told=response.headers,
        answer=_decoded(response.body) if response.body else None,
    )


async def _keep_form(request: web.Request) -> None:
    """Read a form, and put it back: a handler may read it as a stream, which can be done once."""
    raw = await request.read()
    _put_back(request, raw)
    await request.post()
    _put_back(request, raw)


def _put_back(request: web.Request, raw: bytes) -> None:
    stream = StreamReader(request.protocol, 2**16, loop=asyncio.get_running_loop())
    stream.feed_data(raw)
    stream.feed_eof()
    request._payload, request._read_bytes = stream, None


async def _body(request: web.Request) -> Any:
    if not request.body_exists:
        return None
    if request.content_type == "application/json":
        return _decoded(await request.read())
    form = await request.post()
    return {name: one if isinstance(one, str) else "" for name, one in form.items()}


def _decoded(body: Any) -> Any:
    with suppress(orjson.JSONDecodeError):
        return orjson.loads(body)
    return body
