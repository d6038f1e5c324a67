"""The one place where discord.py's errors become ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp
import discord

from bot.errors import (
    DeliveryError,
    RateLimited,
    Rejected,
    Unauthorized,
    Unavailable,
    Unconfirmed,
)

REFUSED = (
    "Discord refuses the bot token. Reset it in the Developer Portal"
    " (https://discord.com/developers/applications > the application > Bot > Reset Token)"
    " and set DISCORD_BOT_TOKEN."
)
AUTHENTICATION_FAILED = 4004
"""https://discord.com/developers/docs/topics/opcodes-and-status-codes#gateway"""
BANNED_FOR = 60.0
"""How long to wait, in seconds, when a limit does not say."""


@contextmanager
def foreign_errors(*, writing: bool) -> Iterator[None]:
    """Raise our errors in place of the library's.

    Args:
        writing: whether a lost answer leaves a message behind that we do not know of.
    """
    try:
        yield
    except (
        discord.DiscordException,
        aiohttp.ClientError,
        OSError,
        RuntimeError,
        LookupError,
        TypeError,
        ValueError,
    ) as error:
        raise translated(error, writing=writing) from error


def translated(error: Exception, *, writing: bool) -> DeliveryError:
    """What the caller has to know of the library's error."""
    match error:
        case discord.LoginFailure():
            return Unauthorized(REFUSED)
        case discord.ConnectionClosed(code=code) if code == AUTHENTICATION_FAILED:
            return Unauthorized(REFUSED)
        case discord.RateLimited():
            return RateLimited(str(error), retry_after=error.retry_after, room=True)
        case discord.HTTPException():
            return _refused(error, writing=writing)
        case aiohttp.ClientConnectorError() | aiohttp.ConnectionTimeoutError() | RuntimeError():
            # The library's only RuntimeError is that of a session which we have closed.
            return Unavailable(f"Discord cannot be reached: {error}")
    # A lost connection, a time-out, or an answer that makes no sense.
    return _lost(f"Discord did not answer: {error or error.__class__.__name__}", writing=writing)


def _refused(error: discord.HTTPException, *, writing: bool) -> DeliveryError:
    words = f"{error.text or error.response.reason} (Discord {error.status}, code {error.code})"
    if error.status == 401:  # noqa: PLR2004 - HTTP's own numbers are known by sight
        return Unauthorized(REFUSED)
    if error.status == 429:  # noqa: PLR2004 - likewise
        return _limited(error, words)
    if error.status >= 500:  # noqa: PLR2004 - likewise
        return _lost(words, writing=writing)
    return Rejected(words)


def _limited(error: discord.HTTPException, words: str) -> RateLimited:
    # The library waits for Discord's own limits. Here it gave up, or Cloudflare answered in
    # Discord's place (no `Via` header), which the library takes for a ban of our address.
    headers = error.response.headers
    wait = float(headers.get("Retry-After") or BANNED_FOR)
    is_room = "X-RateLimit-Bucket" in headers and "X-RateLimit-Global" not in headers
    return RateLimited(words, retry_after=wait, room=is_room)


def _lost(words: str, *, writing: bool) -> DeliveryError:
    return Unconfirmed(words) if writing else Unavailable(words)
