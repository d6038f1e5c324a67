"""What a bot does to messages on a simulated Discord."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from bot.testing.simulator import Said, now
from connectors.discord.simulator.refusal import Refusal, forbidden, invalid, not_found
from connectors.discord.simulator.shapes import Json
from connectors.discord.simulator.state import Channel, State, stamp

if TYPE_CHECKING:
    from connectors.discord.simulator.rest import Request

LONGEST = 2000
"""Characters of a message."""
NONCE = 25
"""Characters of a nonce."""
REMEMBERS = 300.0
"""Seconds that a nonce is known; Discord says "the past few minutes"."""
PAGE, LONGEST_PAGE = 50, 100


class Messages:
    """The handlers of the routes below /channels.

    Args:
        tell: tells the gateway's sessions of an event.
        record: notes what the bot said.
    """

    def __init__(
        self, state: State, tell: Callable[[str, Json], None], record: Callable[[Said], None]
    ) -> None:
        self._state, self._tell, self._record = state, tell, record
        self._nonces: dict[tuple[str, str], tuple[str, float]] = {}
        self.typed: list[str] = []

    def create(self, request: Request) -> Json:
        """Say something."""
        channel, body = self._channel(request), request.body
        text, nonce = body.get("content") or "", body.get("nonce")
        _check(text, nonce, has_files=bool(request.files or body.get("embeds")))
        if body.get("enforce_nonce") and (earlier := self._earlier(channel, nonce)):
            return earlier
        message = self._state.add_message(
            channel,
            self._state.bot,
            text,
            reply_to=self._answered(channel, body.get("message_reference")),
            attachments=[self._attachment(channel, one) for one in request.files],
            nonce=nonce,
        )
        if nonce is not None:
            self._nonces[channel.id, str(nonce)] = message["id"], time.monotonic()
        self._told(channel, message)
        return message

    def page(self, request: Request) -> list[Json]:
        """A page of what was said, newest first."""
        channel, query = self._channel(request), request.query
        limit = _number("limit", query.get("limit", PAGE))
        if not 1 <= limit <= LONGEST_PAGE:
            raise invalid("limit", "NUMBER_TYPE_MAX", "int value should be between 1 and 100.")
        bounds = {name: _number(name, query[name]) for name in ("before", "after") if name in query}
        return [_as_history(one) for one in channel.page(limit=limit, **bounds)]

    def get(self, request: Request) -> Json:
        """One message."""
        return _as_history(self._message(request)[1])

    def edit(self, request: Request) -> Json:
        """Change what the bot said."""
        channel, message = self._message(request)
        if message["author"]["id"] != self._state.bot:
            raise forbidden(50005)
        text = request.body.get("content") or ""
        _check(text, None, has_files=bool(message["attachments"]))
        message |= {"content": text, "edited_timestamp": stamp()}
        self._tell("MESSAGE_UPDATE", self._state.told(channel, message))
        return message

    def delete(self, request: Request) -> None:
        """Delete a message."""
        channel, message = self._message(request)
        if channel.is_direct and message["author"]["id"] != self._state.bot:
            raise forbidden(50003)
        self.forget(channel, message["id"])

    def forget(self, channel: Channel, message: str) -> None:
        """Delete a message, whoever asks."""
        channel.remove(message)
        where = {} if channel.is_direct else {"guild_id": self._state.guild_id}
        self._tell("MESSAGE_DELETE", {"id": message, "channel_id": channel.id, **where})

    def typing(self, request: Request) -> None:
        """Show that the bot types."""
        self.typed.append(self._channel(request).id)

    def channel(self, request: Request) -> Json:
        """One channel."""
        return self._state.described(self._channel(request))

    def open_direct(self, request: Request) -> Json:
        """The DM with a person."""
        person = str(request.body.get("recipient_id"))
        if person not in self._state.people:
            raise invalid("recipient_id", "UNKNOWN_USER", "Unknown user.")
        return self._state.described(self._state.direct(person))

    def _channel(self, request: Request) -> Channel:
        key = str(_number("channel_id", request.path["channel"]))
        if not (channel := self._state.channels.get(key)):
            raise not_found("Unknown Channel", 10003)
        if channel.refusal:
            raise forbidden(channel.refusal)
        return channel

    def _message(self, request: Request) -> tuple[Channel, Json]:
        channel = self._channel(request)
        key = _number("message_id", request.path["message"])
        if key not in channel.messages:
            raise not_found("Unknown Message", 10008)
        return channel, channel.messages[key]

    def _earlier(self, channel: Channel, nonce: Any) -> Json | None:
        message, at = self._nonces.get((channel.id, str(nonce)), ("", 0.0))
        if not message or time.monotonic() - at > REMEMBERS:
            return None
        if int(message) not in channel.messages:
            raise not_found("Unknown Message", 10008)
        return channel.messages[int(message)]

    def _answered(self, channel: Channel, reference: Json | None) -> str | None:
        if not reference:
            return None
        message = str(_number("message_reference", reference.get("message_id")))
        if int(message) in channel.messages:
            return message
        if reference.get("fail_if_not_exists", True):
            raise invalid("message_reference", "REPLIES_UNKNOWN_MESSAGE", "Unknown message")
        return None

    def _attachment(self, channel: Channel, file: Json) -> Json:
        key = self._state.new_id()
        url = f"https://cdn.discordapp.com/attachments/{channel.id}/{key}/{file['filename']}"
        return {"id": key, **file, "url": f"{url}?ex=1&hm=2", "proxy_url": url}

    def _told(self, channel: Channel, message: Json) -> None:
        said = Said(
            room=channel.id,
            message=message["id"],
            person=self._state.bot,
            text=message["content"],
            reply_to=message.get("message_reference", {}).get("message_id"),
            by_bot=True,
            at=now(),
        )
        self._tell("MESSAGE_CREATE", self._state.told(channel, message))
        self._record(said)


def _check(text: Any, nonce: Any, *, has_files: bool) -> None:
    if not isinstance(text, str):
        raise invalid("content", "BASE_TYPE_BAD_STRING", "Could not interpret as a string.")
    if len(text) > LONGEST:
        problem = f"Must be {LONGEST} or fewer in length."
        raise invalid("content", "BASE_TYPE_MAX_LENGTH", problem)
    if not text.strip() and not has_files:
        raise Refusal(400, "Cannot send an empty message", 50006)
    if nonce is not None and len(str(nonce)) > NONCE:
        problem = f"Must be {NONCE} or fewer in length."
        raise invalid("nonce", "BASE_TYPE_MAX_LENGTH", problem)


def _number(field: str, value: Any) -> int:
    if not str(value).isdecimal():
        raise invalid(field, "NUMBER_TYPE_COERCE", f'Value "{value}" is not snowflake.')
    return int(value)


def _as_history(message: Json) -> Json:
    # A nonce is told once, to who sent it.
    return {key: value for key, value in message.items() if key != "nonce"}
