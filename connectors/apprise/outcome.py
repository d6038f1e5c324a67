"""From what Apprise says of a send to our own errors. Nothing of it shows an address."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from bot.errors import DeliveryError, RateLimited, Rejected, Unavailable, Unconfirmed

if TYPE_CHECKING:
    from apprise import AppriseResult, NotifyAttempt

STATUS = re.compile(r"error=(\d{3})\b")
"""How Apprise's services tell of an answer that was none of success."""

NO_CONNECTION = (
    "NewConnectionError",
    "NameResolutionError",
    "ConnectTimeout",
    "Connection refused",
    "Name or service not known",
    "Network is unreachable",
)
"""By these words, an error is of a connection that was never made."""

SECONDS = 60.0
"""How long to wait where a service has had enough and nobody says for how long."""

TOO_MANY, SERVER = 429, 500
LATER = (408, 425, 503)
"""Statuses of HTTP, https://www.rfc-editor.org/rfc/rfc9110#section-15."""


def check(result: AppriseResult, name: str) -> None:
    """Return if a message was taken.

    Args:
        name: how to call the room.

    Raises:
        RateLimited, Unavailable, Unconfirmed, Rejected: as `Connector.send`.
    """
    # An address may say that its failures do not count; here they do.
    tried = [one.attempts for one in result]
    if not (tried and all(map(_is_success, tried))):
        raise _error(result, name)


def _is_success(attempts: Sequence[NotifyAttempt]) -> bool:
    return bool(attempts) and bool(attempts[-1])


def _error(result: AppriseResult, name: str) -> DeliveryError:
    told = "\n".join(str(entry.message) for entry in result.logs())
    statuses = [int(status) for status in STATUS.findall(told)]
    if statuses:
        return _refusal(statuses[-1], name)
    if any(words in told for words in NO_CONNECTION):
        return Unavailable(f"{name} cannot be reached")
    if "onnection error" in told or "Socket Exception" in told or result.status.name == "TIMEOUT":
        return Unconfirmed(f"{name} did not answer")
    return Rejected(f"{name} did not take it; Apprise does not say why")


def _refusal(status: int, name: str) -> DeliveryError:
    if status == TOO_MANY:
        return RateLimited(f"{name} has had enough (HTTP 429)", retry_after=SECONDS, room=True)
    if status in LATER:
        return Unavailable(f"{name} asks for another try (HTTP {status})")
    if status >= SERVER:
        return Unconfirmed(f"{name} has trouble (HTTP {status})")
    return Rejected(f"{name} refused it (HTTP {status})")
