"""discord.py's two kinds of connections, at addresses of our own, and harder to break.

Some of what is overridden here is not public in discord.py; its version is held below 2.8 for it.
"""

from __future__ import annotations

import asyncio
import json
import zlib
from json import JSONDecodeError
from typing import TYPE_CHECKING, Any, cast

import aiohttp
import discord
import orjson
from discord.gateway import DiscordWebSocket, ReconnectWebSocket, WebSocketClosure
from discord.http import HTTPClient, Route

from connectors.discord.hush import hushed

if TYPE_CHECKING:
    from connectors.discord.client import Client

PATIENCE = 30.0
"""The longest that the library may wait for a limit, in seconds; its own minimum."""
BEATS = 1.5
"""Heartbeats without any answer after which a connection is dead: one was not acknowledged before
the next. https://discord.com/developers/docs/events/gateway#heartbeat-interval"""


class Api(HTTPClient):
    """The library's HTTP client at an address of its own.

    `Route.BASE` is one for the whole process; two accounts may speak to different servers.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, base: str) -> None:
        super().__init__(loop, max_ratelimit_timeout=PATIENCE)
        self._base = base
        self._timeout = aiohttp.ClientTimeout(total=30, connect=10)

    async def request(self, route: Route, **kwargs: Any) -> Any:
        """Ask at our address, and not for longer than half a minute."""
        route.url = self._base + route.url.removeprefix(Route.BASE)
        return await super().request(route, timeout=self._timeout, **kwargs)


class Gateway(DiscordWebSocket):
    """The library's socket. A frame that it cannot read is told and skipped."""

    _frame: Any = None

    def log_receive(self, frame: Any, /) -> None:
        """Keep the frame, until it is understood. The first one says how often we are answered."""
        self._frame = frame
        if self._keep_alive is None:
            beat = orjson.loads(frame)["d"]["heartbeat_interval"] / 1000
            self._max_heartbeat_timeout = BEATS * beat

    async def received_message(self, msg: Any, /) -> None:
        """Handle one frame."""
        try:
            await super().received_message(msg)
        except (ReconnectWebSocket, WebSocketClosure, discord.ConnectionClosed):
            raise
        except (OSError, aiohttp.ClientError):
            raise
        except (zlib.error, UnicodeDecodeError, JSONDecodeError) as error:
            if isinstance(error, JSONDecodeError) and self._is_whole():
                self._misheard(error)
                return
            # All frames of a socket are one compressed stream: what follows is unreadable too.
            await self.close()
            raise ReconnectWebSocket(self.shard_id) from error
        except Exception as error:  # any shape may come; the library would end here
            if self._keep_alive is None:  # it is no HELLO: without heartbeats no session lasts
                await self.close()
                raise ReconnectWebSocket(self.shard_id) from error
            self._misheard(error)

    def _is_whole(self) -> bool:
        """Whether a more lenient reader can read the frame; it then counts as received.

        Otherwise it would come again with each new connection.
        """
        try:
            self.sequence = json.loads(self._frame)["s"] or self.sequence
        except (LookupError, TypeError, ValueError):
            return False
        return True

    def _misheard(self, error: Exception) -> None:
        client = self._connection._get_client()  # noqa: SLF001 - the library's way back
        cast("Client", client).ear.misheard("FRAME", hushed(str(self._frame)), error)
