"""What X is asked for, page by page, and paid for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from bot.errors import RateLimited, Unavailable
from bot.value import Value, now
from connectors.twitter.errors import OutOfCredit
from connectors.twitter.objects import Includes, early, number, said_at
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


class Span(Value):
    """What is asked for: what is new, or one page of what was left out before.

    Args:
        since: the newest id that is known; 0 on an account's first start.
        until: the oldest id that was read above it; 0 for what is new.
        page: the page that is the next, as X names it; direct messages cannot be asked for by id.
    """

    since: int = 0
    until: int = 0
    page: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What X holds, newest first, each as it came.

    Args:
        rest: the page that was not read; empty where all was.
    """

    items: tuple[Any, ...] = ()
    includes: Includes = field(default_factory=Includes)
    rest: str = ""


class Reader:
    """Asks X, and pays for what it gives."""

    def __init__(self, client: Client, purse: Purse) -> None:
        self._client, self._purse = client, purse

    async def mentions(self, me: str, span: Span, start: datetime) -> Found:
        """The posts that mention us, on a first start those after `start`.

        X promises no order, so what was said in the minute before is looked at once more.
        """
        return await self._collect(
            self._client.get_users_mentions,
            "owned",
            {"id": me, **_within(span, start), **POSTS},
            is_one=bool(span.until),
        )

    async def search(self, query: str, span: Span, start: datetime) -> Found:
        """The posts that the query is about, likewise; at most of the last seven days."""
        asked = _within(span, start)
        if span.since and said_at(span.since) < now() - SEARCHED:
            asked |= {"since_id": None, "start_time": now() - SEARCHED}
        return await self._collect(
            self._client.search_recent_tweets,
            "post",
            {"query": query, **asked, **POSTS},
            following="next_token",
            is_one=bool(span.until),
        )

    async def direct_messages(self, span: Span, reached: Callable[[Any], bool]) -> Found:
        """The direct messages that came and went, back to the page with one that is `reached`.

        X keeps 30 days of them, and has no way to ask only for the new: a short page comes first.
        """
        return await self._collect(
            self._client.get_direct_message_events,
            "dm",
            MESSAGES,
            first=PAGE if span.page else GLANCE,
            token=span.page or None,
            stop=lambda page: any(map(reached, page)),
            is_one=bool(span.until),
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
        token: str | None = None,
        following: str = "pagination_token",
        stop: Callable[[list[Any]], bool] = lambda _: False,
        is_one: bool = False,
    ) -> Found:
        items: list[Any] = []
        includes, size = Includes(), first
        while True:
            try:
                size = self.room(kind, size, LEAST[kind])
            except OutOfBudget:
                if items and token:
                    return Found(tuple(items), includes, rest=token)
                raise
            asked = {**arguments, "max_results": size, following: token}
            answer = await (_patiently(call, asked) if items else call(**asked))
            page, more, next_token = _page(answer)
            await self.pay(kind, page, more)
            items.extend(page)
            includes |= more
            if next_token in (None, token) or stop(page):
                return Found(tuple(items), includes)
            if is_one:
                return Found(tuple(items), includes, rest=f"{next_token}")
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


def _within(span: Span, start: datetime) -> dict[str, Any]:
    """As us, what is in there; X takes only one of the two beginnings."""
    return {
        "user_auth": True,
        "since_id": early(span.since) or None,
        "start_time": None if span.since else start,
        "until_id": span.until or None,
    }


def _page(answer: Any) -> tuple[list[Any], Includes, str | None]:
    try:
        items = list(answer.get("data") or [])
        return items, Includes.of(answer.get("includes")), answer.get("meta", {}).get("next_token")
    except (AttributeError, TypeError) as error:
        raise Unavailable(f"X answers with a page that is none: {error!r}") from error
