"""Updates that Telegram sends by itself: the route that takes them, and whether they come.

See https://core.telegram.org/bots/webhooks
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from errno import EADDRINUSE
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web
from telegram.error import TelegramError

from bot.errors import ConfigError
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


def routes(path: str, secret: str, take: Take) -> list[web.RouteDef]:
    """What to add to an aiohttp application so that it takes updates.

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

    return [web.post(path, receive)]


def _read(body: bytes) -> Any:
    """The update, or the text itself where it is none."""
    try:
        return AiohttpRequest.parse_json_payload(body)
    except TelegramError:
        return body.decode(errors="replace")


@asynccontextmanager
async def serve(url: str, secret: str, take: Take, *, host: str, port: int) -> AsyncIterator[None]:
    """Listen for as long as the block lasts.

    Raises:
        ConfigError: the port is taken, or the address is none of this machine.
    """
    app = web.Application()
    app.add_routes(routes(urlsplit(url).path or "/", secret, take))
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=5.0)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            raise _taken(host, port, error) from error
        yield
    finally:
        await runner.cleanup()


def _taken(host: str, port: int, error: OSError) -> ConfigError:
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
            fix="TELEGRAM_WEBHOOK_URL must lead here, by HTTPS on port 443, 80, 88 or 8443.",
        )
    return Health(status=Status.UP)
