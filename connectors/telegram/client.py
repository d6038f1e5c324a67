"""The calls of the Bot API that we make, through python-telegram-bot."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Self
from urllib.parse import urlsplit

from telegram import Bot

from bot.connector import Identity
from bot.errors import DeliveryError, Rejected, Unavailable
from bot.memory import Room
from bot.part import Part, Receipt
from connectors.telegram.errors import Conflicted, translated
from connectors.telegram.request import AiohttpRequest

GET_UPDATES = "getUpdates_"
"""PTB drops the underscore. It also spares us its advice to use `Bot.get_updates`, which parses a
batch as one, so that one update that fails to parse would come again for ever."""

SEND_MESSAGE = "sendMessage_"
"""Likewise: two ids are all that we want of the answer, and PTB would build it, and the message
that it replies to, out of objects, which takes as long as all else about sending."""

ALLOWED_UPDATES = [
    "message",
    "edited_message",
    "channel_post",
    "edited_channel_post",
    "message_reaction",
    "callback_query",
    "my_chat_member",
]

POLL = 30
"""Seconds that Telegram may hold a poll open."""

PRIVACY = (
    "Privacy mode is on: in groups the bot sees only commands, mentions of it and replies to it. "
    "To change that, send /setprivacy to @BotFather, then remove the bot from each group and add "
    "it again."
)


class Client:
    """A bot's connection. Errors come in our own words, without the token.

    Args:
        api_url: the server; `/bot<token>/` is appended.
    """

    def __init__(self, bot: Bot) -> None:
        self._bot = bot

    @classmethod
    @asynccontextmanager
    async def open(cls, token: str, api_url: str) -> AsyncIterator[Self]:
        """A client for as long as the block lasts; nothing is asked of Telegram yet."""
        async with AiohttpRequest() as request:
            yield cls(Bot(token, f"{api_url}/bot", request=request, get_updates_request=request))

    async def me(self) -> Identity:
        """Who the bot is."""
        with translated(self._bot.token):
            user = await self._bot.get_me()
        return Identity(
            key=str(user.id),
            name=user.full_name,
            username=user.username or "",
            warnings=() if user.can_read_all_group_messages else (PRIVACY,),
        )

    async def webhook(self) -> str:
        """The host of the webhook; nothing if none is set, or if it cannot be told.

        Its path is not told: it often is a secret.
        """
        try:
            with translated(self._bot.token):
                info = await self._bot.get_webhook_info()
        except DeliveryError:
            return ""
        return urlsplit(info.url).hostname or ""

    async def updates(self, offset: int | None, *, wait: bool) -> list[Any]:
        """The next updates, as they came; those below `offset` are confirmed by asking.

        Args:
            wait: whether to wait for one if there is none.

        Raises:
            Conflicted: a webhook is set, or somebody else polls.
        """
        asked = {
            "offset": offset,
            "timeout": POLL if wait else 0,
            "allowed_updates": ALLOWED_UPDATES,
        }
        try:
            with translated(self._bot.token):
                found = await self._bot.do_api_request(GET_UPDATES, asked, read_timeout=POLL + 10.0)
        except Conflicted:
            if host := await self.webhook():
                raise Conflicted(
                    f"a webhook is set ({host}), and Telegram sends the updates there",
                    fix="Remove it by calling deleteWebhook, or make another bot for this.",
                ) from None
            raise
        if not isinstance(found, list):
            raise Unavailable(f"getUpdates answered with {type(found).__name__}, not with a list")
        return found

    async def send(self, part: Part) -> Receipt:
        """Send a part as a message."""
        chat, topic = address(part.room.key)
        with translated(self._bot.token, part.room):
            sent = await self._bot.do_api_request(
                SEND_MESSAGE,
                {
                    "chat_id": chat,
                    "text": part.text,
                    "message_thread_id": topic,
                    "reply_parameters": _reply(chat, part),
                },
            )
            return Receipt(message=f"{sent['chat']['id']}/{sent['message_id']}")

    async def typing(self, room: Room) -> None:
        """Show "typing" for five seconds, or until the next message."""
        chat, topic = address(room.key)
        with translated(self._bot.token):
            await self._bot.send_chat_action(chat, "typing", message_thread_id=topic)


def address(key: str) -> tuple[str, int | None]:
    """The chat and the topic that a `Room.key` names.

    Raises:
        Rejected: it names none.
    """
    chat, _, topic = key.partition("/")
    if topic and not topic.isdecimal():
        raise Rejected(f"{key!r} names no room: it must be <chat> or <chat>/<topic>")
    return chat, int(topic) if topic else None


def _reply(chat: str, part: Part) -> dict[str, Any] | None:
    where, _, message = (part.reply_to or "").partition("/")
    if where != chat or not message.isdecimal():
        return None
    return {"message_id": int(message), "allow_sending_without_reply": True}
