"""X's API as we use it: tweepy, pointed at the address in the settings, with our errors."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote, urlencode

import aiohttp
import orjson
from oauthlib.oauth1 import Client as Signer  # type: ignore[import-untyped]  # it has no types
from tweepy.asynchronous import AsyncClient  # type: ignore[import-untyped]  # it has no types
from yarl import URL

from bot.errors import RateLimited, Unavailable
from connectors.twitter.errors import PAUSE, failure, refusal, wait

if TYPE_CHECKING:
    from connectors.twitter.config import TwitterConfig

TIMEOUT = aiohttp.ClientTimeout(total=30, sock_connect=10)
PAGE = 100
"""The largest page that X gives."""

POST_FIELDS = ["created_at", "conversation_id", "entities", "note_tweet", "referenced_tweets"]
USER_FIELDS = ["name", "username"]
DM_FIELDS = ["id", "text", "event_type", "created_at", "dm_conversation_id"]


@dataclass(frozen=True, slots=True)
class Found:
    """What X holds, newest first, each as it came.

    Args:
        users: who is named in it, by their ids.
    """

    items: list[Any] = field(default_factory=list)
    users: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What tweepy expects of a response: something to await the body of."""

    body: Any

    async def json(self) -> Any:
        """The body."""
        return self.body


class Windows:
    """Which endpoints are used up until when, as X's headers said."""

    def __init__(self) -> None:
        self._closed: dict[str, float] = {}

    def check(self, endpoint: str) -> None:
        """Refuse what X would answer with a 429.

        Raises:
            RateLimited: the endpoint's window is used up.
        """
        left = self._closed.get(endpoint, 0.0) - time.time()
        if left > 0:
            raise RateLimited(f"X: {endpoint} is used up for {left:.0f} s", retry_after=left)

    def note(self, endpoint: str, status: int, headers: Mapping[str, str]) -> None:
        """Learn from an answer."""
        pause = wait(headers)
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            pause = pause or PAUSE
        self._closed[endpoint] = time.time() + pause


class Client(AsyncClient):  # type: ignore[misc]  # it has no types
    """One account on X. Calls answer with the decoded body and raise a `DeliveryError`.

    Attributes:
        access: what the app may do, as X says: `read`, `read-write`,
            `read-write-directmessages`, or nothing while it has not been said.
    """

    def __init__(self, config: TwitterConfig, session: aiohttp.ClientSession) -> None:
        secrets = (config.access_token, config.access_token_secret)
        super().__init__(
            config.bearer_token.get_secret_value() if config.bearer_token else None,
            config.api_key.get_secret_value(),
            config.api_secret_key.get_secret_value(),
            *(secret.get_secret_value() for secret in secrets),
            return_type=dict,
        )
        self.session, self.access = session, ""
        self._base, self._windows = config.api_url.rstrip("/"), Windows()

    @classmethod
    @asynccontextmanager
    async def open(cls, config: TwitterConfig) -> AsyncIterator[Self]:
        """A client with its connections."""
        async with aiohttp.ClientSession(timeout=TIMEOUT) as session:
            yield cls(config, session)

    async def request(
        self,
        method: str,
        route: str,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        user_auth: bool = False,
    ) -> Answer:
        """Replaces tweepy's, which knows one host and signs for it."""
        endpoint = f"{method} {re.sub(r'(?<=.)/[0-9][0-9-]*', '/:id', route)}"
        self._windows.check(endpoint)
        query = urlencode(sorted((params or {}).items()), quote_via=quote, safe="")
        url = f"{self._base}{route}" + (f"?{query}" if query else "")
        status, headers, body = await self._exchange(method, url, json, user_auth=user_auth)
        self._windows.note(endpoint, status, headers)
        self.access = headers.get("x-access-level", self.access)
        if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            raise refusal(method, route, status, headers, body)
        return Answer(body)

    async def _exchange(
        self, method: str, url: str, json: Any, *, user_auth: bool
    ) -> tuple[int, Mapping[str, str], Any]:
        headers = {"User-Agent": self.user_agent, **self._authorization(method, url, user_auth)}
        if json is not None:
            headers["Content-Type"] = "application/json"
        try:
            async with self.session.request(
                method,
                URL(url, encoded=True),
                data=None if json is None else orjson.dumps(json),
                headers=headers,
                allow_redirects=False,
            ) as response:
                body = await response.read()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise failure(method, error) from error
        return response.status, response.headers, _decoded(body)

    def _authorization(self, method: str, url: str, user_auth: bool) -> dict[str, str]:
        if not user_auth:
            return {"Authorization": f"Bearer {self.bearer_token}"}
        signer = Signer(
            self.consumer_key, self.consumer_secret, self.access_token, self.access_token_secret
        )
        return dict(signer.sign(url, method)[1])

    async def mentions(self, me: str, since: int | None, start: datetime) -> Found:
        """Every post that mentions us after `since`, or after `start` where no `since` is known."""
        return await self._collect(
            self.get_users_mentions,
            id=me,
            since_id=since,
            start_time=None if since else start,
            **_posts(),
        )

    async def own_posts(self, me: str, since: str | None) -> Found:
        """Our posts after `since`; the newest 100 where there is no `since`."""
        return await self._collect(
            self.get_users_tweets, stop=lambda _: since is None, id=me, since_id=since, **_posts()
        )

    async def direct_messages(self, reached: Callable[[Any], bool]) -> Found:
        """The direct messages that came and went, back to the page with one that is `reached`.

        X keeps 30 days of them, and has no way to ask only for the new.
        """
        return await self._collect(
            self.get_direct_message_events,
            stop=lambda page: any(map(reached, page)),
            event_types="MessageCreate",
            dm_event_fields=DM_FIELDS,
            expansions=["sender_id"],
            user_fields=USER_FIELDS,
            max_results=PAGE,
        )

    async def _collect(
        self,
        call: Callable[..., Awaitable[Any]],
        *,
        stop: Callable[[list[Any]], bool] = lambda _: False,
        **arguments: Any,
    ) -> Found:
        found, token = Found(), None
        while True:
            page = await call(**arguments, pagination_token=token)
            items, users, following = _page(page)
            found.items.extend(items)
            found.users.update(users)
            if following in (None, token) or stop(items):
                return found
            token = following


def _posts() -> dict[str, Any]:
    return {
        "tweet_fields": POST_FIELDS,
        "expansions": ["author_id"],
        "user_fields": USER_FIELDS,
        "max_results": PAGE,
        "user_auth": True,
    }


def _page(page: Any) -> tuple[list[Any], dict[str, Any], str | None]:
    try:
        users = page.get("includes", {}).get("users", [])
        named = {user["id"]: user for user in users if isinstance(user, dict) and "id" in user}
        return list(page.get("data") or []), named, page.get("meta", {}).get("next_token")
    except (AttributeError, TypeError) as error:
        raise Unavailable(f"X answers with a page that is none: {error!r}") from error


def _decoded(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
