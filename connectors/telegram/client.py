"""The calls of the Bot API that we make, through python-telegram-bot."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from telegram import Bot, InputFile

from bot.connector import Identity
from bot.errors import DeliveryError, Unavailable
from bot.memory import Entity, Room
from connectors.telegram.errors import Conflicted, translated
from connectors.telegram.outgoing import address
from connectors.telegram.request import AiohttpRequest

Json = dict[str, Any]

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
    "chat_member",
]
"""What we want to be told; of others' coming and going, only as an admin:
https://core.telegram.org/bots/api#update"""

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
            if host := await self.webhook_host():
                raise Conflicted(
                    f"a webhook is set ({host}), and Telegram sends the updates there",
                    fix="Remove it: open <TELEGRAM_API_URL>/bot<token>/deleteWebhook in a browser."
                    " Or set TELEGRAM_WEBHOOK_URL, or make another bot for this.",
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

    async def answer(self, query: str) -> None:
        """Stop the button of a callback query from showing that it waits.

        Raises:
            Rejected: it is too old.
        """
        await self.ask("answerCallbackQuery", {"callback_query_id": query})

    # files

    async def path_of(self, file: str) -> str:
        """Where a file can be had for the next hour, below the server's `/file/bot<token>/`.

        Raises:
            Rejected: it is too large, or not ours to read.
        """
        return str((await self.ask("getFile", {"file_id": file}))["file_path"])

    async def pictures(self, entity: Entity) -> list[Json]:
        """The sizes of the picture that somebody shows; none if they show none, or not to us."""
        found = await self.ask("getUserProfilePhotos", {"user_id": entity.key, "limit": 1})
        return list(found["photos"][0]) if found["photos"] else []

    # the webhook

    async def webhook(self) -> Json:
        """What Telegram says of our webhook: https://core.telegram.org/bots/api#webhookinfo."""
        return dict(await self.ask("getWebhookInfo", {}))

    async def webhook_host(self) -> str:
        """Where the webhook leads; nothing if none is set, or if it cannot be told.

        Its path is not told: it often is a secret.
        """
        try:
            return urlsplit(str((await self.webhook())["url"])).hostname or ""
        except (DeliveryError, LookupError, TypeError, ValueError):
            return ""

    async def set_webhook(self, url: str, secret: str, certificate: Path | None) -> None:
        """Have updates sent to `url`, one at a time, and so in order; none is dropped.

        Raises:
            Rejected: Telegram does not take that address.
            OSError: the certificate cannot be read.
        """
        pem = await asyncio.to_thread(certificate.read_bytes) if certificate else None
        asked = {
            "url": url,
            "certificate": InputFile(pem, "certificate.pem") if pem else None,
            "max_connections": 1,
            "allowed_updates": ALLOWED_UPDATES,
            "drop_pending_updates": False,
            "secret_token": secret,
        }
        await self.ask("setWebhook", asked)

    async def delete_webhook(self) -> None:
        """Have updates wait for a poll; none is dropped."""
        await self.ask("deleteWebhook", {"drop_pending_updates": False})
