"""What a simulated X charges."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import orjson
from aiohttp import web
from aiohttp.typedefs import Handler

from connectors.twitter.simulator.gate import Problem, answer

RESOURCES = (
    ("/2/users/me", "users"),
    ("/mentions", "owned"),
    ("/tweets", "owned"),
    ("/search/recent", "posts"),
    ("/dm_events", "messages"),
)
READS = {
    "owned": 0.001,
    "posts": 0.005,
    "tweets": 0.005,
    "users": 0.010,
    "messages": 0.010,
    "media": 0.005,
}
"""US dollars for each resource, once a day (docs.x.com/x-api/getting-started/pricing)."""

REPLY, POST, LINK, MESSAGE = 0.010, 0.015, 0.200, 0.015
"""US dollars for each thing that is written (likewise)."""


class Credits:
    """The money of the app.

    Attributes:
        balance: in US dollars; None if it never runs out.
        spent: likewise, since the beginning.
        refused: how many requests there was no money for.
        requests: how many requests were answered, by their method and path.
    """

    def __init__(self) -> None:
        self.balance: float | None = None
        self.spent, self.refused = 0.0, 0
        self.requests: list[tuple[str, str]] = []
        self._charged: set[tuple[str, str]] = set()

    @web.middleware
    async def charge(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Refuse who has no money, and charge for what is answered."""
        if not request.path.startswith("/2/"):
            return await handler(request)
        if self.balance is not None and self.spent >= self.balance:
            self.refused += 1
            problem = Problem(
                402,
                "Your enrolled account does not have any credits to fulfill this request.",
                title="CreditsDepleted",
                kind="credits",
            )
            return answer(problem.body, 402, kind="application/problem+json")
        response = await handler(request)
        self.requests.append((request.method, request.path))
        if isinstance(response, web.Response) and response.status < HTTPStatus.BAD_REQUEST:
            told, asked = _decoded(response.body), _decoded(await request.read())
            self.spent += self._cost(request, told, asked)
        return response

    def _cost(self, request: web.Request, told: Any, asked: Any) -> float:
        if request.method == "POST" and request.path == "/2/tweets":
            is_reply = "reply" in asked
            return LINK if "://" in asked.get("text", "") else REPLY if is_reply else POST
        if request.method == "POST" and request.path.endswith("/messages"):
            return MESSAGE
        if request.method != "GET" or not isinstance(told, dict):
            return 0.0
        today = f"{datetime.now(UTC):%Y-%m-%d}"
        new = {(today, key, kind) for kind, key in _resources(request.path, told)}
        fresh = {one for one in new if one[:2] not in self._charged}
        self._charged |= {one[:2] for one in fresh}
        return sum(READS[kind] for *_, kind in fresh)


def _resources(path: str, told: Any) -> Iterator[tuple[str, str]]:
    kind = next((kind for end, kind in RESOURCES if path.endswith(end)), None)
    data = told.get("data") or []
    for one in data if isinstance(data, list) else [data]:
        if kind and isinstance(one, dict) and "id" in one:
            yield kind, one["id"]
    for name, objects in told.get("includes", {}).items():
        for one in objects if name in READS else ():
            yield name, one.get("id") or one["media_key"]


def _decoded(body: Any) -> Any:
    try:
        return orjson.loads(body)
    except (orjson.JSONDecodeError, TypeError):
        return {}
