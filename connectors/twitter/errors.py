"""X's refusals and aiohttp's failures, in our words. The one place where they are translated."""

from __future__ import annotations

import time
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

CREDIT_PAUSE = 900.0
"""Seconds between two attempts while the account has no credit."""

PAUSE = 60.0
"""Seconds to wait after a 429 that does not say how long."""

LONGEST_WINDOW = 86_400.0
"""Seconds; the longest window that docs.x.com/x-api/fundamentals/rate-limits names is a day."""

WINDOWS = ("x-rate-limit", "x-app-limit-24hour", "x-user-limit-24hour")


class OutOfCredit(RateLimited):
    """The developer account has no credit left (402): somebody has to pay."""


class Duplicate(Rejected):
    """We said the same not long ago: an earlier attempt of this part, or an older post."""


def refusal(
    method: str, route: str, status: int, headers: Mapping[str, str], body: Any
) -> DeliveryError:
    """What an answer of X other than 2xx means."""
    detail = _detail(status, body)
    if status == HTTPStatus.UNAUTHORIZED:
        return Unauthorized(
            f"X refuses the credentials ({detail}). Compare the four TWITTER_ keys and tokens "
            "with the X developer portal, and this machine's clock with the time."
        )
    if status == HTTPStatus.PAYMENT_REQUIRED:
        message = f"X: out of credit ({detail})"
        return OutOfCredit(message, retry_after=CREDIT_PAUSE)
    if status == HTTPStatus.FORBIDDEN:
        return _forbidden(method, route, detail, body)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return RateLimited(f"X: {detail}", retry_after=wait(headers) or PAUSE)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.REQUEST_TIMEOUT:
        return _unknown(method, f"X answers {status}: {detail}")
    return Rejected(f"X: {detail}")


def failure(method: str, error: Exception) -> DeliveryError:
    """What a connection that failed means: before anything was written, surely not sent."""
    import aiohttp

    reason = f"X cannot be reached: {str(error) or type(error).__name__}"
    if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError):
        return Unavailable(reason)
    return _unknown(method, reason)


def wait(headers: Mapping[str, str]) -> float:
    """Seconds until every window that the headers call used up is open again; 0 if none is."""
    resets = [
        _number(headers, f"{w}-reset") for w in WINDOWS if headers.get(f"{w}-remaining") == "0"
    ]
    if not resets:
        return 0.0
    # X counts in whole seconds, so that the window may open up to a second after the one it names.
    return min(max(max(resets) + 1 - time.time(), 0.0), LONGEST_WINDOW)


def _number(headers: Mapping[str, str], name: str) -> float:
    value = headers.get(name, "")
    return float(value) if value.isdecimal() else 0.0


def _unknown(method: str, reason: str) -> DeliveryError:
    return Unavailable(reason) if method == "GET" else Unconfirmed(reason)


def _forbidden(method: str, route: str, detail: str, body: Any) -> DeliveryError:
    if "duplicate content" in detail.lower():
        return Duplicate(f"X: {detail}")
    if not _lacks_permission(body):
        return Rejected(f"X: {detail}")
    reason = (
        f"X: the app may not do this ({detail}). In the X developer portal give its user "
        "authentication 'Read and write and Direct message', then create new access tokens."
    )
    # Direct messages need a permission of their own: without it, posts still go out.
    posting = method == "POST" and route == "/2/tweets"
    return Unauthorized(reason) if posting else Rejected(reason)


def _lacks_permission(body: Any) -> bool:
    return isinstance(body, dict) and "oauth1-permissions" in str(body.get("type", ""))


def _detail(status: int, body: Any) -> str:
    if not isinstance(body, dict):
        return f"status {status}"
    errors = body.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else {}
    said = first.get("message") if isinstance(first, dict) else first
    return str(said or body.get("detail") or body.get("title") or f"status {status}")
