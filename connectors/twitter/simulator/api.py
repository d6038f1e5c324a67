"""The endpoints of X's API v2 that a bot uses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
from aiohttp import web

from connectors.twitter.length import weighted_length
from connectors.twitter.simulator import present
from connectors.twitter.simulator.gate import Gate, Problem, answer
from connectors.twitter.simulator.network import DirectMessage, Network, Person, Post
from connectors.twitter.simulator.present import Asked
from connectors.twitter.simulator.upload import Uploads

LONGEST_POST, LONGEST_MESSAGE = 280, 10_000

Posted = Callable[[Post, str], None]
Messaged = Callable[[DirectMessage], None]


class Api:
    """Answers requests out of a `Network`.

    Args:
        me: the account that the bot speaks for.
        uploads: the files that it may attach.
        only_mentioned: whether replies are refused where the bot was not mentioned.
        posted: told of each post of the bot and the text it asked for.
        messaged: told of each direct message of the bot.
    """

    def __init__(
        self,
        network: Network,
        me: Person,
        uploads: Uploads,
        *,
        only_mentioned: bool,
        posted: Posted,
        messaged: Messaged,
    ) -> None:
        self.network, self.me, self.only_mentioned = network, me, only_mentioned
        self.uploads = uploads
        self.posted, self.messaged = posted, messaged

    def routes(self, app: web.Application, gate: Gate) -> None:
        """Add every endpoint to `app`."""
        for method, path, handler, app_may in (
            ("GET", "/2/users/me", self.users_me, False),
            ("GET", "/2/users/by/username/{username}", self.user_by_name, True),
            ("GET", "/2/users/{id}", self.user, True),
            ("GET", "/2/tweets/{id}", self.tweet, True),
            ("POST", "/2/tweets", self.create_tweet, False),
            ("POST", "/2/dm_conversations/{id}/messages", self.message_conversation, False),
            ("POST", "/2/dm_conversations/with/{id}/messages", self.message_person, False),
        ):
            app.router.add_route(method, path, gate.guard(handler, app_may=app_may))

    async def users_me(self, request: web.Request) -> web.Response:
        """GET /2/users/me."""
        Asked.of(request.query)
        return answer({"data": present.person(self.me)})

    async def user(self, request: web.Request) -> web.Response:
        """GET /2/users/:id."""
        Asked.of(request.query)
        key = request.match_info["id"]
        return _one("user", "id", key, self.network.people.get(key), present.person)

    async def user_by_name(self, request: web.Request) -> web.Response:
        """GET /2/users/by/username/:username."""
        Asked.of(request.query)
        name = request.match_info["username"]
        return _one("user", "username", name, self.network.by_username(name), present.person)

    async def tweet(self, request: web.Request) -> web.Response:
        """GET /2/tweets/:id."""
        asked, key = Asked.of(request.query), request.match_info["id"]
        found = self.network.posts.get(key)
        return _one("tweet", "id", key, found, lambda one: present.post(one, asked))

    async def create_tweet(self, request: web.Request) -> web.Response:
        """POST /2/tweets."""
        body = _body(await request.read())
        media = self.uploads.take(body.get("media", {}).get("media_ids"), "tweet")
        text, parent = _text(body, has_files=bool(media)), self._parent(body.get("reply"))
        if weighted_length(text) > LONGEST_POST:
            raise Problem.invalid("Your Tweet text is too long.")
        if not media and self.network.is_duplicate(self.me, text, parent):
            raise Problem(403, "You are not allowed to create a Tweet with duplicate content.")
        post = self.network.post(self.me, text, parent, media=media)
        self.posted(post, text)
        shown = present.post(post, Asked.of({}))
        return answer({"data": shown}, 201)

    async def message_conversation(self, request: web.Request) -> web.Response:
        """POST /2/dm_conversations/:id/messages."""
        return self._message(self._conversation(request), await request.read())

    async def message_person(self, request: web.Request) -> web.Response:
        """POST /2/dm_conversations/with/:participant_id/messages."""
        conversation = self.network.converse(self.me, self._person(request))
        return self._message(conversation, await request.read())

    def _message(self, conversation: str, raw: bytes) -> web.Response:
        body = _body(raw)
        wanted = [one.get("media_id") for one in body.get("attachments", ())]
        media = self.uploads.take(wanted, "dm")
        text = _text(body, has_files=bool(media))
        if len(text) > LONGEST_MESSAGE:
            raise Problem.invalid("The text of a Direct Message may have 10000 characters.")
        message = self.network.message(conversation, self.me, text, media=media)
        self.messaged(message)
        ids = {"dm_conversation_id": conversation, "dm_event_id": message.id}
        return answer({"data": ids}, 201)

    def _parent(self, reply: Any) -> Post | None:
        if not reply:
            return None
        post = self.network.posts.get(str(reply.get("in_reply_to_tweet_id")))
        if post is None:
            said = "You attempted to reply to a Tweet that is deleted or not visible to you."
            raise Problem(403, said)
        involved = post.author is self.me or self.me in post.mentioned
        if self.only_mentioned and not involved:
            said = "Reply to this conversation is not allowed because you have not been mentioned."
            raise Problem(403, said)
        return post

    def _person(self, request: web.Request) -> Person:
        try:
            return self.network.people[request.match_info["id"]]
        except KeyError:
            raise Problem.not_found("user", request.match_info["id"]) from None

    def _conversation(self, request: web.Request) -> str:
        key = request.match_info["id"]
        if self.me not in self.network.conversations.get(key, ()):
            raise Problem.not_found("dm_conversation", key)
        return key


def _one(
    resource: str, parameter: str, value: str, found: Any, shown: Callable[[Any], Any]
) -> web.Response:
    if found:
        return answer({"data": shown(found)})
    error = {
        "value": value,
        "detail": f"Could not find {resource} with {parameter}: [{value}].",
        "title": "Not Found Error",
        "resource_type": resource,
        "parameter": parameter,
        "resource_id": value,
        "type": "https://api.x.com/2/problems/resource-not-found",
    }
    # X answers 200 where it looked and found nothing.
    return answer({"errors": [error]})


def _body(raw: bytes) -> dict[str, Any]:
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError:
        body = None
    if not isinstance(body, dict):
        raise Problem.invalid("The request body is not a JSON object.")
    return body


def _text(body: dict[str, Any], *, has_files: bool = False) -> str:
    text = body.get("text", "")
    if not isinstance(text, str) or not (text.strip() or has_files):
        raise Problem.invalid("The text is missing.")
    return text
