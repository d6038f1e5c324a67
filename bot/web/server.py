"""One server on one port: our own API behind a token, hooks, and the doors that services open."""

from __future__ import annotations

import asyncio
import hmac
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Annotated, Any

from aiohttp import web
from aiohttp.typedefs import Handler
from pydantic import Field, SecretStr

from bot.desk import Desk
from bot.errors import TownhallError
from bot.porter import listening
from bot.retention import RetentionConfig
from bot.services.notification import NotificationService
from bot.settings import Config, setting
from bot.web.address import Address
from bot.web.answers import acting, as_json, body_of, route
from bot.web.campaigns import Campaigns
from bot.web.files import Files
from bot.web.hooks import Hooks
from bot.web.listening import bound
from bot.web.subscribers import Subscribers
from bot.web.upkeep import Upkeep

if TYPE_CHECKING:
    import socket
    from pathlib import Path

    from bot.runtime import Runtime

API = "/api/"
LARGEST = 4 * 2**20
"""The largest body that is read, in bytes; Telegram's updates are far smaller."""

VERBS = {
    **dict.fromkeys(("replay", "resend", "discard"), ("note",)),
    "settle": ("message", "note"),
}
"""What can be done at the desk, and what more may be said about it."""


class WebConfig(Config):
    """Where the bot's HTTP server listens."""

    host: str = setting(
        "TOWNHALL_HTTP_HOST",
        default="127.0.0.1",
        help="The address that the bot's HTTP server listens on. Whoever opens it to a network puts"
        " a proxy with TLS before it.",
    )
    port: Annotated[int, Field(ge=0, le=65535)] = setting(
        "TOWNHALL_HTTP_PORT",
        default=0,
        help="Its port; 0 for any free one, which commands on this machine find by themselves.",
    )
    token: SecretStr | None = setting(
        "TOWNHALL_HTTP_TOKEN",
        default=None,
        help="What programs show to use the API: Authorization: Bearer <token>. By default a new"
        " one at each start, which only commands of the same user can read.",
    )


class Server:
    """Serves the API and the doors of a runtime.

    Args:
        database: beside it lies the note by which commands find the server.

    Attributes:
        token: what opens the API.
    """

    def __init__(self, runtime: Runtime, database: Path) -> None:
        self.runtime, self.database = runtime, database
        self.config = runtime.settings.load(WebConfig)
        given = self.config.token.get_secret_value().strip() if self.config.token else ""
        self.token = given or secrets.token_urlsafe(32)
        self._at_desk = asyncio.Lock()

    @asynccontextmanager
    async def serve(
        self, sockets: Sequence[socket.socket] = (), *, noted: bool = True
    ) -> AsyncIterator[str]:
        """Listen for the length of the block; the address.

        Args:
            sockets: where; by default it is where the settings say.
            noted: whether commands are to find it.

        Raises:
            ConfigError: the port is taken.
        """
        app = web.Application(client_max_size=LARGEST, middlewares=[self._guard])
        app.add_routes(self._routes())
        async with AsyncExitStack() as stack:
            here = sockets or stack.enter_context(bound(self.config.host, self.config.port))
            await stack.enter_async_context(listening(app, here))
            url = self._url(here[0].getsockname()[1])
            if noted:
                stack.enter_context(Address(url, self.token).noted(self.database))
            await stack.enter_async_context(self._upkeep.at_work())
            yield url

    @property
    def _upkeep(self) -> Upkeep:
        days = self.runtime.settings.load(RetentionConfig).days
        return Upkeep(self.runtime.store, Files(self.database), days)

    def _url(self, port: int) -> str:
        host = self.config.host
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def _routes(self) -> list[web.RouteDef]:
        """What is answered; the doors come last, because their path can be any."""
        from bot.web.metrics import Metrics  # its library is slow to import, and few commands serve

        return [
            route("GET", "/api/health", self._health),
            route("POST", "/api/desk", self._desk),
            *Campaigns(self.runtime, Files(self.database)).routes(),
            *Subscribers(self.runtime).routes(),
            *Hooks(self.runtime).routes(),
            *Metrics(self.runtime, self._is_known).routes(),
            web.route("*", "/{path:.*}", self._door),
        ]

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Let nobody into the API who does not show the token."""
        if request.path.startswith(API) and not self._is_known(request):
            return as_json({"error": "show the token: Authorization: Bearer ..."}, 401)
        return await handler(request)

    async def _door(self, request: web.Request) -> web.StreamResponse:
        behind = self.runtime.doors.behind(request.method, request.path)
        if behind is None:
            return as_json({"error": "there is nothing here"}, 404)
        answer: web.StreamResponse = await behind(request)
        return answer

    def _is_known(self, request: web.Request) -> bool:
        shown = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(shown.encode(errors="surrogateescape"), self.token.encode())

    # the API

    async def _health(self, _request: web.Request) -> Any:
        """How each service fares, and where in its life it is."""
        services, found = self.runtime.supervisor.services, await self.runtime.health()
        return {
            name: {**health.model_dump(), "state": services[name].state}
            for name, health in found.items()
        }

    async def _desk(self, request: web.Request) -> Any:
        asked = await body_of(request)
        verb, key = asked.get("verb"), str(asked.get("key"))
        if not isinstance(verb, str) or verb not in VERBS:
            raise TownhallError(f"there is no verb {verb!r}")
        by = str(asked.get("by") or "the API")
        desk = Desk(self.runtime.store, by=by, lease=self.runtime.inbox.lease)
        given = {name: str(asked[name]) for name in VERBS[verb] if asked.get(name)}
        async with self._at_desk:  # of two who ask for the same, the second finds it done
            with acting():
                waiting = await getattr(desk, verb)(key, **given)
        if waiting:
            self.runtime.wake(waiting.room, waiting.delivery)
            if service := self.runtime.get_service(NotificationService):
                await service.look()
        return {"done": verb, "key": key}
