"""Where the server listens, and how many may come in at once."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from functools import partial
from typing import cast

from aiohttp import web

from bot.errors import ConfigError

MOST = 200
"""Connections at a time. Commands and platforms need a few; each costs a file descriptor, of which
a process often has 1,024."""

FULL = (
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nConnection: close\r\n"
    b"Content-Type: application/json\r\nContent-Length: 34\r\n\r\n"
    b'{"error": "too many connections"}\n'
)

LAST_SECONDS = 2.0
"""How long a stop waits for the requests in hand: a caller who sends no end must not hold it up."""


@contextmanager
def bound(host: str, port: int) -> Iterator[list[socket.socket]]:
    """Sockets that have the port for the length of the block; who comes early waits.

    Args:
        port: 0 for any free one.

    Raises:
        ConfigError: it is taken, or the host is not this machine's.
    """
    with ExitStack() as stack:
        try:
            places = socket.getaddrinfo(
                host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )
            addresses = dict.fromkeys((family, place[:2]) for family, _, _, _, place in places)
            sockets = [
                stack.enter_context(socket.create_server(place, family=family))
                for family, place in addresses
            ]
        except OSError as error:
            raise _refused(host, port, error) from error
        yield sockets


def _refused(host: str, port: int, error: OSError) -> ConfigError:
    if error.errno == errno.EADDRINUSE:
        return ConfigError(
            f"port {port} of {host} is in use, and the bot's HTTP server is to listen there",
            fix="Stop what uses it, or set TOWNHALL_HTTP_PORT to another one.",
        )
    return ConfigError(
        f"the HTTP server cannot listen on {host}, port {port}: {error.strerror or error}",
        fix="Set TOWNHALL_HTTP_HOST to an address of this machine, and TOWNHALL_HTTP_PORT to a"
        " port that you may use.",
    )


@asynccontextmanager
async def listening(app: web.Application, sockets: Sequence[socket.socket]) -> AsyncIterator[None]:
    """Serve `app` on `sockets` for the length of the block."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=LAST_SECONDS)
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
