"""The activity stream and its subscriptions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import orjson
from aiohttp import web

from connectors.twitter.simulator import present
from connectors.twitter.simulator.gate import Gate, Problem, answer
from connectors.twitter.simulator.includes import includes
from connectors.twitter.simulator.lines import BACK, Lines, apps
from connectors.twitter.simulator.network import DirectMessage, Network, Person, Post

SUBSCRIPTIONS = "/2/activity/subscriptions"
POST = {
    "author_id",
    "attachments",
    "conversation_id",
    "created_at",
    "entities",
    "in_reply_to_user_id",
    "referenced_posts",
}
ALONG = POST | {
    "attachments.media_keys",
    "attachments.poll_ids",
    "referenced_posts.id",
    "referenced_posts.id.author_id",
    "sender_id",
}
MESSAGE = {"attachments", "created_at", "dm_conversation_id", "sender_id", "text"}
MEDIA = {"url", "preview_image_url", "variants", "duration_ms", "alt_text"}
PRIVATE = ("dm.", "chat.", "post.mention.")
"""What X tells of an account only with its consent (docs.x.com/x-api/activity/introduction)."""


@dataclass(slots=True)
class Subscription:
    """What the app wants to hear."""

    id: str
    kind: str
    filter: Mapping[str, str]
    tag: str = ""
    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def shown(self) -> dict[str, Any]:
        """As X writes it."""
        moment = present.date(self.at)
        said = {
            "subscription_id": self.id,
            "event_type": self.kind,
            "filter": self.filter,
            "tag": self.tag,
            "created_at": moment,
            "updated_at": moment,
        }
        return {name: value for name, value in said.items() if value}


class Activity(Lines):
    """What the app hears of accounts.

    Attributes:
        subscriptions: by their ids.
        refused: the kinds that the app's plan does not have.
        is_brief: whether posts come without all that X may leave out.
        is_written: whether direct messages come with their words; X's specification does not say.
        repeated: how many of the next lines come twice.
    """

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network
        self.subscriptions: dict[str, Subscription] = {}
        self.refused: set[str] = set()
        self.is_brief = self.is_written = False
        self.repeated = 0
        network.on_post.append(self._posted)
        network.on_delete.append(self._deleted)
        network.on_message.append(self._messaged)

    def routes(self, app: web.Application, gate: Gate) -> None:
        """Add the endpoints to `app`; most are the app's, and no account's."""
        one = f"{SUBSCRIPTIONS}/{{id}}"
        for method, path, handler in (
            ("GET", "/2/activity/stream", apps(self.listen)),
            ("GET", SUBSCRIPTIONS, self.list),
            ("POST", SUBSCRIPTIONS, self.create),
            ("DELETE", SUBSCRIPTIONS, apps(self.delete)),
            ("PUT", one, apps(self.update)),
            ("DELETE", one, apps(self.delete_one)),
        ):
            app.router.add_route(method, path, gate.guard(handler, app_may=True))

    async def listen(self, request: web.Request) -> web.Response:
        """GET /2/activity/stream, which has no fields to choose."""
        if unknown := request.query.keys() - BACK:
            raise Problem.invalid(f"There is no query parameter {sorted(unknown)}.")
        return await super().listen(request)

    async def list(self, _request: web.Request) -> web.Response:
        """GET /2/activity/subscriptions."""
        return answer({"data": [one.shown() for one in self.subscriptions.values()]})

    async def create(self, request: web.Request) -> web.Response:
        """POST /2/activity/subscriptions."""
        body = orjson.loads(await request.read())
        kind, wanted = body["event_type"], body["filter"]
        is_app = request.headers["Authorization"].startswith("Bearer ")
        if kind in self.refused or (is_app and kind.startswith(PRIVATE)):
            raise Problem(403, f"You are not permitted to subscribe to {kind}.")
        if any((one.kind, one.filter) == (kind, wanted) for one in self.subscriptions.values()):
            raise Problem(400, "A subscription of this kind with this filter exists.")
        made = Subscription(self.network.new_id(), kind, wanted, body.get("tag", ""))
        self.subscriptions[made.id] = made
        return answer({"data": {"subscription": made.shown()}})

    async def update(self, request: web.Request) -> web.Response:
        """PUT /2/activity/subscriptions/:subscription_id."""
        one = self._one(request)
        one.tag = orjson.loads(await request.read()).get("tag", one.tag)
        total = len(self.subscriptions)
        return answer({"data": {"subscription": one.shown(), "total_subscriptions": total}})

    async def delete_one(self, request: web.Request) -> web.Response:
        """DELETE /2/activity/subscriptions/:subscription_id."""
        del self.subscriptions[self._one(request).id]
        return answer({"data": {"deleted": True}})

    async def delete(self, request: web.Request) -> web.Response:
        """DELETE /2/activity/subscriptions, those with the ids."""
        asked = request.query.get("ids", "").split(",")
        gone = [key for key in asked if self.subscriptions.pop(key, None)]
        missing = [key for key in asked if key not in gone]
        body = {
            "data": [{"subscription_id": key, "deleted": True} for key in gone],
            "errors": [{"subscription_id": key, "reason": "not-found"} for key in missing],
        }
        meta = {"total_subscriptions": len(self.subscriptions)}
        return answer({**{name: value for name, value in body.items() if value}, "meta": meta})

    def updated(self, person: Person, what: str, before: str, after: str) -> None:
        """Somebody changed their profile."""
        self._tell(person, f"profile.update.{what}", {"before": before, "after": after})

    def followed(self, source: Person, target: Person) -> None:
        """Somebody follows somebody."""
        people = {"source": present.person(source), "target": present.person(target)}
        self._tell(target, "follow.follow", people)

    def _posted(self, post: Post) -> None:
        if post.author.is_hidden or not self.ears:
            return
        asked = replace(
            self.ears[0].asked,
            post=frozenset() if self.is_brief else frozenset(POST),
            media=frozenset(MEDIA),
            expansions=frozenset() if self.is_brief else frozenset(ALONG),
        )
        body, along = present.post(post, asked), includes([post], asked)
        for person in post.mentioned:
            self._tell(person, "post.mention.create", body, along)

    def _deleted(self, post: Post) -> None:
        gone = {"id": post.id, "author_id": post.author.id}
        self._tell(post.author, "post.delete", gone)

    def _messaged(self, message: DirectMessage) -> None:
        body = self._written(message) if self.is_written else _observed(self.network, message)
        along = {"users": [present.person(message.sender)]} if self.is_written else {}
        if message.kind == "MessageCreate":
            for person in self.network.conversations[message.conversation]:
                kind = "dm.sent" if person is message.sender else "dm.received"
                self._tell(person, kind, body, along)

    def _written(self, message: DirectMessage) -> dict[str, Any]:
        asked = replace(present.Asked.of({}), dm=frozenset(MESSAGE))
        return present.direct_message(message, asked)

    def _tell(self, person: Person, kind: str, payload: Any, along: Any = None) -> None:
        for one in self.subscriptions.values():
            if one.kind != kind or one.filter.get("user_id") != person.id:
                continue
            said = {
                "event_uuid": self.network.new_id(),
                "event_type": kind,
                "filter": one.filter,
                "tag": one.tag,
                "payload": payload,
                "includes": along,
            }
            data = {name: value for name, value in said.items() if value}
            times = 2 if self.repeated else 1
            self.repeated -= times - 1
            for ear in self.ears:
                for _ in range(times):
                    self.tell(ear, {"data": data})

    def _one(self, request: web.Request) -> Subscription:
        key = request.match_info["id"]
        if key not in self.subscriptions:
            raise Problem.not_found("subscription", key)
        return self.subscriptions[key]


def _observed(network: Network, message: DirectMessage) -> dict[str, Any]:
    """A direct message as X is seen to tell of it, in the words of an older API, here without text.

    In a conversation of several, nobody is named but the sender.
    """
    people = network.conversations[message.conversation]
    others = [one.id for one in people if one is not message.sender]
    pair = 2
    target = {"recipient_id": others[0]} if len(people) == pair else {}
    made = {"sender_id": message.sender.id, "target": target}
    event = {"type": "message_create", "id": message.id, "message_create": made}
    return {"direct_message_events": [event]}
