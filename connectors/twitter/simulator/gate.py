"""What every request passes before X looks at it: planned failures, credentials, windows."""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from email.utils import formatdate
from http import HTTPStatus
from typing import Any, Self
from weakref import WeakSet

import orjson
from aiohttp import web
from oauthlib.oauth1 import Client as Signer  # type: ignore[import-untyped]  # it has no types
from oauthlib.oauth1.rfc5849.signature import (  # type: ignore[import-untyped]  # likewise
    collect_parameters,
)

from connectors.twitter.simulator.rates import DAY, DAYS, OTHERWISE, RATES, Window

Handler = Callable[[web.Request], Awaitable[web.Response]]

CLOCK_SECONDS = 300
"""How far a signature's clock may be from X's."""

UNENROLLED = (
    "When authenticating requests to the Twitter API v2 endpoints, you must use keys and tokens "
    "from a Twitter developer App that is attached to a Project with the appropriate access."
)


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
class Keys:
    """The credentials of the one account that may log in.

    Args:
        ahead: how many seconds X's clock is ahead of this machine's.
    """

    key: str
    secret: str
    token: str
    token_secret: str
    ahead: float = 0.0
    _nonces: deque[str] = field(default_factory=lambda: deque(maxlen=1_000))

    def signed(self, request: web.Request) -> bool:
        """Whether they made the request's OAuth 1.0a signature, just now and for it alone.

        It is made again to see. A body that is no form is not signed.
        """
        try:
            given = _oauth(request.headers.get("Authorization", ""))
        except ValueError:
            return False
        nonce, timestamp = given.get("oauth_nonce", ""), given.get("oauth_timestamp", "")
        signer = Signer(
            self.key, self.secret, self.token, self.token_secret, nonce=nonce, timestamp=timestamp
        )
        url = f"{request.scheme}://{request.host}{request.raw_path}"
        made = _oauth(signer.sign(url, request.method)[1]["Authorization"])
        if given != made or nonce in self._nonces:
            return False
        self._nonces.append(nonce)
        return timestamp.isdecimal() and abs(self.now - int(timestamp)) < CLOCK_SECONDS

    @property
    def now(self) -> float:
        """X's time."""
        return time.time() + self.ahead


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
        lacking: the paths that the app's plan does not have, as `/2/users/{id}/likes`.
        serves: whether an access token of OAuth 2.0 is good.
    """

    keys: Keys
    bearer: str
    limits: bool
    exceeded: int = 0
    access: str = "read-write-directmessages"
    lacking: set[str] = field(default_factory=set)
    serves: Callable[[str], bool] = lambda _: False
    plans: list[Plan] = field(default_factory=list)
    windows: dict[tuple[str, str], Window] = field(default_factory=dict)
    days: dict[tuple[str, str], Window] = field(default_factory=dict)
    transports: WeakSet[Any] = field(default_factory=WeakSet)

    def guard(self, handler: Handler, *, app_may: bool) -> Handler:
        """`handler`, behind the gate.

        Args:
            app_may: whether the app's own token is enough.
        """

        async def guarded(request: web.Request) -> web.Response:
            return await self._answer(request, handler, app_may=app_may)

        return self.watch(guarded)

    def watch(self, handler: Handler) -> Handler:
        """`handler`, with the planned failures alone."""

        async def watched(request: web.Request) -> web.Response:
            self.transports.add(request.transport)
            plan = next((plan for plan in self.plans if plan.takes(request)), None)
            if plan and plan.answer:
                status, body, headers = plan.answer
                return web.Response(status=status, body=body, headers=headers)
            response = await handler(request)
            if plan and request.transport:
                request.transport.abort()
            return response

        return watched

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
        response.headers.update(headers, Date=formatdate(self.keys.now, usegmt=True))
        return response

    def _admit(self, request: web.Request, *, app_may: bool) -> str:
        self._identify(request.headers.get("Authorization", ""), request, app_may=app_may)
        if _place(request)[1] in self.lacking:
            raise Problem(403, UNENROLLED, title="Client Forbidden", kind="client-forbidden")
        if request.method != "GET" and self.access == "read":
            said = "Your client app is not configured with the appropriate oauth1 app permissions."
            raise Problem(403, said, kind="oauth1-permissions")
        return self.access

    def _identify(self, authorization: str, request: web.Request, *, app_may: bool) -> None:
        if authorization == f"Bearer {self.bearer}":
            if app_may:
                return
            said = "Authenticating with OAuth 2.0 Application-Only is forbidden for this endpoint."
            title = "Unsupported Authentication"
            raise Problem(403, said, title=title, kind="unsupported-authentication")
        kind, _, token = authorization.partition(" ")
        if not (self.serves(token) if kind == "Bearer" else self.keys.signed(request)):
            raise Problem(401)

    def _count(self, request: web.Request) -> dict[str, str]:
        place = _place(request)
        window = self.windows.setdefault(place, Window(*RATES.get(place, OTHERWISE)))
        headers, exceeded = self._spend(window, "x-rate-limit")
        if place in DAYS:
            whose, limit = DAYS[place]
            day = self.days.setdefault(place, Window(limit, DAY))
            more, day_exceeded = self._spend(day, f"x-{whose}-limit-24hour")
            headers, exceeded = headers | more, exceeded or day_exceeded
        if exceeded:
            self.exceeded += 1
            raise Exceeded(headers)
        return headers

    def _spend(self, window: Window, name: str) -> tuple[dict[str, str], bool]:
        exceeded = window.spend() and self.limits
        left = max(window.limit - window.used, 0) if self.limits else window.limit - 1
        headers = {
            f"{name}-limit": str(window.limit),
            f"{name}-remaining": str(left),
            f"{name}-reset": str(int(window.ends)),
        }
        return headers, exceeded


def _place(request: web.Request) -> tuple[str, str]:
    resource = request.match_info.route.resource
    return request.method, resource.canonical if resource else ""


class Exceeded(Problem):
    """More requests than the window allows."""

    def __init__(self, headers: dict[str, str]) -> None:
        super().__init__(429)
        self.headers = headers


def answer(body: Any, status: int = 200, *, kind: str = "application/json") -> web.Response:
    """`body` as JSON."""
    return web.Response(status=status, body=orjson.dumps(body), content_type=kind)
