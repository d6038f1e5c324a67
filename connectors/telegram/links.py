"""The addresses of messages: https://core.telegram.org/api/links#message-links."""

from __future__ import annotations

import re

from bot.memory import Room

SUPER = "-100"
"""What the Bot API puts before the ids of supergroups and channels, and links do not:
https://core.telegram.org/api/bots/ids"""

PRIVATE = re.compile(r"https://(?:t|telegram)\.me/c/(\d+)/(?:\d+/)?(\d+)/?(?:[?#].*)?")


def link_of(room: Room, message: str) -> str | None:
    """The address of a message; None where it has none, as in private chats and small groups."""
    chat, _, number = message.partition("/")
    topic = room.key.partition("/")[2]
    path = f"{topic}/{number}" if topic else number
    if room.handle:
        return f"https://t.me/{room.handle}/{path}"
    return f"https://t.me/c/{chat.removeprefix(SUPER)}/{path}" if chat.startswith(SUPER) else None


def message_of(link: str) -> str | None:
    """The message behind a link. A link with a public name does not tell the chat's id."""
    found = PRIVATE.fullmatch(link)
    return f"{SUPER}{found[1]}/{found[2]}" if found else None
