"""The filtered stream and its rules."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import orjson
from aiohttp import web

from connectors.twitter.simulator import present
from connectors.twitter.simulator.gate import Gate, Problem, answer
from connectors.twitter.simulator.includes import includes
from connectors.twitter.simulator.network import Network, Post
from connectors.twitter.simulator.present import Asked
from connectors.twitter.simulator.query import Matches, query

BACK = frozenset({"backfill_minutes", "start_time", "end_time"})

KEEP_ALIVE = 20.0
"""Seconds (docs.x.com/x-api/fundamentals/consuming-streaming-data)."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What the app wants to hear."""

    id: str
    value: str
    tag: str
    matches: Matches


@dataclass(eq=False, slots=True)
class Ear:
    """One connection."""

    asked: Asked
    query: Mapping[str, str]
    lines: asyncio.Queue[bytes | None] = field(default_factory=asyncio.Queue)


class Stream:
    """What the app hears.

    Attributes:
        rules: by their ids.
        ears: the connections; X lets an app have one.
        opened: how many there were.
        keep_alive: seconds between two signs of life; None for a line that went dead.
        repeated: how many of the next posts come twice.
        swapped: how many of the next posts come after the one that follows them.
        told: every line, with the query of the connection that it went to.
    """

    def __init__(self, network: Network) -> None:
        self.network = network
        self.rules: dict[str, Rule] = {}
        self.ears: list[Ear] = []
        self.opened = self.repeated = self.swapped = 0
        self.keep_alive: float | None = KEEP_ALIVE
        self.told: list[tuple[Mapping[str, str], bytes]] = []
        self._held: list[Post] = []
        network.on_post.append(self._posted)

    def routes(self, app: web.Application, gate: Gate) -> None:
        """Add the endpoints to `app`; they are the app's, and no account's."""
        stream, rules = "/2/tweets/search/stream", "/2/tweets/search/stream/rules"
        for method, path, handler in (
            ("GET", stream, self.listen),
            ("GET", rules, self.list_rules),
            ("POST", rules, self.change_rules),
        ):
            app.router.add_route(method, path, gate.guard(_apps(handler), app_may=True))

    async def listen(self, request: web.Request) -> web.Response:
        """GET /2/tweets/search/stream."""
        host = f"{request.url.origin()}"
        asked = Asked.of(request.query, BACK, host)
        if self.ears:
            said = "This stream is currently at the maximum allowed connection limit."
            raise Problem(429, said, title="ConnectionException", kind="streaming-connection")
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        ear = Ear(asked, dict(request.query))
        self.ears.append(ear)
        self.opened += 1
        try:
            while (line := await self._next(ear)) is not None:
                await response.write(line)
        finally:
            self.ears.remove(ear)
        return cast("web.Response", response)  # the gate adds headers, which is too late here

    async def list_rules(self, _request: web.Request) -> web.Response:
        """GET /2/tweets/search/stream/rules."""
        shown = [_shown(rule) for rule in self.rules.values()]
        meta = {"result_count": len(shown)}
        return answer({"data": shown, "meta": meta} if shown else {"meta": meta})

    async def change_rules(self, request: web.Request) -> web.Response:
        """POST /2/tweets/search/stream/rules."""
        body = orjson.loads(await request.read())
        if "delete" in body:
            for rule in body["delete"].get("ids", ()):
                self.rules.pop(rule, None)
            return answer({"meta": {"summary": {"deleted": len(body["delete"].get("ids", ()))}}})
        made, problems = [], []
        for one in body["add"]:
            same = next((r for r in self.rules.values() if r.value == one["value"]), None)
            if same:
                problems.append(_duplicate(same))
                continue
            rule = _rule(self.network.new_id(), one)
            self.rules[rule.id] = rule
            made.append(_shown(rule))
        body = {"data": made, "errors": problems, "meta": {"summary": {"created": len(made)}}}
        return answer({name: value for name, value in body.items() if value})

    def drop(self) -> None:
        """End every connection."""
        for ear in self.ears:
            ear.lines.put_nowait(None)

    def say(self, line: bytes) -> None:
        """Send a line of any shape."""
        for ear in self.ears:
            ear.lines.put_nowait(line + b"\r\n")

    async def _next(self, ear: Ear) -> bytes | None:
        try:
            async with asyncio.timeout(self.keep_alive):
                return await ear.lines.get()
        except TimeoutError:
            return b"\r\n"

    def _posted(self, post: Post) -> None:
        if self.swapped:
            self.swapped -= 1
            self._held.append(post)
            return
        held, self._held = self._held, []
        times = 2 if self.repeated else 1
        self.repeated -= times - 1
        for one in (*([post] * times), *held):
            self._tell(one)

    def _tell(self, post: Post) -> None:
        rules = [rule for rule in self.rules.values() if rule.matches(post)]
        if not rules or post.author.is_hidden:
            return
        for ear in self.ears:
            said: dict[str, Any] = {
                "data": present.post(post, ear.asked),
                "includes": includes([post], ear.asked),
                "matching_rules": [{"id": rule.id, "tag": rule.tag} for rule in rules],
            }
            line = orjson.dumps({name: value for name, value in said.items() if value})
            self.told.append((ear.query, line))
            ear.lines.put_nowait(line + b"\r\n")


def _apps(handler: Callable[[web.Request], Any]) -> Callable[[web.Request], Any]:
    async def only_the_app(request: web.Request) -> web.Response:
        if not request.headers.get("Authorization", "").startswith("Bearer "):
            said = "Authenticating with OAuth 1.0a User Context is forbidden for this endpoint."
            title = "Unsupported Authentication"
            raise Problem(403, said, title=title, kind="unsupported-authentication")
        response: web.Response = await handler(request)
        return response

    return only_the_app


def _rule(key: str, given: Any) -> Rule:
    return Rule(key, given["value"], given.get("tag", ""), query(given["value"]))


def _shown(rule: Rule) -> dict[str, str]:
    return {"id": rule.id, "value": rule.value, "tag": rule.tag}


def _duplicate(rule: Rule) -> dict[str, Any]:
    return {
        "title": "DuplicateRule",
        "type": "https://api.x.com/2/problems/duplicate-rules",
        "detail": f"A rule with this value exists: {rule.id}.",
        "status": 409,
    }
