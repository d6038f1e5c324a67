"""Discord on loopback: its gateway and REST API, for one server and its people."""

from __future__ import annotations

from typing import ClassVar

import orjson
from aiohttp import web

from connectors.discord.simulator.asking import Asking
from connectors.discord.simulator.clock import Clock
from connectors.discord.simulator.files import Files
from connectors.discord.simulator.gateway import Gateway
from connectors.discord.simulator.handlers import Handlers
from connectors.discord.simulator.limits import Limits
from connectors.discord.simulator.people import People
from connectors.discord.simulator.reactions import Reactions
from connectors.discord.simulator.rest import Rest
from connectors.discord.simulator.state import State
from connectors.discord.simulator.trouble import Trouble

__all__ = ["DiscordSimulator"]

VERBS = (
    "ask_to_reconnect boost clear_reactions cut_next delete_all disable_intents double_next expel"
    " fail_next forward invalidate_session invite join leave mute_heartbeats post refuse"
    " refuse_resume remove_room slow_down swap_next"
)
"""What the control API has besides what all simulators have."""


class DiscordSimulator(Asking, People, Trouble):
    """Discord on loopback.

    Args:
        limits: whether to refuse what is too much: 5 messages in 5 s in a channel, 50 requests/s.
        name: the bot's.

    Attributes:
        clock: the time by which addresses and tokens expire.
    """

    platform: ClassVar[str] = "discord"

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        limits: bool = False,
        name: str = "Townhall",
    ) -> None:
        super().__init__(host, port, limits=limits)
        self.state = State(name)
        self.clock = Clock()
        self.gateway = Gateway(self.state)
        self._files = Files(self.state, self.clock, lambda: self.url)
        self.given = Reactions(self.state, self.gateway.dispatch)
        tell = self.gateway.dispatch
        handlers = Handlers(
            self.state, self._files, self.clock, tell=tell, given=self.given, log=self
        )
        self._desk, self._messages = handlers.desk, handlers.messages
        self.commands, self.interactions = handlers.commands, handlers.interactions
        self.webhooks = handlers.webhooks
        self._kept = Limits(enforced=limits)
        self.rest = Rest(self.state, handlers.routes, self._kept)

    @property
    def limited(self) -> int:
        """How many requests were too many."""
        return self._kept.refused

    @property
    def settings(self) -> dict[str, str]:
        """See `Simulator.settings`."""
        return {
            "DISCORD_BOT_TOKEN": self.state.token,
            "DISCORD_API_URL": f"{self.url}/api/v10",
            "DISCORD_LIMITS": "on" if self.limits else "off",
        }

    @property
    def typed(self) -> list[str]:
        """The rooms in which the bot was seen typing, each time."""
        return self._messages.typed

    def routes(self, app: web.Application) -> None:
        """See `Simulator.routes`."""
        app.router.add_get("/gateway", self._serve_gateway)
        app.router.add_get("/gateway/", self._serve_gateway)
        app.router.add_route("*", r"/api/v{version:\d+}/{path:.*}", self._serve_api)
        self._files.routes(app)
        app.router.add_post("/control/groups", self._serve_groups)
        app.router.add_post("/control/roles", self._serve_roles)
        for verb in VERBS.split():
            app.router.add_post(f"/control/{{verb:{verb}}}", self._serve_control)

    async def _serve_gateway(self, request: web.Request) -> web.StreamResponse:
        self.gateway.url = self._gateway_url
        return await self.gateway.serve(request)

    async def _serve_api(self, request: web.Request) -> web.StreamResponse:
        self.rest.gateway_url = self._gateway_url
        return await self.rest.serve(request)

    async def _serve_groups(self, request: web.Request) -> web.Response:
        body = orjson.loads(await request.read())
        return _json(self.add_group(*body["people"], name=body.get("name", "")))

    async def _serve_roles(self, request: web.Request) -> web.Response:
        body = orjson.loads(await request.read())
        return _json(self.add_role(body["name"], *body.get("people", ())))

    async def _serve_control(self, request: web.Request) -> web.Response:
        body = orjson.loads(await request.read() or b"{}")
        return _json(await getattr(self, request.match_info["verb"])(**body))

    @property
    def _gateway_url(self) -> str:
        return f"ws://{self.host}:{self.port}/gateway"


def _json(value: object) -> web.Response:
    return web.Response(body=orjson.dumps(value), content_type="application/json")
