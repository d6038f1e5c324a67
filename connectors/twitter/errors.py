"""X's refusals and aiohttp's failures, in our words. The one place where they are translated."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from bot.errors import (
    DeliveryError,
    RateLimited,
    Rejected,
    Unauthorized,
    Unavailable,
    Unconfirmed,
)
from connectors.twitter import clock
from connectors.twitter.reasons import REASONS, Done, Duplicate, Gone, Reason
from connectors.twitter.windows import PAUSE, wait

__all__ = [
    "Done",
    "Duplicate",
    "Gone",
    "OutOfCredit",
    "WrongClock",
    "failure",
    "refusal",
    "refused_login",
]

CREDIT_PAUSE = 900.0
"""Seconds between two attempts while the account has no credit."""

DAILY_PAUSE = 1800.0
"""Seconds; the daily limit of posts is dealt out in half hours (help.x.com, X limits)."""

SCOPES = (
    "tweet.read tweet.write users.read dm.read dm.write media.write like.read like.write "
    "offline.access"
)
"""What the bot asks of an account; `offline.access` is what makes X give a refresh token."""

KEYS = (
    "Compare the TWITTER_ keys and tokens with the X developer portal, and this machine's clock "
    "with the time."
)
AGAIN = (
    f"Authorize the app for the account once more, with the scopes {SCOPES}, and put the refresh "
    "token that X gives into TWITTER_REFRESH_TOKEN."
)
PERMIT = (
    "In the X developer portal give its user authentication 'Read and write and Direct message', "
    "then create new access tokens."
)
PLAN = "In the X developer portal put the app into a project whose plan has it."


class WrongClock(Unavailable):
    """This machine's clock is so wrong that X takes our signatures for old or forged ones."""


class OutOfCredit(RateLimited):
    """The developer account has no credit left (402): somebody has to pay."""


def refusal(
    method: str,
    route: str,
    status: int,
    headers: Mapping[str, str],
    body: Any,
    *,
    signed: bool = False,
) -> DeliveryError:
    """What an answer of X other than 2xx means.

    Args:
        signed: whether the request had a signature of OAuth 1.0a, which tells the time.
    """
    detail = _detail(status, body)
    if _is_no_refusal(status, headers, body):
        who = "X" if isinstance(body, dict) else "X, or somebody on the way to it,"
        return _unknown(method, f"{who} answers {status}: {detail}")
    if status == HTTPStatus.UNAUTHORIZED:
        return _unknown_to_x(detail, headers, signed=signed)
    if status == HTTPStatus.PAYMENT_REQUIRED or _kind(body) == "usage-capped":
        return OutOfCredit(f"X: out of credit ({detail})", retry_after=CREDIT_PAUSE)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return RateLimited(f"X: {detail}", retry_after=wait(headers, untold=PAUSE))
    if status == HTTPStatus.FORBIDDEN and (lack := _lack(body, detail)):
        # Other abilities have a permission of their own: without it, posts still go out.
        posting = method == "POST" and route == "/2/tweets"
        return Unauthorized(lack) if posting else Rejected(lack)
    return _reason(status, headers, body, detail)


def failure(method: str, error: Exception) -> DeliveryError:
    """What a connection that failed means: before all was written, surely not sent."""
    import aiohttp

    reason = f"X cannot be reached: {str(error) or type(error).__name__}"
    is_unmade = isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError)
    # A connection that was kept open may be closing just when it is to be used again.
    is_unwritten = aiohttp.ClientConnectionResetError in (type(error), type(error.__cause__))
    return Unavailable(reason) if is_unmade or is_unwritten else _unknown(method, reason)


def refused_login(status: int, headers: Mapping[str, str], body: Any) -> DeliveryError:
    """What it means that X gives no access token for a refresh token."""
    said = body if isinstance(body, dict) else {}
    detail = said.get("error_description") or said.get("error") or f"status {status}"
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return RateLimited(f"X: {detail}", retry_after=wait(headers, untold=PAUSE))
    refusals = (HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
    if status in refusals and not _is_no_refusal(status, headers, body):
        reason = "X refuses TWITTER_REFRESH_TOKEN with TWITTER_CLIENT_ID and TWITTER_CLIENT_SECRET"
        return Unauthorized(f"{reason} ({detail})", fix=AGAIN)
    return Unavailable(f"X gives no access token: {detail}")


def _is_no_refusal(status: int, headers: Mapping[str, str], body: Any) -> bool:
    """Whether it says nothing of what X did: an error, a redirection, or a page of some proxy.

    X refuses in JSON, and says why.
    """
    if status == HTTPStatus.TOO_MANY_REQUESTS:  # to wait does no harm, whoever asks for it
        return False
    if status == HTTPStatus.UNAUTHORIZED:  # X's may be empty: it is believed unless it is a page
        return "html" in headers.get("Content-Type", "")
    is_client_error = HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR
    is_late = status == HTTPStatus.REQUEST_TIMEOUT
    return is_late or not (is_client_error and isinstance(body, dict))


def _unknown_to_x(detail: str, headers: Mapping[str, str], *, signed: bool) -> DeliveryError:
    fast = clock.fast(headers) if signed else 0.0
    if abs(fast) > clock.TOLERANCE:
        return WrongClock(f"X refuses our signatures: this machine's clock is {clock.off(fast)}")
    return Unauthorized(f"X refuses the credentials ({detail})", fix=KEYS)


def _unknown(method: str, reason: str) -> DeliveryError:
    return Unavailable(reason) if method == "GET" else Unconfirmed(reason)


def _lack(body: Any, detail: str) -> str:
    """What the app may not do at all, whatever it says and to whom; empty if it is not that."""
    if _kind(body) == "oauth1-permissions" or _code(body) in (93, 261):
        return f"X: the app may not do this ({detail}). {PERMIT}"
    if _kind(body) == "client-forbidden":
        return f"X: the app's plan does not have this ({detail}). {PLAN}"
    return ""


def _reason(status: int, headers: Mapping[str, str], body: Any, detail: str) -> DeliveryError:
    code, said = _code(body), detail.lower()
    found = next((one for one in REASONS if one.fits(code, said)), Reason(Rejected))
    if status == HTTPStatus.NOT_FOUND and found.error is Rejected:
        found = Reason(Gone, "there is no such thing any more")
    message = f"X: {found.plain} ({detail})" if found.plain else f"X: {detail}"
    if found.error is RateLimited:
        return RateLimited(message, retry_after=wait(headers, untold=DAILY_PAUSE))
    return found.error(message)


def _kind(body: Any) -> str:
    """The last part of a problem's type, which is an address."""
    return str(body.get("type") or "").rpartition("/")[2] if isinstance(body, dict) else ""


def _first(body: Any) -> Any:
    errors = body.get("errors") if isinstance(body, dict) else None
    return errors[0] if isinstance(errors, list) and errors else None


def _code(body: Any) -> int | None:
    first = _first(body)
    code = first.get("code") if isinstance(first, dict) else None
    return code if isinstance(code, int) else None


def _detail(status: int, body: Any) -> str:
    if not isinstance(body, dict):
        return f"status {status}"
    first = _first(body)
    said = first.get("message") if isinstance(first, dict) else first
    return str(said or body.get("detail") or body.get("title") or f"status {status}")
