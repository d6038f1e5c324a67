"""What a bot does to messages on a simulated Discord."""

from __future__ import annotations

import time
from typing import Any

from connectors.discord.simulator.desk import Desk
from connectors.discord.simulator.reactions import Reactions
from connectors.discord.simulator.refusal import forbidden, invalid, not_found
from connectors.discord.simulator.request import Handler, Request
from connectors.discord.simulator.shapes import Json
from connectors.discord.simulator.state import Channel

REMEMBERS = 300.0
"""Seconds that a nonce is known; Discord says "the past few minutes"."""
PAGE, LONGEST_PAGE = 50, 100
SPEECHLESS = frozenset({4, 15, 16})
"""The types of channels in which nothing can be said: categories, forums."""


class Messages:
    """The handlers of the routes below /channels."""

    def __init__(self, desk: Desk, given: Reactions) -> None:
        self._desk, self._state, self._given = desk, desk.state, given
        self._nonces: dict[tuple[str, str], tuple[str, float]] = {}
        self.typed: list[str] = []

    @property
    def routes(self) -> dict[str, Handler]:
        """Which handler answers what."""
        message = "/channels/{channel}/messages/{message}"
        reaction = f"{message}/reactions/{{emoji}}/@me"
        return {
            "POST /channels/{channel}/messages": self.create,
            "GET /channels/{channel}/messages": self.page,
            f"GET {message}": self.get,
            f"PATCH {message}": self.edit,
            f"DELETE {message}": self.delete,
            f"PUT {reaction}": self.react,
            f"DELETE {reaction}": self.unreact,
            "POST /channels/{channel}/typing": self.typing,
            "GET /channels/{channel}": lambda asked: self._state.described(self.channel(asked)),
            "POST /users/@me/channels": self.open_direct,
        }

    def create(self, request: Request) -> Json:
        """Say something."""
        channel, body = self.channel(request), request.body
        if channel.type in SPEECHLESS:
            raise forbidden(50008)
        nonce = body.get("nonce")
        if body.get("enforce_nonce") and (earlier := self._earlier(channel, nonce)):
            return earlier
        reply_to = self._answered(channel, body.get("message_reference"))
        message = self._desk.post(channel, body, request.files, reply_to=reply_to)
        if nonce is not None:
            self._nonces[channel.id, str(nonce)] = message["id"], time.monotonic()
        return message

    def page(self, request: Request) -> list[Json]:
        """A page of what was said, newest first."""
        channel, query = self.channel(request), request.query
        limit = _number("limit", query.get("limit", PAGE))
        if not 1 <= limit <= LONGEST_PAGE:
            raise invalid("limit", "NUMBER_TYPE_MAX", "int value should be between 1 and 100.")
        bounds = {name: _number(name, query[name]) for name in ("before", "after") if name in query}
        return [self._as_history(one) for one in channel.page(limit=limit, **bounds)]

    def get(self, request: Request) -> Json:
        """One message."""
        return self._as_history(self._message(request)[1])

    def edit(self, request: Request) -> Json:
        """Change what the bot said."""
        channel, message = self._message(request)
        if message["author"]["id"] != self._state.bot:
            raise forbidden(50005)
        return self._desk.rewrite(channel, message, request.body, request.files)

    def delete(self, request: Request) -> None:
        """Delete a message."""
        channel, message = self._message(request)
        if channel.is_direct and message["author"]["id"] != self._state.bot:
            raise forbidden(50003)
        self._desk.remove(channel, message["id"])

    def forget(self, channel: Channel, message: str) -> None:
        """Delete a message, whoever asks."""
        self._desk.remove(channel, message)

    def react(self, request: Request) -> None:
        """React to a message."""
        _, message = self._message(request)
        self._given.add(message["id"], self._state.bot, self._emoji(request.path["emoji"]))

    def unreact(self, request: Request) -> None:
        """Take a reaction back."""
        _, message = self._message(request)
        self._given.remove(message["id"], self._state.bot, self._emoji(request.path["emoji"]))

    def typing(self, request: Request) -> None:
        """Show that the bot types."""
        self.typed.append(self.channel(request).id)

    def open_direct(self, request: Request) -> Json:
        """The DM with a person."""
        person = str(request.body.get("recipient_id"))
        if person not in self._state.people:
            raise invalid("recipient_id", "UNKNOWN_USER", "Unknown user.")
        return self._state.described(self._state.direct(person))

    def channel(self, request: Request) -> Channel:
        """The channel that a request is about.

        Raises:
            Refusal: there is none, or it is closed to the bot.
        """
        key = str(_number("channel_id", request.path["channel"]))
        if not (channel := self._state.channels.get(key)):
            raise not_found("Unknown Channel", 10003)
        if channel.refusal:
            raise forbidden(channel.refusal)
        return channel

    def _message(self, request: Request) -> tuple[Channel, Json]:
        channel = self.channel(request)
        key = _number("message_id", request.path["message"])
        return channel, self._desk.find(channel, str(key))

    def _earlier(self, channel: Channel, nonce: Any) -> Json | None:
        message, at = self._nonces.get((channel.id, str(nonce)), ("", 0.0))
        if not message or time.monotonic() - at > REMEMBERS:
            return None
        return self._desk.find(channel, message)

    def _answered(self, channel: Channel, reference: Json | None) -> str | None:
        if not reference:
            return None
        message = str(_number("message_reference", reference.get("message_id")))
        if int(message) in channel.messages:
            return message
        if reference.get("fail_if_not_exists", True):
            raise invalid("message_reference", "REPLIES_UNKNOWN_MESSAGE", "Unknown message")
        return None

    def _emoji(self, written: str) -> str:
        name, _, key = written.partition(":")
        if key and self._state.emojis.get(name) == key:
            return f":{name}:"
        if key or written.isascii():
            raise not_found("Unknown Emoji", 10014)
        return written

    def _as_history(self, message: Json) -> Json:
        # A nonce is told once, to who sent it.
        told = self._desk.told(message)
        return {key: value for key, value in told.items() if key != "nonce"}


def _number(field: str, value: Any) -> int:
    if not str(value).isdecimal():
        raise invalid(field, "NUMBER_TYPE_COERCE", f'Value "{value}" is not snowflake.')
    return int(value)
