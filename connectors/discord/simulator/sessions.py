"""What one login to a simulated gateway is told, and the socket that it is told through.

https://discord.com/developers/docs/events/gateway
"""

from __future__ import annotations

import asyncio
import time
import zlib
from collections import deque
from secrets import token_hex
from typing import Any

import orjson
from aiohttp import web

from connectors.discord.simulator.shapes import Json
from connectors.discord.simulator.state import State

DISPATCH = 0
# https://discord.com/developers/docs/events/gateway#list-of-intents
GUILDS, MEMBERS, MESSAGES, REACTIONS = 1 << 0, 1 << 1, 1 << 9, 1 << 10
DIRECT_MESSAGES, DIRECT_REACTIONS, CONTENT = 1 << 12, 1 << 13, 1 << 15
ALWAYS = frozenset({"INTERACTION_CREATE", "USER_UPDATE", "READY", "RESUMED"})
OUTLIVES = 60.0
"""Seconds that a session can be resumed after its socket is gone."""
REMEMBERS = 50_000
"""Events that a session can replay."""


class Socket:
    """One connection of a bot.

    Args:
        zip: whether the frames are one zlib stream.

    Attributes:
        doubles: whether the next event is told twice.
        swaps: whether the next event is told after the one that follows it.
        cuts: whether the connection breaks in the middle of the next frame.
        delay: seconds before each frame.
    """

    def __init__(
        self, ws: web.WebSocketResponse, transport: asyncio.Transport | None, *, zip: bool
    ) -> None:
        self.ws, self.transport = ws, transport
        self.session: Session | None = None
        self.doubles = self.swaps = self.cuts = False
        self.delay = 0.0
        self._late: bytes | None = None
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

    def push_event(self, frame: bytes) -> None:
        """Send an event, with what was asked to go wrong."""
        if self.swaps:
            self.swaps, self._late = False, frame
            return
        self.push_raw(frame)
        if self.doubles:
            self.doubles = False
            self.push_raw(frame)
        if self._late:
            late, self._late = self._late, None
            self.push_raw(late)

    async def write(self) -> None:
        """Send what was pushed, for ever."""
        while True:
            while self._queue:
                if self.delay:
                    await asyncio.sleep(self.delay)
                await self._send(self._queue.popleft())
            self._filled.clear()
            await self._filled.wait()

    async def _send(self, frame: bytes) -> None:
        if not self._zip:
            await self.ws.send_str(frame.decode())
            return
        zipped = self._zip.compress(frame) + self._zip.flush(zlib.Z_SYNC_FLUSH)
        if self.cuts:
            # The half is sent as a whole, with an end that says so; what follows fits no more.
            self.cuts = False
            zipped = zipped[: len(zipped) // 2] + b"\x00\x00\xff\xff"
        await self.ws.send_bytes(zipped)


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
        if not self._hears(name, data):
            return
        if "content" in data and "guild_id" in data:
            data = self._shown(data)
        self.tell_raw(name, data)

    def tell_raw(self, name: Any, data: Any) -> None:
        """Tell of an event of any shape."""
        self._seq += 1
        frame = orjson.dumps({"op": DISPATCH, "t": name, "s": self._seq, "d": data})
        self._told.append((self._seq, frame))
        if self.socket:
            self.socket.push_event(frame)

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

    def _hears(self, name: str, data: Json) -> bool:
        if name in ALWAYS:
            return True
        if name.startswith("GUILD_MEMBER_"):
            # Of itself a bot is told in any case.
            return bool(self._intents & MEMBERS) or data["user"]["id"] == self._state.bot
        in_guild, needed = "guild_id" in data, GUILDS
        if name.startswith("MESSAGE_REACTION_"):
            needed = REACTIONS if in_guild else DIRECT_REACTIONS
        elif name.startswith("MESSAGE_"):
            needed = MESSAGES if in_guild else DIRECT_MESSAGES
        return bool(self._intents & needed)

    def _shown(self, message: Json) -> Json:
        bot = self._state.bot
        mentions = any(one["id"] == bot for one in message["mentions"])
        if self._intents & CONTENT or mentions or message["author"]["id"] == bot:
            return message
        hidden = {"content": "", "embeds": [], "attachments": [], "components": []}
        return {**{k: v for k, v in message.items() if k != "poll"}, **hidden}
