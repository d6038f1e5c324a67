"""The gateway of a simulated Discord: sessions, and the sockets that they are told through.

https://discord.com/developers/docs/topics/gateway
"""

from __future__ import annotations

import asyncio
import time
import zlib
from collections import deque
from secrets import token_hex
from typing import Any

import orjson
from aiohttp import WSMsgType, web

from connectors.discord.simulator.shapes import Json
from connectors.discord.simulator.state import State

DISPATCH, HEARTBEAT, IDENTIFY, RESUME, RECONNECT = 0, 1, 2, 6, 7
INVALID_SESSION, HELLO, ACKNOWLEDGED = 9, 10, 11
UNKNOWN_OPCODE, DECODE_ERROR, NOT_AUTHENTICATED = 4001, 4002, 4003
AUTHENTICATION_FAILED, INVALID_INTENTS, DISALLOWED_INTENTS = 4004, 4013, 4014
FAREWELLS = frozenset({1000, 1001})
"""The close codes that end the session with the socket."""

GUILDS, GUILD_MESSAGES, DIRECT_MESSAGES, CONTENT = 1 << 0, 1 << 9, 1 << 12, 1 << 15
# Each privileged intent: the flags of the application that allow it.
PRIVILEGED = {1 << 1: 0b11 << 14, 1 << 8: 0b11 << 12, CONTENT: 0b11 << 18}
OUTLIVES = 60.0
"""Seconds that a session can be resumed after its socket is gone."""
REMEMBERS = 50_000
"""Events that a session can replay."""
BEAT = 41_250
"""Milliseconds between two heartbeats."""


class Socket:
    """One connection of a bot.

    Args:
        zip: whether the frames are one zlib stream.
    """

    def __init__(
        self, ws: web.WebSocketResponse, transport: asyncio.Transport | None, *, zip: bool
    ) -> None:
        self.ws, self.transport = ws, transport
        self.session: Session | None = None
        self._zip = zlib.compressobj(level=1) if zip else None
        self._queue: deque[bytes] = deque()
        self._filled = asyncio.Event()

    def push(self, op: int, data: Any) -> None:
        """Send a frame that is not an event."""
        self.push_raw(orjson.dumps({"op": op, "d": data, "s": None, "t": None}))

    def push_raw(self, frame: bytes) -> None:
        """Send a frame."""
        self._queue.append(frame)
        self._filled.set()

    async def write(self) -> None:
        """Send what was pushed, for ever."""
        while True:
            while self._queue:
                frame = self._queue.popleft()
                if self._zip:
                    zipped = self._zip.compress(frame) + self._zip.flush(zlib.Z_SYNC_FLUSH)
                    await self.ws.send_bytes(zipped)
                else:
                    await self.ws.send_str(frame.decode())
            self._filled.clear()
            await self._filled.wait()


class Session:
    """What one login is told; it outlives its socket for a while."""

    def __init__(self, state: State, intents: int) -> None:
        self.id, self._state, self._intents = token_hex(16), state, intents
        self.socket: Socket | None = None
        self.alone_since = 0.0
        self._seq = 0
        self._told: deque[tuple[int, bytes]] = deque(maxlen=REMEMBERS)

    @property
    def is_over(self) -> bool:
        """Whether it was without a socket for too long."""
        return self.socket is None and time.monotonic() - self.alone_since > OUTLIVES

    def tell(self, name: str, data: Json) -> None:
        """Tell of an event, as far as the intents go."""
        is_message, in_guild = name.startswith("MESSAGE_"), "guild_id" in data
        needed = GUILDS
        if is_message:
            needed = GUILD_MESSAGES if in_guild else DIRECT_MESSAGES
        if not self._intents & needed:
            return
        if is_message and in_guild and "content" in data:
            data = self._shown(data)
        self.tell_raw(name, data)

    def tell_raw(self, name: Any, data: Any) -> None:
        """Tell of an event of any shape."""
        self._seq += 1
        frame = orjson.dumps({"op": DISPATCH, "t": name, "s": self._seq, "d": data})
        self._told.append((self._seq, frame))
        if self.socket:
            self.socket.push_raw(frame)

    def resume(self, socket: Socket, seq: int) -> bool:
        """Replay what came after `seq`; False if that is no longer known."""
        if seq > self._seq or (self._told and self._told[0][0] > seq + 1):
            return False
        self.attach(socket)
        for number, frame in self._told:
            if number > seq:
                socket.push_raw(frame)
        self.tell_raw("RESUMED", {"_trace": []})
        return True

    def attach(self, socket: Socket) -> None:
        """Be told through `socket` from now on."""
        self.socket, socket.session = socket, self

    def detach(self) -> None:
        """The socket is gone."""
        self.socket, self.alone_since = None, time.monotonic()

    def _shown(self, message: Json) -> Json:
        bot = self._state.bot
        mentions = any(one["id"] == bot for one in message["mentions"])
        if self._intents & CONTENT or mentions or message["author"]["id"] == bot:
            return message
        return {**message, "content": "", "embeds": [], "attachments": [], "components": []}


class Gateway:
    """All sessions and sockets."""

    def __init__(self, state: State) -> None:
        self._state = state
        self.url = ""
        self.sessions: dict[str, Session] = {}
        self.sockets: set[Socket] = set()
        self.identified = 0

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
        self.sockets.add(socket)
        writer = asyncio.create_task(socket.write())
        try:
            socket.push(HELLO, {"heartbeat_interval": BEAT, "_trace": []})
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
