"""What can happen to requests on their way to a simulator, and how to let it happen.

    wire = Wire()
    simulator.middlewares.append(wire.carry)
    async with simulator:
        with wire.suffering(refuse(503)):
            ...

Each fault is a function of a request and of what would answer it, so that it suits every platform.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager

from aiohttp import web
from aiohttp.typedefs import Handler

Fault = Callable[[web.Request, Handler], Awaitable[web.StreamResponse]]


class Wire:
    """The way to a simulator, and what befalls requests on it.

    Args:
        chance: decides which requests are hit.

    Attributes:
        requests: how many there were, by method and path; the control API's are not counted.
        hits: how many of them were hit.
    """

    def __init__(self, chance: random.Random | None = None) -> None:
        self.requests: Counter[tuple[str, str]] = Counter()
        self.hits = 0
        self._chance = chance or random.Random()  # noqa: S311 - which request fails is no secret
        self._fault: Fault | None = None
        self._share = 1.0

    @contextmanager
    def suffering(self, fault: Fault, share: float = 1.0) -> Iterator[None]:
        """Let a fault befall requests that begin within the block.

        Args:
            share: which share of them is hit, from 0 to 1.
        """
        self._fault, self._share = fault, share
        try:
            yield
        finally:
            self._fault = None

    @web.middleware
    async def carry(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """See `aiohttp.web.middleware`. The control API is spared."""
        if request.path.startswith("/control/"):
            return await handler(request)
        self.requests[request.method, request.path] += 1
        fault = self._fault
        if fault is None or self._chance.random() >= self._share:
            return await handler(request)
        self.hits += 1
        return await fault(request, handler)


def refuse(status: int, headers: Mapping[str, str] | None = None) -> Fault:
    """Answer like a proxy before the platform: with a page, and without obeying."""

    async def fault(_request: web.Request, _handler: Handler) -> web.StreamResponse:
        page = f"<html><title>{status}</title></html>"
        return web.Response(status=status, text=page, content_type="text/html", headers=headers)

    return fault


def late(seconds: float) -> Fault:
    """Obey and answer, but take a while before."""

    async def fault(request: web.Request, handler: Handler) -> web.StreamResponse:
        await asyncio.sleep(seconds)
        return await handler(request)

    return fault


async def cut(request: web.Request, _handler: Handler) -> web.StreamResponse:
    """Close the connection without obeying."""
    _abort(request)
    return web.Response()


async def lose(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Obey, and close the connection before the answer."""
    response = await handler(request)
    _abort(request)
    return response


async def tear(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Obey, and close the connection in the middle of the answer."""
    response = await handler(request)
    if isinstance(response, web.Response) and isinstance(response.body, bytes) and response.body:
        half = web.StreamResponse(status=response.status, headers=response.headers)
        half.content_length = len(response.body)
        await half.prepare(request)
        await half.write(response.body[: len(response.body) // 2])
        response = half
    _abort(request)
    return response


def _abort(request: web.Request) -> None:
    if request.transport:
        request.transport.abort()
