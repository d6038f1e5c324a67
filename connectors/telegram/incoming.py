"""The calls of the Bot API about what comes in: webhooks, presses, files, pictures."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from telegram import InputFile

from bot.memory import Entity
from connectors.telegram.client import ALLOWED_UPDATES, Client

Json = dict[str, Any]


async def answer(client: Client, query: str) -> None:
    """Stop the button of a callback query from showing that it waits.

    Raises:
        Rejected: it is too old.
    """
    await client.ask("answerCallbackQuery", {"callback_query_id": query})


async def path_of(client: Client, file: str) -> str:
    """Where a file can be had for the next hour, below the server's `/file/bot<token>/`.

    Raises:
        Rejected: it is too large, or not ours to read.
    """
    return str((await client.ask("getFile", {"file_id": file}))["file_path"])


async def pictures(client: Client, entity: Entity) -> list[Json]:
    """The sizes of the picture that somebody shows; none if they show none, or not to us."""
    found = await client.ask("getUserProfilePhotos", {"user_id": entity.key, "limit": 1})
    return list(found["photos"][0]) if found["photos"] else []


async def webhook_info(client: Client) -> Json:
    """What Telegram says of our webhook: https://core.telegram.org/bots/api#webhookinfo."""
    return dict(await client.ask("getWebhookInfo", {}))


async def set_webhook(client: Client, url: str, secret: str, certificate: Path | None) -> None:
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
    await client.ask("setWebhook", asked)


async def delete_webhook(client: Client) -> None:
    """Have updates wait for a poll; none is dropped."""
    await client.ask("deleteWebhook", {"drop_pending_updates": False})
