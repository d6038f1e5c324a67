"""What the bot does to posts and messages on a simulated X: likes, reposts, deletions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable

import orjson
from aiohttp import web

from connectors.twitter.simulator.gate import Gate, Problem, answer
from connectors.twitter.simulator.network import Network, Person, Post


class Acts:
    """Answers requests to do something to what is there.

    Args:
        me: the account that the bot speaks for.
        deleted: told of the id of each post or message that is gone.

    Attributes:
        likes, reposts: the ids of people, by the first id of the post.
    """

    def __init__(self, network: Network, me: Person, deleted: Callable[[str], None]) -> None:
        self.network, self.me, self.deleted = network, me, deleted
        self.likes: defaultdict[str, list[str]] = defaultdict(list)
        self.reposts: defaultdict[str, list[str]] = defaultdict(list)

    def routes(self, app: web.Application, gate: Gate) -> None:
        """Add the endpoints to `app`."""
        for method, path, handler in (
            ("POST", "/2/users/{id}/likes", self.like),
            ("DELETE", "/2/users/{id}/likes/{tweet_id}", self.unlike),
            ("POST", "/2/users/{id}/retweets", self.repost),
            ("DELETE", "/2/tweets/{id}", self.delete_post),
            ("DELETE", "/2/dm_events/{id}", self.delete_message),
        ):
            app.router.add_route(method, path, gate.guard(handler, app_may=False))

    async def like(self, request: web.Request) -> web.Response:
        """POST /2/users/:id/likes: once more is as good as once."""
        post = await self._asked(request)
        if self.me.id not in self.likes[post.history[0]]:
            self.likes[post.history[0]].append(self.me.id)
        return answer({"data": {"liked": True}})

    async def unlike(self, request: web.Request) -> web.Response:
        """DELETE /2/users/:id/likes/:tweet_id."""
        post = self._post(request.match_info["tweet_id"])
        if self.me.id in self.likes[post.history[0]]:
            self.likes[post.history[0]].remove(self.me.id)
        return answer({"data": {"liked": False}})

    async def repost(self, request: web.Request) -> web.Response:
        """POST /2/users/:id/retweets: once more is refused."""
        post = await self._asked(request)
        if self.me.id in self.reposts[post.history[0]]:
            said = "You cannot retweet a Tweet that you have already retweeted."
            raise Problem(403, said)
        self.reposts[post.history[0]].append(self.me.id)
        return answer({"data": {"rest_id": post.id, "retweeted": True}})

    async def delete_post(self, request: web.Request) -> web.Response:
        """DELETE /2/tweets/:id: one that is gone is as good as deleted."""
        post = self.network.posts.get(request.match_info["id"])
        if post and post.author is not self.me:
            raise Problem(403, "You are not permitted to delete this Tweet.")
        if post:
            self.network.delete(post)
            self.deleted(post.history[0])
        return answer({"data": {"deleted": True}})

    async def delete_message(self, request: web.Request) -> web.Response:
        """DELETE /2/dm_events/:id."""
        key = request.match_info["id"]
        found = next((one for one in self.network.messages if one.id == key), None)
        if found is None:
            raise Problem.not_found("dm_event", key)
        if found.sender is not self.me:
            raise Problem(403, "You are not permitted to delete this Direct Message.")
        self.network.messages.remove(found)
        self.deleted(key)
        return answer({"data": {"deleted": True}})

    async def _asked(self, request: web.Request) -> Post:
        if request.match_info["id"] != self.me.id:
            raise Problem(403, "You are not allowed to act for another account.")
        return self._post(str(orjson.loads(await request.read()).get("tweet_id")))

    def _post(self, key: str) -> Post:
        if key not in self.network.posts:
            raise Problem.not_found("tweet", key)
        return self.network.posts[key]
