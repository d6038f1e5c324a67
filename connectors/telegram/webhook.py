"""Updates that Telegram sends by itself: the door that they come in by, and whether they come.

See https://core.telegram.org/bots/webhooks
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from errno import EADDRINUSE
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote, urlsplit

from aiohttp import web
from telegram.error import TelegramError

from bot.doors import Doors, Handler
from bot.errors import ConfigError
from bot.porter import listening, taken
from bot.service import Health, Status
from bot.value import now
from connectors.telegram.request import AiohttpRequest

HEADER = "X-Telegram-Bot-Api-Secret-Token"
LARGEST = 2**20
"""Bytes of an update that we read; the largest that Telegram makes are far below."""

NOTE = "webhook"
"""The note that holds the address that we gave Telegram."""

LOOK = 60.0
"""Seconds between two looks at what Telegram says of the webhook."""

Take = Callable[[Any], Awaitable[bool]]


def receiver(secret: str, take: Take) -> Handler:
    """What answers Telegram when it brings an update.

    Args:
        secret: what Telegram shows with each update.
        take: stores an update; False if it could not, and Telegram is to try again.
    """
    one_at_a_time = asyncio.Lock()  # a repetition must not overtake what it repeats

    async def receive(request: web.Request) -> web.Response:
        shown = request.headers.get(HEADER, "")
        if not hmac.compare_digest(shown.encode(errors="replace"), secret.encode()):
            return web.Response(status=HTTPStatus.FORBIDDEN)
        if (request.content_length or LARGEST) >= LARGEST:  # Telegram always tells the length
            return web.Response(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        update = _read(await request.read())
        async with one_at_a_time:
            is_stored = await take(update)
        return web.Response(status=HTTPStatus.OK if is_stored else HTTPStatus.SERVICE_UNAVAILABLE)

    return receive


def _read(body: bytes) -> Any:
    """The update, or the text itself where it is none."""
    try:
        return AiohttpRequest.parse_json_payload(body)
    except TelegramError:
        return body.decode(errors="replace")


@asynccontextmanager
async def door(
    url: str, receive: Handler, doors: Doors, *, host: str, port: int | None
) -> AsyncIterator[None]:
    """Let updates in for as long as the block lasts.

    Args:
        url: the address that Telegram has; its path is that of the door.
        doors: those of the bot's HTTP server, which has it.
        port: of a server of our own, which has it instead; None for none.

    Raises:
        ConfigError: the path or the port is taken, or the address is none of this machine.
    """
    path = unquote(urlsplit(url).path) or "/"
    if port is None:
        with doors.open("POST", path, receive):
            yield
        return
    async with _server(path, receive, host, port):
        yield


@asynccontextmanager
async def _server(path: str, receive: Handler, host: str, port: int) -> AsyncIterator[None]:
    app = web.Application()
    app.router.add_post(path, receive)
    async with AsyncExitStack() as stack:
        try:
            sockets = stack.enter_context(taken(host, port))
        except OSError as error:
            raise _refused(host, port, error) from error
        await stack.enter_async_context(listening(app, sockets))
        yield


def _refused(host: str, port: int, error: OSError) -> ConfigError:
    if error.errno == EADDRINUSE:
        return ConfigError(
            f"port {port} is in use, and Telegram's updates are to come there",
            fix="Set TELEGRAM_WEBHOOK_PORT to a free one, or stop what listens on it.",
        )
    return ConfigError(
        f"cannot listen on {host}, port {port}: {error.strerror or error}",
        fix="Set TELEGRAM_WEBHOOK_HOST to an address of this machine, and TELEGRAM_WEBHOOK_PORT.",
    )


def derived(token: str) -> str:
    """A secret that only who has the token can compute, the same after every restart."""
    return hmac.digest(token.encode(), b"townhall webhook", "sha256").hex()


def is_same(url: str, other: str) -> bool:
    """Whether two addresses lead to one place, however Telegram writes them."""
    places = [(where.hostname, where.path.rstrip("/")) for where in map(urlsplit, (url, other))]
    return places[0] == places[1]


def judged(info: dict[str, Any], url: str) -> Health:
    """How a webhook fares, by what Telegram says of it.

    Args:
        url: the address that we gave.
    """
    if not is_same(actual := str(info.get("url", "")), url):
        where = urlsplit(actual).hostname
        return Health(
            status=Status.DEGRADED,
            why=f"the webhook now leads to {where}" if where else "the webhook was removed",
            fix="Another process uses this token: stop it, or give each a bot of its own.",
        )
    since = now().timestamp() - float(info.get("last_error_date") or 0)
    if info.get("pending_update_count") and since < 2 * LOOK:
        return Health(
            status=Status.DEGRADED,
            why=f"Telegram cannot hand over updates: {info.get('last_error_message')}",
            fix="TELEGRAM_WEBHOOK_URL must lead, by HTTPS on port 443, 80, 88 or 8443, to"
            " TELEGRAM_WEBHOOK_PORT, or else to TOWNHALL_HTTP_PORT.",
        )
    return Health(status=Status.UP)
