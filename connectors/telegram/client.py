"""The calls of the Bot API that we make, through python-telegram-bot."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Self
from urllib.parse import urlsplit

from telegram import Bot

from bot.connector import Identity
from bot.errors import DeliveryError, Unavailable
from bot.memory import Room
from connectors.telegram.errors import Conflicted, translated
from connectors.telegram.outgoing import address
from connectors.telegram.request import AiohttpRequest

RAW = "_"
"""Behind a method's name, where PTB drops it: it spares us its advice to use its own method. That
would build the answer out of objects, which takes as long as all else about sending; and it parses
a batch of updates as one, so that one that fails to parse would come again for ever."""

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
                found = await self._bot.do_api_request(
                    f"getUpdates{RAW}", asked, read_timeout=POLL + 10.0
                )
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

    async def ask(self, method: str, fields: dict[str, Any], room: Room | None = None) -> Any:
        """Call any method; its result, as it came.

        Args:
            fields: those that are None are left out.
            room: where the call says something; None for a question, which leaves nothing in doubt.
        """
        with translated(self._bot.token, room):
            return await self._bot.do_api_request(f"{method}{RAW}", fields)

    async def typing(self, room: Room) -> None:
        """Show "typing" for five seconds, or until the next message."""
        chat, topic = address(room.key)
        with translated(self._bot.token):
            await self._bot.send_chat_action(chat, "typing", message_thread_id=topic)
