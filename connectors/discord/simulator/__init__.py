"""Discord on loopback: its gateway and REST API, for one server and its people."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any, ClassVar

import orjson
from aiohttp import web

from bot.testing.simulator import Said, Simulator, Upload, now
from connectors.discord.simulator.gateway import Gateway
from connectors.discord.simulator.limits import Limits
from connectors.discord.simulator.messages import Messages
from connectors.discord.simulator.rest import VIA, Failure, Rest
from connectors.discord.simulator.state import KINDS, State, stamp

__all__ = ["DiscordSimulator"]


class DiscordSimulator(Simulator):
    """Discord on loopback.

    Args:
        limits: whether to refuse what is too much: 5 messages in 5 s in a channel, 50 requests/s.
        name: the bot's.

    Attributes:
        state: what it knows.
        rest: the API, with every request that it got.
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
        self.gateway = Gateway(self.state)
        self._messages = Messages(self.state, self.gateway.dispatch, self.record)
        self.rest = Rest(self.state, self._messages, Limits(enforced=limits))

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
        verbs = "fail_next|invalidate_session|ask_to_reconnect|disable_intents|refuse"
        app.router.add_post(f"/control/{{verb:{verbs}}}", self._serve_control)

    # people

    def add_person(self, name: str, *, is_bot: bool = False) -> str:
        """See `Simulator.add_person`."""
        return self.state.add_person(name, is_bot=is_bot)

    def add_room(self, name: str, *, kind: str = "group", parent: str | None = None) -> str:
        """See `Simulator.add_room`. A new DM is not told to bots: Discord stopped doing so."""
        if kind == "thread":
            parent = parent or self._some_room()
        channel = self.state.add_channel(name, KINDS[kind], parent)
        if kind == "thread":
            thread = {**self.state.described(channel), "newly_created": True}
            self.gateway.dispatch("THREAD_CREATE", thread)
        elif kind != "dm":
            self.gateway.dispatch("CHANNEL_CREATE", self.state.described(channel))
        return channel.id

    async def say(
        self,
        room: str,
        person: str,
        text: str,
        *,
        reply_to: str | None = None,
        mention: bool = False,
        files: Sequence[Upload] = (),  # noqa: ARG002 - not yet
    ) -> str:
        """See `Simulator.say`."""
        channel = self.state.channels[room]
        content = f"<@{self.state.bot}> {text}" if mention else text
        message = self.state.add_message(channel, person, content, reply_to=reply_to)
        self.record(Said(room, message["id"], person, text, reply_to, by_bot=False, at=now()))
        self.gateway.dispatch("MESSAGE_CREATE", self.state.told(channel, message))
        return str(message["id"])

    async def edit(self, message: str, text: str) -> None:
        """See `Simulator.edit`."""
        channel = self.state.where[message]
        changed = channel.messages[int(message)]
        changed |= {
            "content": text,
            "edited_timestamp": stamp(),
            "mentions": self.state.mentioned(text),
        }
        self.gateway.dispatch("MESSAGE_UPDATE", self.state.told(channel, changed))

    async def delete(self, message: str) -> None:
        """See `Simulator.delete`."""
        self._messages.forget(self.state.where[message], message)

    # what goes wrong

    async def inject(self, payload: Any) -> None:
        """Tell the bot an event of any shape: `{"t": "MESSAGE_CREATE", "d": ...}`.

        What has no `t` is sent as a whole frame.
        """
        self.gateway.inject(payload)

    def malformed(self) -> Any:
        """See `Simulator.malformed`."""
        return {"t": "MESSAGE_CREATE", "d": {"id": "many"}}

    def unknown(self) -> Any:
        """See `Simulator.unknown`."""
        return {"t": "TELEPATHY_CREATE", "d": {"thought": "Hm"}}

    async def disconnect(self) -> None:
        """See `Simulator.disconnect`. Sessions can be resumed."""
        for socket in self.gateway.sockets:
            if transport := socket.transport:
                transport.abort()
        for transport in self.rest.on_the_wire:
            transport.abort()

    async def invalidate_session(self) -> None:
        """End the bot's session: it has to log in anew, and no event is replayed."""
        self.gateway.invalidate()

    async def ask_to_reconnect(self) -> None:
        """Ask the bot to come back on a new socket, as Discord does now and then."""
        self.gateway.ask_to_reconnect()

    async def disable_intents(self) -> None:
        """Switch off all privileged intents of the application."""
        self.state.flags = 0

    async def refuse(self, room: str, code: int | None) -> None:
        """Refuse all that the bot asks about a room, with a code such as 50001; None ends it."""
        self.state.channels[room].refusal = code

    async def fail_next(
        self,
        method: str,
        path: str,
        status: int,
        body: Any = None,
        *,
        times: int = 1,
        headers: Mapping[str, str] = VIA,
        taken: bool = False,
    ) -> None:
        """Answer the next requests wrongly.

        Args:
            path: a regular expression to find in the path, which starts behind the version.
            status: 0 cuts the connection without an answer.
            headers: those of the answer; without `Via` it is not Discord that answers.
            taken: whether the request is obeyed all the same.
        """
        pattern = re.compile(path)
        self.rest.failures.append(Failure(method, pattern, status, body, times, headers, taken))

    async def limit_next(self, seconds: float) -> None:
        """See `Simulator.limit_next`."""
        body = {
            "message": "You are being rate limited.",
            "retry_after": seconds,
            "global": False,
        }
        headers = {**VIA, "Retry-After": str(ceil(seconds))}
        await self.fail_next("POST", "/messages$", 429, body, headers=headers)

    @property
    def limited(self) -> int:
        """See `Simulator.limited`."""
        return self.rest.refused

    # within

    def _some_room(self) -> str:
        rooms = (one.id for one in self.state.channels.values() if one.type == KINDS["group"])
        return next(rooms, "") or self.add_room("general")

    async def _serve_gateway(self, request: web.Request) -> web.StreamResponse:
        self.gateway.url = self._gateway_url
        return await self.gateway.serve(request)

    async def _serve_api(self, request: web.Request) -> web.StreamResponse:
        self.rest.gateway_url = self._gateway_url
        return await self.rest.serve(request)

    async def _serve_control(self, request: web.Request) -> web.Response:
        body = orjson.loads(await request.read() or b"{}")
        await getattr(self, request.match_info["verb"])(**body)
        return web.Response(body=b"null", content_type="application/json")

    @property
    def _gateway_url(self) -> str:
        return f"ws://{self.host}:{self.port}/gateway"
