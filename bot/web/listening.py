"""Where the bot's own server listens."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from bot.errors import ConfigError
from bot.porter import taken


@contextmanager
def bound(host: str, port: int) -> Iterator[list[socket.socket]]:
    """Sockets that have the port for the length of the block; see `bot.porter.taken`.

    Raises:
        ConfigError: it is in use, or the host is not this machine's.
    """
    with ExitStack() as stack:
        try:
            sockets = stack.enter_context(taken(host, port))
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
