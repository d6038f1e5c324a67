"""Members of chats, as the Bot API shows them."""

from __future__ import annotations

import time
from typing import Any

from connectors.telegram.simulator.chats import Chat, Json

EXTRA: dict[str, dict[str, Any]] = {"kicked": {"until_date": 0}}
"""What each kind of member has besides: https://core.telegram.org/bots/api#chatmember"""


def member(user: Json, status: str) -> Json:
    """A ChatMember."""
    return {"status": status, "user": user, **EXTRA.get(status, {})}


def change(chat: Chat, actor: Json, user: Json, old: str, new: str) -> Json:
    """A ChatMemberUpdated."""
    return {
        "chat": chat.info,
        "from": actor,
        "date": int(time.time()),
        "old_chat_member": member(user, old),
        "new_chat_member": member(user, new),
    }
