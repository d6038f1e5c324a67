"""The methods of the Bot API, but those about webhooks."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

from connectors.telegram.simulator.chats import Json, Network, bad
from connectors.telegram.simulator.editing import Editing
from connectors.telegram.simulator.limits import Limits
from connectors.telegram.simulator.queries import Queries
from connectors.telegram.simulator.reactions import Reactions
from connectors.telegram.simulator.reading import Params, decoded, integer
from connectors.telegram.simulator.sending import Desk, Sending
from connectors.telegram.simulator.updates import Updates
from connectors.telegram.simulator.uploads import DOWNLOAD, Files

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
COMMANDS, DESCRIPTION = 100, 256
"""How many, and how long: https://core.telegram.org/bots/api#botcommand, #setmycommands"""

TOPIC = 128
"""Characters of a name: https://core.telegram.org/bots/api#createforumtopic"""

COMMAND = re.compile(r"[a-z0-9_]{1,32}")

Method = Callable[[Params], Awaitable[Any]]


class BotApi:
    """What one bot can ask for.

    Args:
        privacy: whether the bot sees only what speaks to it in groups.
        limits: what refuses too many messages.
        said: called with each message that the bot says.
        edited: called with each message that the bot edits.
        deleted: called with each message that the bot deletes.

    Attributes:
        methods: by their names in small letters; more may be added.
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
        deleted: Callable[[Json], None],
    ) -> None:
        self._network, self._updates, self._privacy = network, updates, privacy
        self._commands: list[Json] = []
        self.allowed: frozenset[str] = frozenset()
        self.files, self.queries, self.reactions = Files(), Queries(), Reactions()
        self._desk = Desk(network, self.files, self.reactions, limits, said, edited, deleted)
        sending = Sending(self._desk)
        own: tuple[Method, ...] = (
            self.get_me, self.get_updates, self.get_file, self.answer_callback_query,
            self.send_chat_action, self.get_chat, self.get_chat_member, self.set_my_commands,
            self.get_my_commands, self.create_forum_topic,
        )  # fmt: skip
        self.methods: dict[str, Method] = {
            **{one.__name__.replace("_", ""): one for one in own},
            **sending.methods,
            **Editing(self._desk, sending).methods,
        }

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
        if allowed := decoded(params, "allowed_updates"):
            self.allowed = frozenset(allowed)
        limit = min(max(integer(params, "limit") or 100, 1), 100)
        offset, timeout = integer(params, "offset") or 0, integer(params, "timeout") or 0
        return await self._updates.poll(offset, limit, timeout)

    # files and presses

    async def get_file(self, params: Params) -> Json:
        """See getFile."""
        file = str(params.get("file_id", ""))
        kept = self.files.kept(file)
        size = len(kept.upload.data)
        if size > DOWNLOAD:
            raise bad("file is too big")
        path = {"file_path": kept.path, "file_size": size}
        return {"file_id": file, "file_unique_id": f"unique-{file}", **path}

    async def answer_callback_query(self, params: Params) -> bool:
        """See answerCallbackQuery."""
        self.queries.answer(str(params.get("callback_query_id")), str(params.get("text", "")))
        return True

    async def send_chat_action(self, params: Params) -> bool:
        """See sendChatAction."""
        self._desk.writable(params)
        return True

    # chats and commands

    async def get_chat(self, params: Params) -> Json:
        """See getChat."""
        chat = self._desk.chat(params)
        return chat.info | {
            "accent_color_id": 0,
            "max_reaction_count": 11,
            "accepted_gift_types": GIFTS,
        }

    async def get_chat_member(self, params: Params) -> Json:
        """See getChatMember."""
        chat, user = self._desk.chat(params), integer(params, "user_id")
        if user == self._network.bot["id"]:
            return {"status": "left" if chat.refuses else "member", "user": self._network.bot}
        if user not in self._network.people:
            raise bad("user not found")
        return {"status": "member", "user": self._network.people[user]}

    async def create_forum_topic(self, params: Params) -> Json:
        """See createForumTopic."""
        chat, name = self._desk.writable(params), str(params.get("name") or "")
        if not chat.info.get("is_forum"):
            raise bad("the chat is not a forum")
        if not 0 < len(name) <= TOPIC:
            raise bad("TOPIC_TITLE_INVALID" if name else "topic name is empty")
        number = self._network.add_topic(chat, name)
        return {"message_thread_id": number, **chat.messages[number]["forum_topic_created"]}

    async def set_my_commands(self, params: Params) -> bool:
        """See setMyCommands."""
        commands = list(decoded(params, "commands") or ())
        if len(commands) > COMMANDS:
            raise bad("BOT_COMMANDS_TOO_MUCH")
        if not all(COMMAND.fullmatch(one["command"]) for one in commands):
            raise bad("BOT_COMMAND_INVALID")
        if not all(0 < len(one["description"]) <= DESCRIPTION for one in commands):
            raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
        self._commands = commands
        return True

    async def get_my_commands(self, _: Params) -> list[Json]:
        """See getMyCommands."""
        return self._commands
