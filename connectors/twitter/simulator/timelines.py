"""The endpoints that a bot reads."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any

from aiohttp import web

from connectors.twitter.simulator.gate import Gate, Problem, answer
from connectors.twitter.simulator.includes import SECRET, includes, problems
from connectors.twitter.simulator.network import DirectMessage, Network, Person, Post
from connectors.twitter.simulator.paging import page
from connectors.twitter.simulator.present import PAGES, WINDOW, Asked, direct_message, post
from connectors.twitter.simulator.query import query

MENTIONS, TWEETS = 800, 3200
"""How far back the timelines go (docs.x.com, timelines)."""

EVENTS = frozenset({"dm_event.fields", "event_types"})
SEARCH = frozenset({"query", "next_token", "sort_order"})


class Timelines:
    """Answers requests out of a `Network`.

    Args:
        me: the account that the bot speaks for.
    """

    def __init__(self, network: Network, me: Person) -> None:
        self.network, self.me = network, me

    def routes(self, app: web.Application, gate: Gate) -> None:
        """Add every endpoint to `app`, and the files, of which those of posts are public."""
        media = "/2/dm_conversations/media/{message}/{id}/{name}"
        for path, handler, app_may in (
            ("/2/users/{id}/mentions", self.mentions, True),
            ("/2/users/{id}/tweets", self.tweets, True),
            ("/2/tweets/search/recent", self.search, True),
            ("/2/dm_events", self.dm_events, False),
            ("/2/dm_conversations/{id}/dm_events", self.conversation_events, False),
            (media, self.secret_file, False),
        ):
            app.router.add_get(path, gate.guard(handler, app_may=app_may))
        app.router.add_get("/media/{id}/{name}", self.file)
        secret = gate.guard(self.secret_file, app_may=False)
        app.router.add_get(f"{SECRET}/{{message}}/{{id}}/{{name}}", secret)

    async def mentions(self, request: web.Request) -> web.Response:
        """GET /2/users/:id/mentions."""
        posts = self._person(request).mentions
        injected, self.network.injected = self.network.injected, []
        return _timeline(request, islice(reversed(posts), MENTIONS), injected)

    async def tweets(self, request: web.Request) -> web.Response:
        """GET /2/users/:id/tweets."""
        posts = self._person(request).posts
        return _timeline(request, islice(reversed(posts), TWEETS))

    async def search(self, request: web.Request) -> web.Response:
        """GET /2/tweets/search/recent."""
        matches = query(request.query.get("query", ""))
        newest = sorted(set(self.network.posts.values()), key=lambda one: -int(one.id))
        return _timeline(request, filter(matches, newest), least=10, more=SEARCH)

    async def dm_events(self, request: web.Request) -> web.Response:
        """GET /2/dm_events."""
        return _messages(request, self.network.messages_of(self.me))

    async def conversation_events(self, request: web.Request) -> web.Response:
        """GET /2/dm_conversations/:id/dm_events."""
        here = request.match_info["id"]
        if self.me not in self.network.conversations.get(here, ()):
            raise Problem.not_found("dm_conversation", here)
        return _messages(request, [m for m in self.network.messages if m.conversation == here])

    async def file(self, request: web.Request) -> web.Response:
        """A photo or video as it was sent."""
        media = self.network.media.get(request.match_info["id"])
        if media is None:
            raise web.HTTPNotFound
        return web.Response(body=media.file.data, content_type=media.file.media_type)

    async def secret_file(self, request: web.Request) -> web.Response:
        """GET /2/dm_conversations/media/:dm_id/:media_id/:resource_id."""
        mine = (m.id for m in self.network.messages_of(self.me))
        media = self.network.media.get(request.match_info["id"])
        if media is None or request.match_info["message"] not in mine:
            raise Problem.not_found("media", request.match_info["id"])
        return web.Response(body=media.file.data, content_type="application/octet-stream")

    def _person(self, request: web.Request) -> Person:
        try:
            return self.network.people[request.match_info["id"]]
        except KeyError:
            raise Problem.not_found("user", request.match_info["id"]) from None


def _timeline(
    request: web.Request,
    newest_first: Iterable[Post],
    injected: Iterable[Any] = (),
    *,
    least: int = 5,
    more: frozenset[str] = frozenset(),
) -> web.Response:
    asked = Asked.of(request.query, PAGES | WINDOW | more, f"{request.url.origin()}")
    visible = (one for one in newest_first if not one.author.is_hidden)
    found = page(visible, request.query, least=least)
    data = [*injected, *(post(one, asked) for one in found.items)]
    meta: dict[str, Any] = {"result_count": len(data)}
    if found.items:
        meta |= {"newest_id": found.items[0].id, "oldest_id": found.items[-1].id}
    return _listed(data, found.items, asked, meta, found.next_token)


def _messages(request: web.Request, messages: list[DirectMessage]) -> web.Response:
    asked = Asked.of(request.query, PAGES | EVENTS, f"{request.url.origin()}")
    kinds = request.query.get("event_types", "MessageCreate,ParticipantsJoin,ParticipantsLeave")
    wanted = (one for one in reversed(messages) if one.kind in kinds.split(","))
    found = page(wanted, request.query, least=1)
    data = [direct_message(one, asked) for one in found.items]
    return _listed(data, found.items, asked, {"result_count": len(data)}, found.next_token)


def _listed(
    data: list[Any],
    items: Iterable[Post | DirectMessage],
    asked: Asked,
    meta: dict[str, Any],
    next_token: str | None,
) -> web.Response:
    if next_token:
        meta["next_token"] = next_token
    listed = list(items)
    along = {"includes": includes(listed, asked), "errors": problems(listed, asked)}
    body = {"data": data, **along}
    return answer({**{name: value for name, value in body.items() if value}, "meta": meta})
