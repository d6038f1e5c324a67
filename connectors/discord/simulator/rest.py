"""The REST API of a simulated Discord.

https://discord.com/developers/docs/reference
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiohttp import web

from connectors.discord.simulator.limits import Limits, Verdict
from connectors.discord.simulator.refusal import Refusal, not_found, unauthorised
from connectors.discord.simulator.request import Handler, Request, read
from connectors.discord.simulator.shapes import Json
from connectors.discord.simulator.state import State

REMEMBERS = 10_000
"""Requests."""
VIA = {"Via": "1.1 google"}
"""What tells an answer of Discord from one of Cloudflare; discord.py looks for it."""


@dataclass(slots=True)
class Failure:
    """An answer in place of the real one.

    Args:
        status: 0 for none: the connection is cut.
        taken: whether the request is obeyed all the same.
    """

    method: str
    path: re.Pattern[str]
    status: int
    body: Any = None
    times: int = 1
    headers: Mapping[str, str] = field(default_factory=lambda: dict(VIA))
    taken: bool = False


class Rest:
    """Answers requests.

    Args:
        routes: what answers which, besides what is answered here.

    Attributes:
        requests: the method and path of the latest requests, in order.
        bodies: what they said, as far as they said anything.
        refused: how many were too many.
        failures: what goes wrong next.
    """

    def __init__(self, state: State, routes: Mapping[str, Handler], limits: Limits) -> None:
        self._state, self._limits = state, limits
        self.gateway_url = ""
        self.requests: deque[tuple[str, str]] = deque(maxlen=REMEMBERS)
        self.bodies: deque[Any] = deque(maxlen=REMEMBERS)
        self.refused = 0
        self.failures: list[Failure] = []
        self.on_the_wire: set[Any] = set()
        ours: dict[str, Handler] = {
            "GET /users/@me": lambda _: state.myself(),
            "GET /users/{user}": self._user,
            "GET /gateway": lambda _: {"url": self.gateway_url},
            "GET /gateway/bot": self._gateway,
            "GET /oauth2/applications/@me": lambda _: state.application(),
            "GET /applications/@me": lambda _: state.application(),
        }
        everything = {**routes, **ours}
        self._routes = [(key, *_compiled(key), handler) for key, handler in everything.items()]

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        path = f"/{request.match_info['path']}"
        self.requests.append((request.method, path))
        transport = request.transport
        assert transport is not None  # and it is no `asyncio.Transport` where the loop is uvloop's
        self.on_the_wire.add(transport)
        try:
            failure = self._failing(request.method, path)
            if failure is None:
                return await self._answer(request)
            if failure.taken:
                await self._answer(request)
            if not failure.status:
                transport.abort()
            return _response(failure.status or 500, failure.body, failure.headers)
        finally:
            self.on_the_wire.discard(transport)

    def _failing(self, method: str, path: str) -> Failure | None:
        for failure in self.failures:
            if failure.method == method and failure.path.search(path):
                failure.times -= 1
                if failure.times <= 0:
                    self.failures.remove(failure)
                return failure
        return None

    async def _answer(self, request: web.Request) -> web.Response:
        headers: Mapping[str, str] = VIA
        try:
            route, found, handler = self._route(request)
            verdict = self._limits.take(route, found.get("channel"))
            headers = {**VIA, **verdict.headers}
            if verdict.retry_after is not None:
                self.refused += 1
                return _limited(verdict)
            asked = await read(request, found)
            if asked.body:
                self.bodies.append(asked.body)
            body = handler(asked)
        except Refusal as refusal:
            return _response(refusal.status, refusal.body, headers)
        status, body = body if isinstance(body, tuple) else (200, body)
        return _response(204 if body is None else status, body, headers)

    def _route(self, request: web.Request) -> tuple[str, dict[str, str], Handler]:
        path = f"/{request.match_info['path']}"
        is_ours = request.headers.get("Authorization") == f"Bot {self._state.token}"
        for key, verb, pattern, handler in self._routes:
            if verb == request.method and (found := pattern.fullmatch(path)):
                # A token in the path is enough.
                if not (is_ours or "token" in found.groupdict()):
                    raise unauthorised()
                return key, found.groupdict(), handler
        raise not_found() if is_ours else unauthorised()

    def _user(self, request: Request) -> Json:
        if not (user := self._state.people.get(request.path["user"])):
            raise not_found("Unknown User", 10013)
        return user

    def _gateway(self, _: Request) -> Json:
        start = {"total": 1000, "remaining": 999, "reset_after": 86_400_000, "max_concurrency": 1}
        return {"url": self.gateway_url, "shards": 1, "session_start_limit": start}


def _limited(verdict: Verdict) -> web.Response:
    wait = verdict.retry_after or 0.0
    body = {
        "message": "You are being rate limited.",
        "code": 0,
        "retry_after": round(wait, 3),
        "global": verdict.is_global,
    }
    return _response(429, body, {**VIA, **verdict.headers, "Retry-After": str(int(wait) + 1)})


def _response(status: int, body: Any, headers: Mapping[str, str]) -> web.Response:
    if body is None:
        return web.Response(status=status, headers=headers)
    data = orjson.dumps(body)
    return web.Response(status=status, body=data, content_type="application/json", headers=headers)


def _compiled(route: str) -> tuple[str, re.Pattern[str]]:
    verb, _, path = route.partition(" ")
    return verb, re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path))
