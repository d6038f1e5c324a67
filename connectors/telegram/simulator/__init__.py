"""Telegram on loopback: the Bot API over HTTP, and people to talk to."""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter, defaultdict, deque
from collections.abc import Sequence
from typing import Any
from weakref import WeakSet

import orjson
from aiohttp import web

from bot.testing.simulator import Said, Simulator, Upload, now
from connectors.telegram.simulator.api import BotApi
from connectors.telegram.simulator.chats import ApiError, Chat, Json, Network, entities
from connectors.telegram.simulator.limits import Limits
from connectors.telegram.simulator.updates import Updates
from connectors.telegram.simulator.wire import answer, failure, params, refusal

TOKEN = re.compile(r"\d+:[\w-]+", re.ASCII)


class TelegramSimulator(Simulator):
    """Telegram, for one bot.

    Args:
        token: what the bot must show; its id stands before the colon.
        username: what people mention the bot by.
        privacy: whether the bot sees only what speaks to it in groups.
        limits: whether messages beyond Telegram's limits are refused.

    Attributes:
        calls: how often each method was called.
        delay: seconds by which every answer but those of getUpdates is late.
    """

    platform = "telegram"

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        token: str = "424242:simulated",  # noqa: S107 - it opens nothing
        name: str = "Townhall",
        username: str = "townhall_bot",
        privacy: bool = False,
        limits: bool = False,
    ) -> None:
        super().__init__(host, port, limits=limits)
        self.token, self.username, self.delay = token, username, 0.0
        self.calls: Counter[str] = Counter()
        self._privacy, self._limits = privacy, Limits() if limits else None
        self._id = int(token.partition(":")[0])
        self._network = Network(
            {"id": self._id, "is_bot": True, "first_name": name, "username": username}
        )
        self._updates = Updates()
        self._api = BotApi(
            self._network,
            self._updates,
            privacy=privacy,
            limits=self._limits,
            said=lambda message: self.record(self._said(message)),
            edited=self._bot_edited,
        )
        self._failures: defaultdict[str, deque[tuple[int, Any]]] = defaultdict(deque)
        self._wires: WeakSet[Any] = WeakSet()

    @property
    def settings(self) -> dict[str, str]:
        """The settings that point a bot here."""
        return {
            "TELEGRAM_BOT_TOKEN": self.token,
            "TELEGRAM_API_URL": self.url,
            "TELEGRAM_LIMITS": "on" if self.limits else "off",
        }

    @property
    def pending(self) -> int:
        """How many updates the bot has not confirmed."""
        return len(self._updates)

    # people

    def add_person(self, name: str, *, is_bot: bool = False) -> str:
        """See `Simulator.add_person`."""
        return str(self._network.add_person(name, is_bot=is_bot))

    def add_room(self, name: str, *, kind: str = "group", parent: str | None = None) -> str:
        """See `Simulator.add_room`."""
        if kind == "dm":
            return str(self._network.add_private(int(name)).id)
        if kind != "thread":
            return str(self._network.add_group(name, kind).id)
        if parent is None:
            raise ValueError("a topic belongs to a group: name it as `parent`")
        return f"{parent}/{self._network.add_topic(self._network.chats[int(parent)], name)}"

    async def say(
        self,
        room: str,
        person: str,
        text: str,
        *,
        reply_to: str | None = None,
        mention: bool = False,
        files: Sequence[Upload] = (),  # noqa: ARG002 - not yet
    ) -> str:
        """See `Simulator.say`."""
        chat, topic = self._place(room)
        text = f"@{self.username} {text}" if mention else text
        message = chat.post(
            self._network.people[int(person)],
            topic=topic,
            answered=self._message(reply_to) if reply_to else None,
            text=text,
            **_found(text),
        )
        said = Said(room, _reference(message), person, text, reply_to, by_bot=False, at=now())
        self.record(said)
        self._tell("message", message)
        return said.message

    async def edit(self, message: str, text: str) -> None:
        """See `Simulator.edit`."""
        changed = self._message(message)
        changed.pop("entities", None)
        changed |= {"text": text, "edit_date": int(time.time()), **_found(text)}
        self._tell("edited_message", changed)

    async def delete(self, message: str) -> None:
        """Delete a message. Telegram does not tell bots."""
        chat, _, number = message.partition("/")
        del self._network.chats[int(chat)].messages[int(number)]

    async def inject(self, payload: Any) -> None:
        """Queue an update of any shape; an object without an `update_id` gets one."""
        self._updates.push(payload)

    def malformed(self) -> Any:
        """See `Simulator.malformed`."""
        return {"message": {"message_id": "many"}}

    def unknown(self) -> Any:
        """See `Simulator.unknown`."""
        return {"telepathy": {"thought": "Hm"}}

    async def block(self, room: str) -> None:
        """The person of a private chat blocks the bot, or a group's admin kicks it."""
        chat = self._network.chats[int(room)]
        kind = chat.info["type"]
        chat.refuses = (
            "bot was blocked by the user"
            if chat.is_private
            else f"bot was kicked from the {kind} chat"
        )
        bot = self._network.bot
        change = {
            "chat": chat.info,
            "from": self._network.people.get(chat.id, next(iter(self._network.people.values()))),
            "date": int(time.time()),
            "old_chat_member": {"status": "member", "user": bot},
            "new_chat_member": {"status": "kicked", "user": bot, "until_date": 0},
        }
        self._tell("my_chat_member", change)

    # faults

    async def disconnect(self) -> None:
        """See `Simulator.disconnect`."""
        for wire in list(self._wires):
            wire.abort()

    def fail_next(self, method: str, status: int, body: Any = None, times: int = 1) -> None:
        """Answer the next calls of a method with an error, and do nothing.

        Args:
            body: JSON, or text as it is; by default what the Bot API says with that status.
        """
        self._failures[method.lower()].extend([(status, body)] * times)

    async def limit_next(self, seconds: float) -> None:
        """See `Simulator.limit_next`."""
        body = {
            "ok": False,
            "error_code": 429,
            "description": f"Too Many Requests: retry after {seconds:g}",
            "parameters": {"retry_after": seconds},
        }
        self.fail_next("sendMessage", 429, body)

    @property
    def limited(self) -> int:
        """See `Simulator.limited`."""
        return self._limits.refused if self._limits else 0

    # the wire

    def routes(self, app: web.Application) -> None:
        """See `Simulator.routes`."""
        app.router.add_route("*", "/bot{token}/{method}", self._serve)

    async def _serve(self, request: web.Request) -> web.Response:
        if request.transport:
            self._wires.add(request.transport)
        method = request.match_info["method"].lower()
        try:
            self._admit(request.match_info["token"], method)
            if failures := self._failures[method]:
                return failure(*failures.popleft())
            result = await self._api.methods[method](await params(request))
        except ApiError as error:
            return refusal(error)
        if self.delay and method != "getupdates":
            await asyncio.sleep(self.delay)
        body = result if isinstance(result, bytes) else orjson.dumps(result)
        return answer(b'{"ok":true,"result":' + body + b"}")

    def _admit(self, token: str, method: str) -> None:
        if token != self.token and TOKEN.fullmatch(token):
            raise ApiError(401, "Unauthorized")
        if token != self.token or method not in self._api.methods:
            raise ApiError(404, "Not Found")
        self.calls[method] += 1

    def _said(self, message: Json) -> Said:
        answered = message.get("reply_to_message", {})
        answers = bool(answered) and "forum_topic_created" not in answered
        return Said(
            room=_room(message),
            message=_reference(message),
            person=str(self._id),
            text=message["text"],
            reply_to=_reference(answered) if answers else None,
            by_bot=True,
            at=now(),
        )

    def _bot_edited(self, message: Json) -> None:
        said = self._said(message)
        log = self.log[said.room]
        log[:] = [said if one.message == said.message else one for one in log]
        self._changed.set()

    def _tell(self, kind: str, what: Json) -> None:
        if what["chat"]["type"] == "channel":
            kind = kind.replace("message", "channel_post")
        hidden = self._privacy and "text" in what and not self._is_for_bot(what)
        if not hidden and (not self._api.allowed or kind in self._api.allowed):
            self._updates.push({kind: what})

    def _is_for_bot(self, message: Json) -> bool:
        """Whether the bot sees it in privacy mode."""
        if message["chat"]["type"] != "supergroup" or message["text"].startswith("/"):
            return True
        answered = message.get("reply_to_message", {})
        named = f"@{self.username}".lower() in message["text"].lower()
        return named or answered.get("from") is self._network.bot

    def _place(self, room: str) -> tuple[Chat, int | None]:
        chat, _, topic = room.partition("/")
        return self._network.chats[int(chat)], int(topic) if topic else None

    def _message(self, reference: str) -> Json:
        chat, _, number = reference.partition("/")
        return self._network.chats[int(chat)].messages[int(number)]


def _found(text: str) -> Json:
    found = entities(text)
    return {"entities": found} if found else {}


def _reference(message: Json) -> str:
    return f"{message['chat']['id']}/{message['message_id']}"


def _room(message: Json) -> str:
    chat = str(message["chat"]["id"])
    return f"{chat}/{message['message_thread_id']}" if "is_topic_message" in message else chat
