"""Requests of our own, through the library's HTTP client: it keeps Discord's rate limits."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import aiohttp
from discord.http import HTTPClient, Route
from discord.utils import _to_json

from bot.errors import RateLimited, Unconfirmed
from bot.part import Receipt
from connectors.discord.errors import foreign_errors, retry_after
from connectors.discord.hush import HUSH

if TYPE_CHECKING:
    import discord

    from connectors.discord.client import Client

Json = dict[str, Any]

WORDS = aiohttp.ClientTimeout(total=30, connect=10)
FILES = aiohttp.ClientTimeout(total=600, connect=10, sock_read=60)
"""Seconds: 100 MiB take a while, a word does not. What runs out before there is a connection, a
search for the address too, is told apart: nothing was sent then."""


__all__ = ["Route", "Wire", "callback", "receipt"]


class Wire:
    """Asks Discord's API: `await wire(Route("GET", "/channels/{channel_id}", channel_id="1"))`.

    Args:
        enter: the client, once it is logged in.
        api_url: where the API is, version included.
    """

    def __init__(self, enter: Callable[[], Awaitable[Client]], api_url: str) -> None:
        self._enter, self._base = enter, api_url.rstrip("/")
        for name in ("http", "gateway"):
            logging.getLogger(f"discord.{name}").addFilter(HUSH)

    async def application(self) -> str:
        """The id of our application."""
        client = await self._enter()
        return str(client.application_id)

    async def __call__(
        self,
        route: Route,
        body: Any = None,
        *,
        files: Sequence[discord.File] = (),
        params: Mapping[str, str] | None = None,
        once: bool = False,
        needs: str = "Send Messages",
    ) -> Any:
        """Ask, and wait for the answer.

        Args:
            body: what becomes JSON.
            once: whether to ask no second time after an error of the server, since Discord would
                not know the repetition for one.
            needs: the permission that it takes, by its name in Discord's apps.

        Raises:
            Refused: Discord says no.
            Unconfirmed: the answer was lost, and the request was more than a question.
            RateLimited, Unavailable, Unauthorized: as `Connector.send`.
        """
        client = await self._enter()
        # Not by `Client.http.request`, which gives every request the same half a minute.
        route.url = self._base + route.url.removeprefix(Route.BASE)
        how: Json = {
            "timeout": FILES if files else WORDS,
            "raise_for_status": partial(_look, once=once),
        }
        if params:
            how["params"] = params
        if files:
            how |= {"files": files, "form": _form(body, files)}
        elif body is not None:
            how["json"] = body
        with foreign_errors(writing=route.method != "GET", needs=needs):
            return await HTTPClient.request(client.http, route, **how)


def callback(interaction: str, token: str) -> Route:
    """Where an interaction is answered at first."""
    path = "/interactions/{webhook_id}/{webhook_token}/callback"
    return Route("POST", path, webhook_id=interaction, webhook_token=token)


def receipt(sent: Any) -> Receipt:
    """The proof that Discord took a message: its id.

    Raises:
        Unconfirmed: the answer is not a message.
    """
    try:
        return Receipt(message=str(int(sent["id"])))
    except (LookupError, TypeError, ValueError):
        raise Unconfirmed("Discord did not answer with the message that it took") from None


def _form(body: Any, files: Sequence[discord.File]) -> list[Json]:
    # https://discord.com/developers/docs/reference#uploading-files
    parts = [
        {
            "name": f"files[{number}]",
            "value": file.fp,
            "filename": file.filename,
            "content_type": "application/octet-stream",
        }
        for number, file in enumerate(files)
    ]
    return [{"name": "payload_json", "value": _to_json(body)}, *parts]


async def _look(response: aiohttp.ClientResponse, *, once: bool) -> None:
    """Look at an answer before the library does, which would wait or ask again."""
    status, headers = response.status, response.headers
    if status >= 500 and once:  # noqa: PLR2004 - HTTP's own numbers are known by sight
        response.close()
        raise Unconfirmed(f"Discord failed with {status}: nobody knows what it did")
    if status == 429 and "X-RateLimit-Global" in headers:  # noqa: PLR2004 - likewise
        # The library would close a gate for all requests, and open it after its wait; whoever is
        # cancelled meanwhile, as typing is, leaves it closed for ever.
        response.close()
        raise RateLimited("the account sends too much", retry_after=retry_after(headers))
