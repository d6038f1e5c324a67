"""The one place where discord.py's errors become ours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
from connectors.discord.hush import hushed

REFUSED = "Discord refuses the bot token"
RESET = (
    "Reset it in the Developer Portal"
    " (https://discord.com/developers/applications > the application > Bot > Reset Token)"
    " and set DISCORD_BOT_TOKEN."
)
INSTEAD = "a proxy answers in Discord's place, or DISCORD_API_URL is wrong"
AUTHENTICATION_FAILED = 4004
"""https://discord.com/developers/docs/topics/opcodes-and-status-codes#gateway"""
BANNED_FOR = 60.0
"""How long to wait, in seconds, when a limit does not say."""

# https://discord.com/developers/docs/topics/opcodes-and-status-codes#json
UNKNOWN_CHANNEL, UNKNOWN_MESSAGE, UNKNOWN_EMOJI, UNKNOWN_WEBHOOK = 10003, 10008, 10014, 10015
UNKNOWN_INTERACTION, INVALID_TOKEN = 10062, 50027
NO_ACCESS, NOT_OURS, NO_DIRECT, NO_PERMISSION = 50001, 50005, 50007, 50013
HAS_THREAD = 160004

HINTS = {
    NO_ACCESS: "The bot does not see this channel: Edit Channel > Permissions > add the bot, and"
    " allow View Channel.",
    NO_DIRECT: "This person takes no direct messages from the bot: they blocked it, share no"
    " server with it, or switched off Privacy Settings > Direct Messages of the server.",
    NO_PERMISSION: "The bot may not do this here: Edit Channel > Permissions > the bot's role >"
    " allow {needs}.",
    20016: "The channel is in slow mode, and the bot is not exempt: allow it Manage Messages.",
    20028: "The channel takes no more messages at the moment.",
    30007: "The channel has as many webhooks as it can have, 15: delete one in Edit Channel >"
    " Integrations > Webhooks.",
    30010: "The message has as many reactions as it can have, 20.",
    40005: "The files are too large for this server.",
    50008: "Nothing can be said in a channel of this kind; in a forum, name the post (a thread).",
    50024: "A channel of this kind cannot do that.",
    50083: "The thread is archived: open it again, or allow the bot Manage Threads.",
    50278: "The bot and this person share no server, so it cannot write to them.",
    90001: "The author of the message blocked the bot, so it cannot react to it.",
    160002: "The bot may not see the message that it answers: Edit Channel > Permissions > the"
    " bot's role > allow Read Message History.",
    160005: "The thread is locked: unlock it, or allow the bot Manage Threads.",
    160006: "The server has as many active threads as it can have: archive some.",
    200000: "AutoMod of the server blocks this text: Server Settings > AutoMod.",
    240000: "Discord takes a link in this text for a harmful one.",
}
"""What to click."""


class Refused(Rejected):
    """Discord says no, by a number.

    Args:
        code: see https://discord.com/developers/docs/topics/opcodes-and-status-codes#json
    """

    def __init__(self, message: str, code: int) -> None:
        self.code = code
        super().__init__(message)


@contextmanager
def foreign_errors(*, writing: bool, needs: str = "Send Messages") -> Iterator[None]:
    """Raise our errors in place of the library's.

    Args:
        writing: whether a lost answer leaves a message behind that we do not know of.
        needs: the permission that it takes, by its name in Discord's apps.
    """
    try:
        yield
    except (
        discord.DiscordException,
        aiohttp.ClientError,
        AttributeError,
        OSError,
        RuntimeError,
        LookupError,
        TypeError,
        ValueError,
    ) as error:
        cause = error if hushed(str(error)) == str(error) else None  # tracebacks would tell it
        raise translated(error, writing=writing, needs=needs) from cause


def translated(error: Exception, *, writing: bool, needs: str = "") -> DeliveryError:
    """What the caller has to know of the library's error."""
    match error:
        case discord.LoginFailure():
            return Unauthorized(REFUSED, fix=RESET)
        case discord.ConnectionClosed(code=code) if code == AUTHENTICATION_FAILED:
            return Unauthorized(REFUSED, fix=RESET)
        case discord.RateLimited():
            return RateLimited(str(error), retry_after=error.retry_after, room=True)
        case discord.HTTPException():
            return _refused(error, writing=writing, needs=needs)
        case aiohttp.ClientConnectorError() | aiohttp.ConnectionTimeoutError() | RuntimeError():
            # The library's only RuntimeError is that of a session which we have closed.
            return Unavailable(f"Discord cannot be reached: {hushed(str(error))}")
    # A lost connection, a time-out, or an answer that makes no sense.
    why = hushed(str(error)) or error.__class__.__name__
    # A connection that was kept open may be closing just when it is to be used again.
    is_unwritten = aiohttp.ClientConnectionResetError in (type(error), type(error.__cause__))
    return _lost(f"Discord did not answer: {why}", writing=writing and not is_unwritten)


def _refused(error: discord.HTTPException, *, writing: bool, needs: str) -> DeliveryError:
    words = f"{error.text or error.response.reason} (Discord {error.status}, code {error.code})"
    if error.status == 429:  # noqa: PLR2004 - HTTP's own numbers are known by sight
        return _limited(error, words)
    if error.status >= 500:  # noqa: PLR2004 - likewise
        return _lost(words, writing=writing)
    if not _is_discords(error):
        return _lost(f"{INSTEAD} (HTTP {error.status})", writing=writing)
    is_ours = error.code != INVALID_TOKEN  # which is the token of an interaction or a webhook
    if error.status == 401 and is_ours:  # noqa: PLR2004 - likewise
        return Unauthorized(REFUSED, fix=RESET)
    hint = HINTS.get(error.code, "").format(needs=needs)
    return Refused(f"{words}. {hint}" if hint else words, error.code)


def _is_discords(error: discord.HTTPException) -> bool:
    """Whether Discord itself refuses, and not a proxy on the way with a page of its own.

    Too large is too large, whoever says so.
    https://discord.com/developers/docs/reference#error-messages
    """
    is_json = error.response.headers.get("Content-Type", "").startswith("application/json")
    return (is_json and bool(error.code or error.text)) or error.status == 413  # noqa: PLR2004 - HTTP's own numbers


def _limited(error: discord.HTTPException, words: str) -> RateLimited:
    # The library waits for Discord's own limits. Here it gave up, or Cloudflare answered in
    # Discord's place (no `Via` header), which the library takes for a ban of our address.
    headers = error.response.headers
    is_room = "X-RateLimit-Bucket" in headers and "X-RateLimit-Global" not in headers
    return RateLimited(words, retry_after=retry_after(headers), room=is_room)


def retry_after(headers: Mapping[str, str]) -> float:
    """The seconds that an answer asks us to wait."""
    told = headers.get("Retry-After", "")  # Cloudflare's may also be a date
    return float(told) if told.replace(".", "", 1).isdecimal() else BANNED_FOR


def _lost(words: str, *, writing: bool) -> DeliveryError:
    return Unconfirmed(words) if writing else Unavailable(words)
