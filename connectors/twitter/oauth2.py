"""OAuth 2.0 for one account: access tokens that live two hours, and how the next one is got.

X gives a new refresh token with every access token, and the old one is worth nothing then
(docs.x.com/fundamentals/authentication/oauth-2-0/authorization-code). So the new one is stored
before anything is done with the other, and the setting only says where the chain begins: each note
names the setting that it stems from, so that a new setting begins a new chain.
"""

from __future__ import annotations

import asyncio
import time
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Self

import aiohttp
from pydantic import Field, ValidationError

from bot.errors import StoreError, Unavailable
from bot.value import Value
from connectors.twitter.errors import failure, refused_login
from connectors.twitter.objects import decoded
from connectors.twitter.purse import Notes

if TYPE_CHECKING:
    from connectors.twitter.config import TwitterConfig

EARLY = 60.0
"""Seconds before its end from which on an access token is not used."""

LIFE = 7200.0
"""Seconds that an access token lives where X does not say."""

NOTE = "oauth2"

UNSTORED = (
    "the tokens of X need to be renewed, and the database takes no new ones: if a bot runs with "
    "it, it renews them itself; otherwise make room on disk"
)


class Tokens(Value):
    """What X gave last.

    Args:
        origin: a digest of the setting that the chain of tokens began with.
        ends: when the access token ends, by `time.time()`.
        scope: what it allows.
    """

    origin: str
    refresh: str = Field(repr=False)
    access: str = Field("", repr=False)
    ends: float = 0.0
    scope: str = ""

    def serves(self, refused: str) -> bool:
        """Whether the access token is good for a while, and is not the one that was refused."""
        return self.access not in ("", refused) and time.time() < self.ends - EARLY


class Login:
    """Gives out access tokens, and gets a new one when it is time.

    Args:
        notes: where the tokens are stored.
    """

    def __init__(self, config: TwitterConfig, session: aiohttp.ClientSession, notes: Notes) -> None:
        assert config.refresh_token
        self._config, self._session, self._notes = config, session, notes
        first = config.refresh_token.get_secret_value()
        origin = sha256(f"{config.client_id}\n{first}".encode()).hexdigest()
        self._tokens = self._first = Tokens(origin=origin, refresh=first)
        self._fresh: Tokens | None = None
        self._renewal: asyncio.Task[None] | None = None

    @classmethod
    @asynccontextmanager
    async def open(
        cls, config: TwitterConfig, session: aiohttp.ClientSession, notes: Notes
    ) -> AsyncIterator[Self]:
        """A login that, at the end, waits for the token that X may just be giving."""
        login = cls(config, session, notes)
        try:
            yield login
        finally:
            if login._renewal:
                await asyncio.gather(login._renewal, return_exceptions=True)

    @property
    def access(self) -> str:
        """What the account allows the app, in the words of OAuth 1.0a; empty until X has said."""
        scope = self._tokens.scope.split()
        if "dm.write" in scope:
            return "read-write-directmessages"
        if "tweet.write" in scope:
            return "read-write"
        return "read" if scope else ""

    async def token(self, refused: str = "") -> str:
        """An access token; however many ask at once, X is asked once.

        Args:
            refused: the one that X does not take any more.

        Raises:
            Unauthorized: X does not take the refresh token any more: a person has to get a new one.
            Unavailable: X cannot be reached, or the new tokens cannot be stored.
        """
        if not self._tokens.serves(refused):
            if self._renewal is None or self._renewal.done():
                self._renewal = asyncio.create_task(self._renew(refused))
            # Who does not wait any more must not keep the new tokens from being stored.
            await asyncio.shield(self._renewal)
        return self._tokens.access

    async def _renew(self, refused: str) -> None:
        note = await self._notes.note(NOTE)
        stored = self._read(note)
        if not self._fresh and stored.serves(refused):
            self._tokens = stored
            return
        try:
            if self._fresh is None:
                # X takes the old refresh token back with its answer. Where nothing can be stored,
                # as beside a bot that has the database, the new one would be lost: so try first.
                await self._notes.keep(NOTE, note or stored.model_dump_json())
                self._fresh = await self._granted(stored)
            await self._notes.keep(NOTE, self._fresh.model_dump_json())
        except StoreError as error:
            raise Unavailable(f"{UNSTORED} ({error})") from error
        self._tokens, self._fresh = self._fresh, None

    def _read(self, note: str | None) -> Tokens:
        try:
            stored = Tokens.model_validate_json(note or "{}")
        except ValidationError:
            return self._first
        return stored if stored.origin == self._first.origin else self._first

    async def _granted(self, old: Tokens) -> Tokens:
        answer = await self._ask(old.refresh)
        try:
            return Tokens(
                origin=old.origin,
                refresh=answer.get("refresh_token") or old.refresh,
                access=answer["access_token"],
                ends=time.time() + float(answer.get("expires_in") or LIFE),
                scope=answer.get("scope") or old.scope,
            )
        except (AttributeError, KeyError, TypeError, ValueError):
            # What came is not shown: it may hold tokens.
            raise Unavailable("X gives no access token, and no reason") from None

    async def _ask(self, refresh: str) -> Any:
        secret, headers = self._config.client_secret, {}
        form = {"grant_type": "refresh_token", "refresh_token": refresh}
        if secret:
            headers["Authorization"] = _basic(self._config.client_id, secret.get_secret_value())
        else:
            form["client_id"] = self._config.client_id
        url = f"{self._config.api_url.rstrip('/')}/2/oauth2/token"
        try:
            async with self._session.post(
                url, data=form, headers=headers, allow_redirects=False
            ) as response:
                body = decoded(await response.read())
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise failure("GET", error) from error  # asking once more does no harm
        if response.status == HTTPStatus.OK:
            return body
        raise refused_login(response.status, response.headers, body)


def _basic(name: str, secret: str) -> str:
    return f"Basic {b64encode(f'{name}:{secret}'.encode()).decode()}"
