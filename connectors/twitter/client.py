"""X's API as we use it: tweepy, pointed at the address in the settings, with our errors."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from io import BytesIO
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote, urlencode

import aiohttp
import orjson
from oauthlib.oauth1 import Client as Signer  # type: ignore[import-untyped]  # it has no types
from tweepy.asynchronous import AsyncClient  # type: ignore[import-untyped]  # it has no types
from yarl import URL

from bot.errors import Unavailable
from connectors.twitter.errors import failure, refusal
from connectors.twitter.oauth2 import Login
from connectors.twitter.objects import decoded
from connectors.twitter.purse import Notes
from connectors.twitter.windows import Windows, kept

if TYPE_CHECKING:
    from connectors.twitter.config import TwitterConfig

TIMEOUT = aiohttp.ClientTimeout(total=30, connect=10)
UPLOAD_TIMEOUT = aiohttp.ClientTimeout(total=180, connect=10)
"""Seconds. What runs out before there is a connection, a search for the address too, is told apart:
nothing was sent then."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What tweepy expects of a response: something to await the body of."""

    body: Any

    async def json(self) -> Any:
        """The body."""
        return self.body


@dataclass(frozen=True, slots=True)
class Call:
    """One request.

    Args:
        as_us: whether it is made as our account; otherwise as the app.
        form: the fields of a multipart body, bytes being a file.
    """

    method: str
    url: str
    as_us: bool
    json: Any = None
    form: Mapping[str, Any] | None = None


Reply = tuple[int, Mapping[str, str], Any]
"""Status, headers and decoded body."""


class Client(AsyncClient):  # type: ignore[misc]  # it has no types
    """One account on X. Calls answer with the decoded body and raise a `DeliveryError`.

    Args:
        login: gives out access tokens of OAuth 2.0; None where the settings have those of 1.0a.

    Attributes:
        access: what the app may do, as X says: `read`, `read-write`,
            `read-write-directmessages`, or nothing while it has not been said.
    """

    def __init__(
        self,
        config: TwitterConfig,
        session: aiohttp.ClientSession,
        windows: Windows,
        login: Login | None = None,
    ) -> None:
        secrets = (config.access_token, config.access_token_secret)
        super().__init__(
            config.bearer_token.get_secret_value() if config.bearer_token else None,
            config.api_key.get_secret_value(),
            config.api_secret_key.get_secret_value(),
            *(secret.get_secret_value() for secret in secrets),
            return_type=dict,
        )
        self.session, self.windows, self.access = session, windows, ""
        self._base, self._login = config.api_url.rstrip("/"), login

    @classmethod
    @asynccontextmanager
    async def open(cls, config: TwitterConfig, notes: Notes) -> AsyncIterator[Self]:
        """A client with its connections.

        Args:
            notes: where it stores what a restart has to know.
        """
        async with AsyncExitStack() as stack:
            enter = stack.enter_async_context
            session = await enter(aiohttp.ClientSession(timeout=TIMEOUT))
            # aiohttp would send what a dropped connection lost with the same signature, which X may
            # take for a replay and refuse, as if our keys were wrong; `_reply` signs anew.
            session._retry_connection = False  # noqa: SLF001 - aiohttp has no setting for it
            windows = await enter(kept(notes))
            login = (
                await enter(Login.open(config, session, notes)) if config.refresh_token else None
            )
            yield cls(config, session, windows, login)

    async def request(
        self,
        method: str,
        route: str,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        user_auth: bool = False,
        *,
        form: Mapping[str, Any] | None = None,
    ) -> Answer:
        """Replaces tweepy's, which knows one host and signs for it."""
        endpoint = f"{method} {re.sub(r'(?<=.)/[0-9][0-9-]*', '/:id', route)}"
        query = urlencode(sorted((params or {}).items()), quote_via=quote, safe="")
        url = f"{self._base}{route}" + (f"?{query}" if query else "")
        with self.windows.asking(endpoint):
            status, headers, body = await self._reply(Call(method, url, user_auth, json, form))
            self.windows.note(endpoint, status, headers)
        self.access = headers.get("x-access-level") or self._allowed()
        if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            signed = user_auth and self._login is None
            raise refusal(method, route, status, headers, body, signed=signed)
        return Answer(body)

    async def authorization(
        self, method: str, url: str, *, as_us: bool = True, refused: str = ""
    ) -> dict[str, str]:
        """The headers that let us make a request.

        Args:
            as_us: whether to make it as our account; otherwise as the app.
            refused: an access token that X does not take any more.
        """
        if not as_us:
            return {"Authorization": f"Bearer {self.bearer_token}"}
        if self._login:
            return {"Authorization": f"Bearer {await self._login.token(refused)}"}
        signer = Signer(
            self.consumer_key, self.consumer_secret, self.access_token, self.access_token_secret
        )
        return dict(signer.sign(url, method)[1])

    async def _reply(self, call: Call) -> Reply:
        authorization = await self.authorization(call.method, call.url, as_us=call.as_us)
        try:
            reply = await self._exchange(call, authorization)
        except Unavailable as error:
            if not _is_dropped(error):
                raise
            again = await self.authorization(call.method, call.url, as_us=call.as_us)
            reply = await self._exchange(call, again)
        if reply[0] == HTTPStatus.UNAUTHORIZED and call.as_us and self._login:
            # The access token ended before its time: X did nothing, so it is asked once more.
            refused = authorization["Authorization"].removeprefix("Bearer ")
            again = await self.authorization(call.method, call.url, refused=refused)
            reply = await self._exchange(call, again)
        return reply

    async def _exchange(self, call: Call, authorization: Mapping[str, str]) -> Reply:
        try:
            async with self.session.request(
                call.method,
                URL(call.url, encoded=True),
                data=_data(call),
                headers={"User-Agent": self.user_agent, **authorization, **_described(call)},
                allow_redirects=False,
                timeout=UPLOAD_TIMEOUT if call.form else TIMEOUT,
            ) as response:
                body = await response.read()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise failure(call.method, error) from error
        return response.status, response.headers, decoded(body)

    def _allowed(self) -> str:
        return self._login.access if self._login else self.access


def _is_dropped(error: Unavailable) -> bool:
    """Whether a connection that was kept open had been closed; only of what changes nothing."""
    cause = error.__cause__
    is_new = isinstance(cause, aiohttp.ClientConnectorError)
    return isinstance(cause, aiohttp.ServerDisconnectedError | aiohttp.ClientOSError) and not is_new


def _data(call: Call) -> bytes | aiohttp.FormData | None:
    if call.form is None:
        return None if call.json is None else orjson.dumps(call.json)
    form = aiohttp.FormData()
    for name, value in call.form.items():
        if isinstance(value, bytes):
            # As a file, it goes out bit by bit and lets others have their turn.
            form.add_field(name, BytesIO(value), filename=name)
        else:
            form.add_field(name, value)
    return form


def _described(call: Call) -> dict[str, str]:
    return {} if call.json is None else {"Content-Type": "application/json"}
