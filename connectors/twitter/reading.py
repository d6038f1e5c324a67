"""What X is asked for, page by page, and paid for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from bot.errors import RateLimited, Unavailable
from bot.value import now
from connectors.twitter.errors import OutOfCredit
from connectors.twitter.objects import Includes, number, said_at
from connectors.twitter.purse import OutOfBudget, Purse

if TYPE_CHECKING:
    from connectors.twitter.client import Client

PAGE = 100
"""The largest page that X gives."""

GLANCE = 10
"""How many direct messages are read where probably all are known."""

LEAST = {"owned": 5, "post": 10, "dm": 1}
"""The smallest pages of mentions, searches and direct messages (docs.x.com, API reference)."""

ALONG = {"owned": ("post", "user", "media"), "post": ("post", "user", "media"), "dm": ("media",)}
"""What may come with each, besides who said it: what it answers, by whom, and a file."""

SEARCHED = timedelta(days=6, hours=23)
"""How far back a recent search reaches, a little less than a week (docs.x.com, search)."""

MEDIA_FIELDS = "media_key,type,url,preview_image_url,variants,duration_ms,alt_text"
USER_FIELDS = "name,username,profile_image_url"
POST_FIELDS = (
    "created_at,conversation_id,in_reply_to_user_id,entities,note_tweet,referenced_tweets,"
    "attachments"
)
POSTS = {
    "tweet_fields": POST_FIELDS,
    "expansions": "author_id,attachments.media_keys,attachments.poll_ids,referenced_tweets.id,"
    "referenced_tweets.id.author_id",
    "user_fields": USER_FIELDS,
    "media_fields": MEDIA_FIELDS,
    "poll_fields": "options,end_datetime,voting_status",
}
MESSAGES = {
    "dm_event_fields": "id,text,event_type,created_at,dm_conversation_id,attachments,entities",
    "event_types": "MessageCreate,ParticipantsJoin,ParticipantsLeave",
    "expansions": "sender_id,participant_ids,attachments.media_keys",
    "user_fields": USER_FIELDS,
    "media_fields": MEDIA_FIELDS,
}


@dataclass(frozen=True, slots=True)
class Found:
    """What X holds, newest first, each as it came.

    Args:
        is_cut: whether there is more that the budget does not allow to be read.
    """

    items: tuple[Any, ...] = ()
    includes: Includes = field(default_factory=Includes)
    is_cut: bool = False


class Reader:
    """Asks X, and pays for what it gives."""

    def __init__(self, client: Client, purse: Purse) -> None:
        self._client, self._purse = client, purse

    async def mentions(self, me: str, since: int, start: datetime) -> Found:
        """Every post that mentions us after the id `since`, or after `start` where that is 0."""
        return await self._collect(
            self._client.get_users_mentions,
            "owned",
            {"id": me, **_after(since, start), **POSTS},
        )

    async def search(self, query: str, since: int, start: datetime) -> Found:
        """Every post that the query is about, likewise; at most of the last seven days."""
        if since and said_at(since) < now() - SEARCHED:
            since, start = 0, now() - SEARCHED
        return await self._collect(
            self._client.search_recent_tweets,
            "post",
            {"query": query, **_after(since, start), **POSTS},
            following="next_token",
        )

    async def direct_messages(self, reached: Callable[[Any], bool]) -> Found:
        """The direct messages that came and went, back to the page with one that is `reached`.

        X keeps 30 days of them, and has no way to ask only for the new: a short page comes first.
        """
        return await self._collect(
            self._client.get_direct_message_events,
            "dm",
            MESSAGES,
            first=GLANCE,
            stop=lambda page: any(map(reached, page)),
        )

    async def conversation(self, key: str) -> Found:
        """The newest of one conversation's direct messages."""
        return await self._collect(
            self._client.get_direct_message_events,
            "dm",
            {**MESSAGES, "dm_conversation_id": key},
            first=GLANCE,
            stop=lambda _: True,
        )

    def room(self, kind: str, most: int = 1, least: int = 1) -> int:
        """How many things of a kind the budget allows to be read.

        Raises:
            OutOfBudget: not even `least`.
        """
        return self._purse.room(kind, "user", along=ALONG[kind], most=most, least=least)

    async def pay(self, kind: str, items: Iterable[Any], includes: Includes) -> None:
        """Pay for things of a kind and all that came along with them."""
        along = {"user": includes.users, "media": includes.media}
        bought = {name: list(objects) for name, objects in along.items()}
        bought[kind] = [f"{number(raw)}" for raw in items if number(raw)]
        bought["post"] = [*bought.get("post", ()), *includes.posts]
        await self._purse.pay_all(bought)

    async def _collect(
        self,
        call: Callable[..., Awaitable[Any]],
        kind: str,
        arguments: Mapping[str, Any],
        *,
        first: int = PAGE,
        following: str = "pagination_token",
        stop: Callable[[list[Any]], bool] = lambda _: False,
    ) -> Found:
        items: list[Any] = []
        includes, token, size = Includes(), None, first
        while True:
            try:
                size = self.room(kind, size, LEAST[kind])
            except OutOfBudget:
                if items:
                    return Found(tuple(items), includes, is_cut=True)
                raise
            asked = {**arguments, "max_results": size, following: token}
            answer = await (_patiently(call, asked) if items else call(**asked))
            page, more, next_token = _page(answer)
            await self.pay(kind, page, more)
            items.extend(page)
            includes |= more
            if next_token in (None, token) or stop(page):
                return Found(tuple(items), includes)
            token, size = next_token, PAGE


async def _patiently(call: Callable[..., Awaitable[Any]], asked: Mapping[str, Any]) -> Any:
    """Ask for one more page, also if that has to wait for the next window.

    To begin anew would use up that one as well, and where there is much, never come to an end.
    """
    while True:
        try:
            return await call(**asked)
        except OutOfCredit:
            raise
        except RateLimited as error:
            await asyncio.sleep(error.retry_after)


def _after(since: int, start: datetime) -> dict[str, Any]:
    """As us, what is newer; X takes only one of the two."""
    return {"user_auth": True, "since_id": since or None, "start_time": None if since else start}


def _page(answer: Any) -> tuple[list[Any], Includes, str | None]:
    try:
        items = list(answer.get("data") or [])
        return items, Includes.of(answer.get("includes")), answer.get("meta", {}).get("next_token")
    except (AttributeError, TypeError) as error:
        raise Unavailable(f"X answers with a page that is none: {error!r}") from error
