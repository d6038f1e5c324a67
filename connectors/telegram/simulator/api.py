"""The methods of the Bot API."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import orjson

from connectors.telegram.simulator.chats import ApiError, Chat, Json, Network, bad, entities, units
from connectors.telegram.simulator.limits import Limits
from connectors.telegram.simulator.updates import BY_WEBHOOK, Updates

LONGEST = 4096
WEBHOOK_SET = (
    "Conflict: can't use getUpdates method while webhook is active; "
    "use deleteWebhook to delete the webhook first"
)
GIFTS = dict.fromkeys(
    (
        "unlimited_gifts",
        "limited_gifts",
        "unique_gifts",
        "premium_subscription",
        "gifts_from_channels",
    ),
    False,
)

Params = Mapping[str, Any]
Method = Callable[[Params], Awaitable[Any]]


class BotApi:
    """What one bot can ask for.

    Args:
        privacy: whether the bot sees only what speaks to it in groups.
        limits: what refuses too many messages.
        said: called with each message that the bot says.
        edited: called with each message that the bot edits.
    """

    def __init__(
        self,
        network: Network,
        updates: Updates,
        *,
        privacy: bool,
        limits: Limits | None,
        said: Callable[[Json], None],
        edited: Callable[[Json], None],
    ) -> None:
        self._network, self._updates, self._limits = network, updates, limits
        self._said, self._edited = said, edited
        self._privacy = privacy
        self._webhook = ""
        self._commands: list[Json] = []
        self.allowed: frozenset[str] = frozenset()
        methods: tuple[Method, ...] = (
            self.get_me, self.get_updates, self.set_webhook, self.delete_webhook,
            self.get_webhook_info, self.send_message, self.edit_message_text,
            self.delete_message, self.send_chat_action, self.get_chat, self.get_chat_member,
            self.set_my_commands, self.get_my_commands,
        )  # fmt: skip
        self.methods = {one.__name__.replace("_", ""): one for one in methods}

    # who, and what is new

    async def get_me(self, _: Params) -> Json:
        """See getMe."""
        return self._network.bot | {
            "can_join_groups": True,
            "can_read_all_group_messages": not self._privacy,
            "supports_inline_queries": False,
        }

    async def get_updates(self, params: Params) -> bytes:
        """See getUpdates."""
        if self._webhook:
            raise ApiError(409, WEBHOOK_SET)
        if allowed := _json(params, "allowed_updates"):
            self.allowed = frozenset(allowed)
        limit = min(max(_int(params, "limit") or 100, 1), 100)
        offset, timeout = _int(params, "offset") or 0, _int(params, "timeout") or 0
        return await self._updates.poll(offset, limit, timeout)

    async def set_webhook(self, params: Params) -> bool:
        """See setWebhook; nothing is sent there."""
        self._webhook = str(params.get("url", ""))
        self._updates.interrupt(BY_WEBHOOK)
        return True

    async def delete_webhook(self, _: Params) -> bool:
        """See deleteWebhook."""
        self._webhook = ""
        return True

    async def get_webhook_info(self, _: Params) -> Json:
        """See getWebhookInfo."""
        pending = len(self._updates)
        return {
            "url": self._webhook,
            "has_custom_certificate": False,
            "pending_update_count": pending,
        }

    # what the bot says

    async def send_message(self, params: Params) -> Json:
        """See sendMessage."""
        text = _text(params)
        chat = self._writable(params)
        topic = _int(params, "message_thread_id")
        if topic is not None:
            chat.message(topic, "message thread not found")
        answered = _answered(chat, _json(params, "reply_parameters") or {})
        if self._limits:
            self._limits.take(chat)
        found = entities(text)
        what = {"text": text, "entities": found} if found else {"text": text}
        message = chat.post(self._network.bot, topic=topic, answered=answered, **what)
        self._said(message)
        return message

    async def edit_message_text(self, params: Params) -> Json:
        """See editMessageText."""
        text = _text(params)
        message = self._own(params, "message to edit not found", "message can't be edited")
        if message["text"] == text:
            raise bad(
                "message is not modified: specified new message content and reply markup are "
                "exactly the same as a current content and reply markup of the message"
            )
        message |= {"text": text, "entities": entities(text), "edit_date": int(time.time())}
        self._edited(message)
        return message

    async def delete_message(self, params: Params) -> bool:
        """See deleteMessage."""
        message = self._own(params, "message to delete not found", "message can't be deleted")
        del self._network.chats[message["chat"]["id"]].messages[message["message_id"]]
        return True

    async def send_chat_action(self, params: Params) -> bool:
        """See sendChatAction."""
        self._writable(params)
        return True

    # chats and commands

    async def get_chat(self, params: Params) -> Json:
        """See getChat."""
        chat = self._chat(params)
        return chat.info | {
            "accent_color_id": 0,
            "max_reaction_count": 11,
            "accepted_gift_types": GIFTS,
        }

    async def get_chat_member(self, params: Params) -> Json:
        """See getChatMember."""
        chat, user = self._chat(params), _int(params, "user_id")
        if user == self._network.bot["id"]:
            return {"status": "left" if chat.refuses else "member", "user": self._network.bot}
        if user not in self._network.people:
            raise bad("user not found")
        return {"status": "member", "user": self._network.people[user]}

    async def set_my_commands(self, params: Params) -> bool:
        """See setMyCommands."""
        self._commands = list(_json(params, "commands") or ())
        return True

    async def get_my_commands(self, _: Params) -> list[Json]:
        """See getMyCommands."""
        return self._commands

    def _chat(self, params: Params) -> Chat:
        if (number := _int(params, "chat_id")) is None:
            raise bad("chat_id is empty")
        return self._network.chat(number)

    def _writable(self, params: Params) -> Chat:
        chat = self._chat(params)
        if chat.refuses:
            raise ApiError(403, f"Forbidden: {chat.refuses}")
        return chat

    def _own(self, params: Params, missing: str, foreign: str) -> Json:
        message = self._writable(params).message(_int(params, "message_id") or 0, missing)
        if message.get("from", self._network.bot) is not self._network.bot:
            raise bad(foreign)
        return message


def _int(params: Params, name: str) -> int | None:
    value = params.get(name)
    if value is None or value == "":
        return None
    try:
        return int(value)
    except (TypeError, ValueError):
        # A chat can be named by its @username, too; ours have none.
        raise bad("chat not found" if name == "chat_id" else f"invalid {name}") from None


def _json(params: Params, name: str) -> Any:
    value = params.get(name)
    try:
        return orjson.loads(value) if isinstance(value, str) else value
    except orjson.JSONDecodeError:
        raise bad(f"can't parse {name} JSON object") from None


def _text(params: Params) -> str:
    text = str(params.get("text", "")).strip()
    if not text:
        raise bad("message text is empty")
    if units(text) > LONGEST:
        raise bad("message is too long")
    return text


def _answered(chat: Chat, reply: Json) -> Json | None:
    number = reply.get("message_id")
    if number is None:
        return None
    if number not in chat.messages and reply.get("allow_sending_without_reply"):
        return None
    return chat.message(number, "message to be replied not found")
