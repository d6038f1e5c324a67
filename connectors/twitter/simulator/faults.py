"""What can go wrong with a simulated X."""

from __future__ import annotations

import re
import time
from typing import Any

import orjson

from connectors.twitter.simulator.gate import Gate, Plan
from connectors.twitter.simulator.rates import Window


class Faults:
    """Faults on request.

    Attributes:
        gate: what every request passes.
    """

    gate: Gate

    async def disconnect(self) -> None:
        """Cut every connection that the bot has."""
        for transport in list(self.gate.transports):
            transport.abort()

    def fail_next(
        self,
        method: str,
        path: str,
        status: int,
        body: Any = None,
        *,
        times: int = 1,
        headers: dict[str, str] | None = None,
    ) -> None:
        """Refuse the next requests that match, before X looks at them.

        Args:
            path: a regular expression for some of the path and query.
            body: bytes as they are, anything else as JSON.
        """
        raw = body if isinstance(body, bytes) else orjson.dumps(body)
        kind = "text/html" if isinstance(body, bytes) else "application/problem+json"
        answer = (status, raw, {"Content-Type": kind, **(headers or {})})
        self.gate.plans.append(Plan(method, re.compile(path), answer, times))

    def lose_next(self, method: str, path: str, *, times: int = 1) -> None:
        """Do what the next requests that match ask for, and cut the connection unanswered."""
        self.gate.plans.append(Plan(method, re.compile(path), None, times))

    def set_window(self, method: str, path: str, *, limit: int, seconds: float) -> None:
        """Another window than the documented one for an endpoint, as `/2/users/{id}/mentions`."""
        self.gate.windows[method, path] = Window(limit, seconds)

    def set_clock(self, ahead: float) -> None:
        """Let X's clock differ from this machine's, by so many seconds."""
        self.gate.keys.ahead = ahead

    async def limit_next(self, seconds: float) -> None:
        """See `Simulator.limit_next`."""
        window = {
            "x-rate-limit-remaining": "0",
            "x-rate-limit-reset": str(int(time.time() + seconds)),
        }
        path = "^/2/(tweets|dm_conversations)"
        self.fail_next("POST", path, 429, {"title": "Too Many Requests"}, headers=window)

    @property
    def limited(self) -> int:
        """See `Simulator.limited`."""
        return self.gate.exceeded
