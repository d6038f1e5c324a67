"""The filtered stream and its rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson
from aiohttp import web

from connectors.twitter.simulator import present
from connectors.twitter.simulator.gate import Gate, answer
from connectors.twitter.simulator.includes import includes
from connectors.twitter.simulator.lines import Lines, apps
from connectors.twitter.simulator.network import Network, Post
from connectors.twitter.simulator.query import Matches, query


@dataclass(frozen=True, slots=True)
class Rule:
    """What the app wants to hear."""

    id: str
    value: str
    tag: str
    matches: Matches


class Stream(Lines):
    """What the app hears.

    Attributes:
        rules: by their ids.
        repeated: how many of the next posts come twice.
        swapped: how many of the next posts come after the one that follows them.
    """

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network
        self.rules: dict[str, Rule] = {}
        self.repeated = self.swapped = 0
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
            app.router.add_route(method, path, gate.guard(apps(handler), app_may=True))

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
            said = {
                "data": present.post(post, ear.asked),
                "includes": includes([post], ear.asked),
                "matching_rules": [{"id": rule.id, "tag": rule.tag} for rule in rules],
            }
            self.tell(ear, said)


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
