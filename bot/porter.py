"""Serves HTTP where many may knock: how many are let in at once, and how long they may dawdle."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from functools import partial
from typing import cast

from aiohttp import web

MOST = 200
"""Connections at a time. Commands and platforms need a few; each costs a file descriptor, of which
a process often has 1,024."""

IDLE_SECONDS = 10.0
"""How long a connection may be there without a whole head of a request, the first or a further
one: whoever opens many and sends a byte now and then must not keep the others out."""

LAST_SECONDS = 2.0
"""How long a stop waits for the requests in hand: a caller who sends no end must not hold it up."""

FULL = (
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nConnection: close\r\n"
    b"Content-Type: application/json\r\nContent-Length: 34\r\n\r\n"
    b'{"error": "too many connections"}\n'
)


@contextmanager
def taken(host: str, port: int) -> Iterator[list[socket.socket]]:
    """Sockets that have the port for the length of the block; who comes early waits.

    Args:
        port: 0 for any free one.

    Raises:
        OSError: it is in use, or the host is not this machine's.
    """
    places = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    addresses = dict.fromkeys((family, place[:2]) for family, _, _, _, place in places)
    with ExitStack() as stack:
        yield [
            stack.enter_context(socket.create_server(place, family=family))
            for family, place in addresses
        ]


@asynccontextmanager
async def listening(
    app: web.Application, sockets: Sequence[socket.socket], *, idle: float = IDLE_SECONDS
) -> AsyncIterator[None]:
    """Serve `app` on `sockets` for the length of the block.

    Args:
        idle: see `IDLE_SECONDS`.
    """
    runner = web.AppRunner(
        app, access_log=None, shutdown_timeout=LAST_SECONDS, keepalive_timeout=idle
    )
    await runner.setup()
    assert runner.server is not None
    loop = asyncio.get_running_loop()
    async with AsyncExitStack() as stack:
        stack.push_async_callback(runner.cleanup)
        for one in sockets:
            server = await loop.create_server(partial(_Porter, runner.server), sock=one)
            stack.callback(server.close)
        yield


class _Porter(asyncio.Protocol):
    """Lets a connection in, or turns it away where too many are there."""

    def __init__(self, server: web.Server) -> None:
        self._server = server

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        stream = cast("asyncio.Transport", transport)
        if len(self._server.connections) >= MOST:
            stream.write(FULL)
            stream.close()
            return
        protocol = self._server()
        stream.set_protocol(protocol)
        protocol.connection_made(stream)
