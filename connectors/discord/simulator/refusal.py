"""How Discord says no.

https://discord.com/developers/docs/topics/opcodes-and-status-codes#json
"""

from __future__ import annotations

from typing import Any


class Refusal(Exception):
    """An answer that is an error."""

    def __init__(
        self, status: int, message: str, code: int = 0, errors: dict[str, Any] | None = None
    ) -> None:
        self.status = status
        self.body: dict[str, Any] = {"message": message, "code": code}
        if errors:
            self.body["errors"] = errors
        super().__init__(message)


def unauthorised() -> Refusal:
    """The token is missing or wrong."""
    return Refusal(401, "401: Unauthorized")


def not_found(message: str = "404: Not Found", code: int = 0) -> Refusal:
    """There is no such thing."""
    return Refusal(404, message, code)


def forbidden(code: int) -> Refusal:
    """The bot may not do this."""
    return Refusal(403, FORBIDDEN[code], code)


def invalid(field: str, code: str, message: str) -> Refusal:
    """A field of the request is wrong."""
    errors = {field: {"_errors": [{"code": code, "message": message}]}}
    return Refusal(400, "Invalid Form Body", 50035, errors)


FORBIDDEN = {
    50001: "Missing Access",
    50003: "Cannot execute action on a DM channel",
    50005: "Cannot edit a message authored by another user",
    20012: "You are not authorized to perform this action on this application",
    50007: "Cannot send messages to this user",
    50008: "Cannot send messages in a non-text channel",
    50013: "Missing Permissions",
    50024: "Cannot execute action on this channel type",
    160002: "Cannot reply without permission to read message history",
    160005: "Thread is locked",
}
