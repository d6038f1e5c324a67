"""The methods by which a bot says something."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Any

from bot.testing.simulator import Upload
from connectors.telegram.simulator.chats import ApiError, Chat, Json, Network, bad, first
from connectors.telegram.simulator.keyboards import keyboard
from connectors.telegram.simulator.limits import Limits
from connectors.telegram.simulator.reactions import Reactions
from connectors.telegram.simulator.reading import Params, caption, decoded, integer, text, upload
from connectors.telegram.simulator.uploads import KINDS, Files

FEWEST, MOST = 2, 10
"""Files of an album: https://core.telegram.org/bots/api#sendmediagroup"""

ALIKE = (frozenset({"photo", "video"}), frozenset({"document"}), frozenset({"audio"}))
"""What can be in one album."""

TOLD = ("duration", "width", "height", "performer", "title", "emoji")
"""What the sender may tell of a file."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What the methods work on.

    Args:
        limits: what refuses too many messages.
        said: called with each message that the bot says.
        edited: called with each message that the bot edits.
        deleted: called with each message that the bot deletes.
    """

    network: Network
    files: Files
    reactions: Reactions
    limits: Limits | None
    said: Callable[[Json], None]
    edited: Callable[[Json], None]
    deleted: Callable[[Json], None]

    def chat(self, params: Params) -> Chat:
        """The chat that a call names."""
        if str(name := params.get("chat_id")).startswith("@"):
            return self.network.public(str(name)[1:])
        if (number := integer(params, "chat_id")) is None:
            raise bad("chat_id is empty")
        return self.network.chat(number)

    def writable(self, params: Params) -> Chat:
        """The chat that a call names; a 403 if the bot may not write there."""
        number, network = integer(params, "chat_id"), self.network
        if number in network.people and number not in network.chats:
            is_bot = network.people[number]["is_bot"]
            cannot = "send messages to bots" if is_bot else "initiate conversation with a user"
            raise ApiError(403, f"Forbidden: bot can't {cannot}")
        chat = self.chat(params)
        if chat.refuses:
            raise ApiError(403, f"Forbidden: {chat.refuses}")
        return chat


class Sending:
    """sendMessage and its kin."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._albums = count(first())
        self.methods = {
            "sendmessage": self.send_message,
            "sendmediagroup": self.send_media_group,
            **{f"send{kind}": self._sends(kind) for kind in KINDS},
        }

    async def send_message(self, params: Params) -> Json:
        """See sendMessage."""
        [message] = self._post(params, [text(params) | keyboard(params)])
        return message

    def _sends(self, kind: str) -> Callable[[Params], Any]:
        async def send(params: Params) -> Json:
            shown = self._shown(params, kind, params.get(kind), params)
            [message] = self._post(params, [shown | caption(params) | keyboard(params)])
            return message

        return send

    async def send_media_group(self, params: Params) -> list[Json]:
        """See sendMediaGroup."""
        media = decoded(params, "media") or []
        if not FEWEST <= len(media) <= MOST:
            raise bad("can't send an album: it must include 2-10 items")
        kinds = {str(one.get("type")) for one in media}
        if not any(kinds <= alike for alike in ALIKE):
            raise bad("media of these types can't be mixed in an album")
        group = {"media_group_id": str(next(self._albums))}
        return self._post(params, [self.media(params, one) | group for one in media])

    def media(self, params: Params, media: Json) -> Json:
        """What an InputMedia object makes of a message."""
        shown = self._shown(params, str(media.get("type")), media.get("media"), media)
        return shown | caption(media)

    def _shown(self, params: Params, kind: str, value: Any, told: Params) -> Json:
        file = upload(params, value, kind)
        if not isinstance(file, Upload):
            return self._desk.files.again(kind, file)
        more = {name: _number(told[name]) for name in TOLD if told.get(name)}
        return self._desk.files.add(kind, file, **more)

    def _post(self, params: Params, many: list[Json]) -> list[Json]:
        desk, topic = self._desk, integer(params, "message_thread_id")
        chat = desk.writable(params)
        if topic is not None:
            chat.message(topic, "message thread not found")
        answered = _answered(chat, decoded(params, "reply_parameters") or {})
        if desk.limits:
            is_paid = params.get("allow_paid_broadcast") in (True, "true", "True")
            desk.limits.take(chat, len(many), is_paid=is_paid)
        bot = desk.network.bot
        sent = [chat.post(bot, topic=topic, answered=answered, **what) for what in many]
        for message in sent:
            desk.said(message)
        return sent


def _number(value: Any) -> Any:
    return int(value) if isinstance(value, str) and value.isdecimal() else value


def _answered(chat: Chat, reply: Json) -> Json | None:
    number = reply.get("message_id")
    if number is None:
        return None
    if number not in chat.messages and reply.get("allow_sending_without_reply"):
        return None
    return chat.message(number, "message to be replied not found")
