"""The gateway of a simulated Discord: sessions, and the sockets that they are told through.

https://discord.com/developers/docs/topics/gateway
"""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
from aiohttp import WSMsgType, web

from connectors.discord.simulator.sessions import CONTENT, MEMBERS, Session, Socket
from connectors.discord.simulator.shapes import Json
from connectors.discord.simulator.state import State

HEARTBEAT, IDENTIFY, RESUME, RECONNECT = 1, 2, 6, 7
INVALID_SESSION, HELLO, ACKNOWLEDGED = 9, 10, 11
UNKNOWN_OPCODE, DECODE_ERROR, NOT_AUTHENTICATED = 4001, 4002, 4003
AUTHENTICATION_FAILED, INVALID_INTENTS, DISALLOWED_INTENTS = 4004, 4013, 4014
FAREWELLS = frozenset({1000, 1001})
"""The close codes that end the session with the socket."""

# Each privileged intent: the flags of the application that allow it.
PRIVILEGED = {MEMBERS: 0b11 << 14, 1 << 8: 0b11 << 12, CONTENT: 0b11 << 18}
BEAT = 41_250
"""Milliseconds between two heartbeats, unless a bot is told otherwise."""


class Gateway:
    """All sessions and sockets.

    Attributes:
        beat: milliseconds between two heartbeats.
        mute: whether heartbeats are not acknowledged.
        delay: seconds before each frame.
        lists: whether a new session is told of the server.
        identified: how often a bot logged in.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self.url = ""
        self.sessions: dict[str, Session] = {}
        self.sockets: set[Socket] = set()
        self.identified = 0
        self.beat, self.mute, self.delay, self.lists = BEAT, False, 0.0, True

    def dispatch(self, name: str, data: Json) -> None:
        """Tell every session of an event."""
        for session in self._living():
            session.tell(name, data)

    def inject(self, payload: Any) -> None:
        """Tell an event of any shape; what is not even an event is sent as a frame."""
        if isinstance(payload, dict) and "t" in payload:
            for session in self._living():
                session.tell_raw(payload["t"], payload.get("d"))
        else:
            for socket in self.sockets:
                socket.push_raw(orjson.dumps(payload))

    def invalidate(self) -> None:
        """End every session, and say so."""
        self.sessions.clear()
        for socket in self.sockets:
            socket.session = None
            socket.push(INVALID_SESSION, data=False)

    def forget(self) -> None:
        """End every session without saying so: it can be resumed no more."""
        self.sessions.clear()
        for socket in self.sockets:
            socket.session = None

    def slow_down(self, seconds: float) -> None:
        """Wait before each frame from now on."""
        self.delay = seconds
        for socket in self.sockets:
            socket.delay = seconds

    def ask_to_reconnect(self) -> None:
        """Ask every bot to come back on a new socket."""
        for socket in self.sockets:
            socket.push(RECONNECT, None)

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """Talk to one bot."""
        ws = web.WebSocketResponse(max_msg_size=0, timeout=1.0)
        await ws.prepare(request)
        transport = request.transport
        socket = Socket(ws, transport, zip=request.query.get("compress") == "zlib-stream")
        socket.delay = self.delay
        self.sockets.add(socket)
        writer = asyncio.create_task(socket.write())
        try:
            socket.push(HELLO, {"heartbeat_interval": self.beat, "_trace": []})
            if code := await self._converse(socket):
                await ws.close(code=code)
        finally:
            writer.cancel()
            self._part(socket)
        return ws

    async def _converse(self, socket: Socket) -> int | None:
        """Handle frames; the code to close with, unless the bot closed."""
        async for frame in socket.ws:
            if frame.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
                continue
            try:
                said = orjson.loads(frame.data)
                op, data = said["op"], said.get("d")
            except (orjson.JSONDecodeError, KeyError, AttributeError, TypeError):
                return DECODE_ERROR
            if code := self._handle(socket, op, data):
                return code
        return None

    def _handle(self, socket: Socket, op: int, data: Any) -> int | None:
        if op == HEARTBEAT:
            if not self.mute:
                socket.push(ACKNOWLEDGED, None)
        elif op == IDENTIFY:
            return self._identify(socket, data)
        elif op == RESUME:
            return self._resume(socket, data)
        elif not isinstance(op, int) or not 0 <= op <= ACKNOWLEDGED:
            return UNKNOWN_OPCODE
        elif socket.session is None:
            return NOT_AUTHENTICATED
        return None

    def _identify(self, socket: Socket, data: Json) -> int | None:
        if data.get("token", "").removeprefix("Bot ") != self._state.token:
            return AUTHENTICATION_FAILED
        if not isinstance(intents := data.get("intents"), int):
            return INVALID_INTENTS
        for intent, flags in PRIVILEGED.items():
            if intents & intent and not self._state.flags & flags:
                return DISALLOWED_INTENTS
        self.identified += 1
        session = Session(self._state, intents)
        self.sessions[session.id] = session
        session.attach(socket)
        session.tell_raw("READY", self._ready(session))
        if self.lists:
            session.tell("GUILD_CREATE", self._state.full_guild())
        return None

    def _resume(self, socket: Socket, data: Json) -> int | None:
        if data.get("token", "").removeprefix("Bot ") != self._state.token:
            return AUTHENTICATION_FAILED
        session = self.sessions.get(data.get("session_id", ""))
        if session is None or session.is_over or not session.resume(socket, data.get("seq") or 0):
            socket.push(INVALID_SESSION, data=False)
        return None

    def _ready(self, session: Session) -> Json:
        return {
            "v": 10,
            "user": self._state.myself(),
            "guilds": [{"id": self._state.guild_id, "unavailable": True}],
            "session_id": session.id,
            "session_type": "normal",
            "resume_gateway_url": self.url,
            "application": {"id": self._state.bot, "flags": self._state.flags},
            "private_channels": [],
            "relationships": [],
            "presences": [],
            "user_settings": {},
            "_trace": [],
        }

    def _living(self) -> list[Session]:
        for session in [one for one in self.sessions.values() if one.is_over]:
            del self.sessions[session.id]
        return list(self.sessions.values())

    def _part(self, socket: Socket) -> None:
        self.sockets.discard(socket)
        session = socket.session
        if session is None or session.socket is not socket:
            return
        session.detach()
        if socket.ws.close_code in FAREWELLS:
            self.sessions.pop(session.id, None)
