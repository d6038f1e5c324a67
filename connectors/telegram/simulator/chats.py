"""People, chats and messages, as the Bot API shows them."""

from __future__ import annotations

import itertools
import re
import time
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

ENTITY = re.compile(
    r"(?<![\w/@])(?:"
    r"(?P<bot_command>/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{4,32})?)"
    r"|(?P<mention>@[A-Za-z0-9_]{4,32})"
    r")(?!\w)"
)
GROUPS = {"group": "supergroup", "channel": "channel"}


class ApiError(Exception):
    """What the Bot API answers in place of a result."""

    def __init__(self, code: int, description: str, parameters: Json | None = None) -> None:
        super().__init__(description)
        self.code, self.description, self.parameters = code, description, parameters


def bad(words: str) -> ApiError:
    """A 400."""
    return ApiError(400, f"Bad Request: {words}")


def units(text: str) -> int:
    """How Telegram counts a text: in UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2


def entities(text: str) -> list[Json]:
    """The commands and mentions that Telegram finds in a text."""
    if "/" not in text and "@" not in text:
        return []
    return [
        {"type": found.lastgroup, "offset": units(text[: found.start()]), "length": len(found[0])}
        for found in ENTITY.finditer(text)
    ]


def first() -> int:
    """A number to count from, above those of an earlier run: a bot's store remembers them."""
    return int(time.time()) & 0x3FFFFFFF


@dataclass(slots=True)
class Chat:
    """One chat.

    Args:
        info: the Chat object.
        refuses: the words of the 403 for a bot that may not write here.
        moved: the id that it has now, as a supergroup.
    """

    info: Json
    refuses: str = ""
    moved: int | None = None
    messages: dict[int, Json] = field(default_factory=dict)
    last: int = field(default_factory=first)

    @property
    def id(self) -> int:
        """The chat's id."""
        return int(self.info["id"])

    @property
    def is_private(self) -> bool:
        """Whether only one person is here."""
        return bool(self.info["type"] == "private")

    def message(self, id: int, problem: str) -> Json:
        """A message; a 400 with the words of `problem` if there is none."""
        if id not in self.messages:
            raise bad(problem)
        return self.messages[id]

    def post(
        self, author: Json, *, topic: int | None = None, answered: Json | None = None, **what: Any
    ) -> Json:
        """Add a message."""
        self.last += 1
        channel = self.info["type"] == "channel"
        message = {
            "message_id": self.last,
            **({"sender_chat": self.info} if channel else {"from": author}),
            "chat": self.info,
            "date": int(time.time()),
        }
        if topic is not None:
            # Telegram makes every message of a topic an answer to the topic's opening.
            answered = answered or self.messages[topic]
            message |= {"message_thread_id": topic, "is_topic_message": True}
        if answered is not None:
            message["reply_to_message"] = {
                name: value for name, value in answered.items() if name != "reply_to_message"
            }
        message |= what
        self.messages[self.last] = message
        return message


class Network:
    """Everybody and every chat.

    Args:
        bot: the User object of the bot.
    """

    def __init__(self, bot: Json) -> None:
        self.bot = bot
        self.people: dict[int, Json] = {}
        self.chats: dict[int, Chat] = {}
        self._ids = itertools.count(1001)

    def add_person(self, name: str, *, is_bot: bool) -> int:
        """A new person; their id."""
        number = next(self._ids)
        person = {"id": number, "is_bot": is_bot, "first_name": name}
        if handle := re.sub(r"\W", "", name, flags=re.ASCII).lower():
            person["username"] = f"{handle}_{number}"
        if not is_bot:
            person["language_code"] = "en"
        self.people[number] = person
        return number

    def add_private(self, person: int) -> Chat:
        """The private chat with a person, who has started the bot."""
        user = self.people[person]
        names: Json = {name: user[name] for name in ("first_name", "username") if name in user}
        return self._add({"id": person, **names, "type": "private"})

    def add_group(self, title: str, kind: str) -> Chat:
        """A supergroup or a channel."""
        number = -1_000_000_000_000 - next(self._ids)
        return self._add({"id": number, "title": title, "type": GROUPS[kind]})

    def add_small_group(self, title: str) -> Chat:
        """A group that is not a supergroup yet."""
        return self._add({"id": -next(self._ids), "title": title, "type": "group"})

    def add_topic(self, chat: Chat, name: str) -> int:
        """A topic, which makes the group a forum; its id is that of the message that opens it."""
        chat.info["is_forum"] = True
        opening = {"name": name, "icon_color": 0x6FB9F0}
        message = chat.post(self.bot, forum_topic_created=opening)
        topic = int(message["message_id"])
        message |= {"message_thread_id": topic, "is_topic_message": True}
        return topic

    def chat(self, id: int) -> Chat:
        """A chat, if the bot knows it and it is still that one."""
        if id not in self.chats:
            raise bad("chat not found")
        if moved := self.chats[id].moved:
            words = "Bad Request: group chat was upgraded to a supergroup chat"
            raise ApiError(400, words, {"migrate_to_chat_id": moved})
        return self.chats[id]

    def public(self, name: str) -> Chat:
        """The chat with that public name."""
        for chat in self.chats.values():
            if chat.info.get("username") == name:
                return chat
        raise bad("chat not found")

    def _add(self, info: Json) -> Chat:
        return self.chats.setdefault(info["id"], Chat(info))
