"""What every request passes before X looks at it: planned failures, credentials, windows."""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Self
from weakref import WeakSet

import orjson
from aiohttp import web
from oauthlib.oauth1 import Client as Signer  # type: ignore[import-untyped]  # it has no types
from oauthlib.oauth1.rfc5849.signature import (  # type: ignore[import-untyped]  # likewise
    collect_parameters,
)

Handler = Callable[[web.Request], Awaitable[web.Response]]

QUARTER, DAY = 900, 86_400
RATES = {
    ("GET", "/2/users/me"): (75, QUARTER),
    ("GET", "/2/users/{id}"): (900, QUARTER),
    ("GET", "/2/users/by/username/{username}"): (900, QUARTER),
    ("GET", "/2/users/{id}/mentions"): (300, QUARTER),
    ("GET", "/2/users/{id}/tweets"): (900, QUARTER),
    ("GET", "/2/tweets/{id}"): (900, QUARTER),
    ("POST", "/2/tweets"): (100, QUARTER),
    ("DELETE", "/2/tweets/{id}"): (50, QUARTER),
    ("GET", "/2/dm_events"): (15, QUARTER),
    ("GET", "/2/dm_conversations/{id}/dm_events"): (15, QUARTER),
    ("POST", "/2/dm_conversations/{id}/messages"): (15, QUARTER),
    ("POST", "/2/dm_conversations/with/{id}/messages"): (15, QUARTER),
}
"""Requests and seconds of each window, per user (docs.x.com/x-api/fundamentals/rate-limits)."""


class Problem(Exception):
    """An answer that refuses, as application/problem+json."""

    def __init__(
        self, status: int, detail: str = "", *, title: str = "", kind: str = "", **more: Any
    ) -> None:
        phrase = HTTPStatus(status).phrase
        self.status = status
        self.body = {
            "title": title or phrase,
            "detail": detail or phrase,
            "type": f"https://api.x.com/2/problems/{kind}" if kind else "about:blank",
            "status": status,
            **more,
        }
        super().__init__(detail)

    @classmethod
    def invalid(cls, said: str, parameters: dict[str, Any] | None = None) -> Self:
        """A request that X does not understand."""
        detail = "One or more parameters to your request was invalid."
        errors = [{"parameters": parameters or {}, "message": said}]
        return cls(400, detail, title="Invalid Request", kind="invalid-request", errors=errors)

    @classmethod
    def not_found(cls, resource: str, key: str) -> Self:
        """There is no such thing."""
        detail = f"Could not find {resource}: [{key}]."
        return cls(
            404, detail, title="Not Found Error", kind="resource-not-found", resource_type=resource
        )


@dataclass(slots=True)
class Plan:
    """What happens to the next requests that match.

    Args:
        answer: what they get; None to do what they ask and cut the connection unanswered.
    """

    method: str
    path: re.Pattern[str]
    answer: tuple[int, bytes, dict[str, str]] | None
    times: int

    def takes(self, request: web.Request) -> bool:
        """Whether it is about this request; counts it."""
        if not self.times or self.method != request.method or not self.path.search(request.path_qs):
            return False
        self.times -= 1
        return True


@dataclass(slots=True)
class Window:
    """How often an endpoint may still be asked, and until when that holds."""

    limit: int
    seconds: float
    used: int = 0
    ends: float = 0.0

    def spend(self) -> bool:
        """Count a request; whether it was one too many."""
        if time.time() >= self.ends:
            self.used, self.ends = 0, time.time() + self.seconds
        self.used += 1
        return self.used > self.limit


@dataclass(frozen=True, slots=True)
class Keys:
    """The credentials of the one account that may log in."""

    key: str
    secret: str
    token: str
    token_secret: str

    def signed(self, request: web.Request) -> bool:
        """Whether they made the request's OAuth 1.0a signature, which is made again to see."""
        try:
            given = _oauth(request.headers.get("Authorization", ""))
        except ValueError:
            return False
        signer = Signer(
            self.key,
            self.secret,
            self.token,
            self.token_secret,
            nonce=given.get("oauth_nonce"),
            timestamp=given.get("oauth_timestamp"),
        )
        url = f"{request.scheme}://{request.host}{request.raw_path}"
        return given == _oauth(signer.sign(url, request.method)[1]["Authorization"])


def _oauth(authorization: str) -> dict[str, str]:
    found = collect_parameters(
        headers={"Authorization": authorization}, exclude_oauth_signature=False
    )
    return dict(found)


@dataclass(slots=True)
class Gate:
    """Stands before every handler.

    Args:
        limits: whether windows are enforced; their headers are always sent.
        exceeded: how many requests were too many.
    """

    keys: Keys
    bearer: str
    limits: bool
    exceeded: int = 0
    access: str = "read-write-directmessages"
    plans: list[Plan] = field(default_factory=list)
    windows: dict[tuple[str, str], Window] = field(default_factory=dict)
    transports: WeakSet[Any] = field(default_factory=WeakSet)

    def guard(self, handler: Handler, *, app_may: bool) -> Handler:
        """`handler`, behind the gate.

        Args:
            app_may: whether the app's own token is enough.
        """

        async def guarded(request: web.Request) -> web.Response:
            self.transports.add(request.transport)
            plan = next((plan for plan in self.plans if plan.takes(request)), None)
            if plan and plan.answer:
                status, body, headers = plan.answer
                return web.Response(status=status, body=body, headers=headers)
            response = await self._answer(request, handler, app_may=app_may)
            if plan and request.transport:
                request.transport.abort()
            return response

        return guarded

    async def _answer(
        self, request: web.Request, handler: Handler, *, app_may: bool
    ) -> web.Response:
        headers: dict[str, str] = {}
        try:
            headers["x-access-level"] = self._admit(request, app_may=app_may)
            headers |= self._count(request)
            response = await handler(request)
        except Problem as problem:
            kind = "application/problem+json"
            response = answer(problem.body, problem.status, kind=kind)
            headers |= getattr(problem, "headers", {})
        response.headers.update(headers)
        return response

    def _admit(self, request: web.Request, *, app_may: bool) -> str:
        authorization = request.headers.get("Authorization", "")
        if authorization == f"Bearer {self.bearer}":
            if app_may:
                return self.access
            said = "Authenticating with OAuth 2.0 Application-Only is forbidden for this endpoint."
            title = "Unsupported Authentication"
            raise Problem(403, said, title=title, kind="unsupported-authentication")
        if not self.keys.signed(request):
            raise Problem(401)
        if request.method != "GET" and self.access == "read":
            said = "Your client app is not configured with the appropriate oauth1 app permissions."
            raise Problem(403, said, kind="oauth1-permissions")
        return self.access

    def _count(self, request: web.Request) -> dict[str, str]:
        resource = request.match_info.route.resource
        where = (request.method, resource.canonical if resource else "")
        window = self.windows.setdefault(where, Window(*RATES[where]))
        exceeded = window.spend()
        left = max(window.limit - window.used, 0) if self.limits else window.limit - 1
        headers = {
            "x-rate-limit-limit": str(window.limit),
            "x-rate-limit-remaining": str(left),
            "x-rate-limit-reset": str(int(window.ends)),
        }
        if exceeded and self.limits:
            self.exceeded += 1
            raise Exceeded(headers)
        return headers


class Exceeded(Problem):
    """More requests than the window allows."""

    def __init__(self, headers: dict[str, str]) -> None:
        super().__init__(429)
        self.headers = headers


def answer(body: Any, status: int = 200, *, kind: str = "application/json") -> web.Response:
    """`body` as JSON."""
    return web.Response(status=status, body=orjson.dumps(body), content_type=kind)
