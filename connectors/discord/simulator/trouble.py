"""What can go wrong on a simulated Discord."""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import ceil
from typing import Any

from bot.testing.simulator import Simulator
from connectors.discord.simulator.gateway import Gateway
from connectors.discord.simulator.rest import VIA, Failure, Rest
from connectors.discord.simulator.state import State


class Trouble(Simulator):
    """Events of any shape, connections that break, requests that are refused.

    Attributes:
        rest: the API, with every request that it got.
        gateway: what tells the events.
    """

    state: State
    gateway: Gateway
    rest: Rest

    # events

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

    async def double_next(self) -> None:
        """Tell the next event twice."""
        for socket in self.gateway.sockets:
            socket.doubles = True

    async def swap_next(self) -> None:
        """Tell the next event after the one that follows it."""
        for socket in self.gateway.sockets:
            socket.swaps = True

    async def slow_down(self, seconds: float) -> None:
        """Wait before each frame of the gateway from now on."""
        self.gateway.slow_down(seconds)

    # connections

    async def disconnect(self) -> None:
        """See `Simulator.disconnect`. Sessions can be resumed."""
        for socket in self.gateway.sockets:
            if transport := socket.transport:
                transport.abort()
        for transport in self.rest.on_the_wire:
            transport.abort()

    async def cut_next(self) -> None:
        """Leave the second half of the next frame out; the compressed stream is broken then."""
        for socket in self.gateway.sockets:
            socket.cuts = True

    async def mute_heartbeats(self, muted: bool = True) -> None:
        """Acknowledge no heartbeat, or each again."""
        self.gateway.mute = muted

    async def invalidate_session(self) -> None:
        """End the bot's session: it has to log in anew, and no event is replayed."""
        self.gateway.invalidate()

    async def refuse_resume(self) -> None:
        """Cut the connection, and refuse to go on with its session."""
        self.gateway.forget()
        await self.disconnect()

    async def ask_to_reconnect(self) -> None:
        """Ask the bot to come back on a new socket, as Discord does now and then."""
        self.gateway.ask_to_reconnect()

    # refusals

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
