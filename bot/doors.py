"""Doors: paths of the bot's HTTP server that services open for others to call."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

from bot.errors import ConfigError

Handler = Callable[[Any], Awaitable[Any]]
"""Takes an `aiohttp.web.Request`, answers with a response, and checks itself who calls."""


class Doors:
    """The doors that are open; the server of `bot.web` leads to them."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, str], Handler] = {}

    @contextmanager
    def open(self, method: str, path: str, handler: Handler) -> Iterator[None]:
        """Let requests in for the length of the block.

        Args:
            path: in full, as in `/telegram/default`; no patterns.

        Raises:
            ConfigError: somebody else has opened it.
        """
        if (method, path) in self._open:
            raise ConfigError(f"{method} {path} is taken", fix="Give one of the two another path.")
        self._open[method, path] = handler
        try:
            yield
        finally:
            del self._open[method, path]

    def behind(self, method: str, path: str) -> Handler | None:
        """Who answers a request; None where nobody does."""
        return self._open.get((method, path))
