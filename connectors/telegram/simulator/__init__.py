"""Telegram on loopback: the Bot API over HTTP, and people to talk to."""

from __future__ import annotations

import asyncio
import re
from collections import Counter, defaultdict, deque
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any
from weakref import WeakSet

import orjson
from aiohttp import web

from bot.testing.simulator import Said, Simulator, Upload
from connectors.telegram.simulator import control
from connectors.telegram.simulator.api import BotApi
from connectors.telegram.simulator.chats import ApiError, Json, Network
from connectors.telegram.simulator.limits import PER_SECOND, Limits
from connectors.telegram.simulator.people import People, concerns, said
from connectors.telegram.simulator.updates import Updates
from connectors.telegram.simulator.webhook import Webhook
from connectors.telegram.simulator.wire import answer, failure, params, refusal

POSTS = {"message": "channel_post", "edited_message": "edited_channel_post"}
"""What the updates of channels are called."""

UNASKED = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
"""The updates that come only to those who name them: https://core.telegram.org/bots/api#setwebhook"""

TOKEN = re.compile(r"\d+:[\w-]+", re.ASCII)


class TelegramSimulator(Simulator):
    """Telegram, for one bot.

    Args:
        token: what the bot must show; its id stands before the colon.
        username: what people mention the bot by.
        privacy: whether the bot sees only what speaks to it in groups.
        limits: whether messages beyond Telegram's limits are refused; they are `per_second`.

    Attributes:
        calls: how often each method was called.
        delay: seconds by which every answer but those of getUpdates is late.
        people: everybody but the bot, and what they can do besides what all platforms have.
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
        per_second: int = PER_SECOND,
    ) -> None:
        super().__init__(host, port, limits=limits)
        self.token, self.username, self.delay, self.calls = token, username, 0.0, Counter[str]()
        self._privacy, self._limits = privacy, Limits(per_second) if limits else None
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
            edited=partial(self._amend, gone=False),
            deleted=partial(self._amend, gone=True),
        )
        self.people = People(self._network, self._api, self._tell, self.record)
        self._webhook = Webhook(self._updates, self._api.get_updates, self._allow)
        self._api.methods |= self._webhook.methods
        self._api.methods["getuserprofilephotos"] = self.people.get_user_profile_photos
        self._lost: Counter[str] = Counter()
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
        files: Sequence[Upload] = (),
    ) -> str:
        """See `Simulator.say`; several files are an album."""
        text = f"@{self.username} {text}" if mention else text
        return self.people.say(room, person, text, reply_to=reply_to, files=files)

    async def edit(self, message: str, text: str) -> None:
        """See `Simulator.edit`."""
        self.people.edit(message, text)

    async def delete(self, message: str) -> None:
        """See `Simulator.delete`. Telegram does not tell bots."""
        self.people.delete(message)

    async def rename(self, person: str, name: str) -> None:
        """See `Simulator.rename`."""
        self.people.rename(person, name)

    async def react(self, message: str, person: str, emoji: str, *, removed: bool = False) -> None:
        """See `Simulator.react`."""
        self.people.react(message, person, emoji, removed=removed)

    async def press(self, message: str, person: str, label: str) -> None:
        """See `Simulator.press`."""
        self.people.press(message, person, label)

    async def command(
        self, room: str, person: str, name: str, arguments: Mapping[str, Any]
    ) -> None:
        """See `Simulator.command`."""
        self.people.command(room, person, name, arguments)

    async def block(self, room: str) -> None:
        """The person of a private chat blocks the bot, or a group's admin kicks it."""
        self.people.block(room)

    async def inject(self, payload: Any) -> None:
        """Queue an update of any shape; an object without an `update_id` gets one."""
        self._updates.push(payload)

    def malformed(self) -> Any:
        """See `Simulator.malformed`."""
        return {"message": {"message_id": "many"}}

    def unknown(self) -> Any:
        """See `Simulator.unknown`."""
        return {"telepathy": {"thought": "Hm"}}

    def files(self, message: str) -> list[Upload]:
        """See `Simulator.files`."""
        return self._api.files.of(self.people.message(message))

    def reactions(self, message: str) -> dict[str, list[str]]:
        """See `Simulator.reactions`."""
        return self._api.reactions.to(message)

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

    def lose_next(self, method: str) -> None:
        """Do what the next call of a method asks for, and cut the connection."""
        self._lost[method.lower()] += 1

    def repeat_next(self) -> None:
        """Tell the next update twice, as after a lost confirmation."""
        self._updates.repeat_next()

    def swap_next(self) -> None:
        """Tell the next two updates in reverse."""
        self._updates.swap_next()

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

    @property
    def paid(self) -> int:
        """How many messages were paid for."""
        return self._limits.paid if self._limits else 0

    # the wire

    def routes(self, app: web.Application) -> None:
        """See `Simulator.routes`."""
        app.router.add_route("*", "/bot{token}/{method}", self._serve)
        app.router.add_get("/file/bot{token}/{path:.+}", self._download)
        app.add_routes(control.routes(self.people, self))

    async def _open(self) -> None:
        await super()._open()
        self._webhook.resume()

    async def _close(self) -> None:
        await self._webhook.close()
        await super()._close()

    async def _download(self, request: web.Request) -> web.Response:
        """See getFile."""
        file = self._api.files.at(request.match_info["path"])
        if file is None or request.match_info["token"] != self.token:
            return refusal(ApiError(404, "Not Found"))
        return web.Response(body=file.data, content_type="application/octet-stream")

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
        if self._lost[method] and request.transport:
            self._lost[method] -= 1
            request.transport.abort()
        body = result if isinstance(result, bytes) else orjson.dumps(result)
        return answer(b'{"ok":true,"result":' + body + b"}")

    def _admit(self, token: str, method: str) -> None:
        if token != self.token and TOKEN.fullmatch(token):
            raise ApiError(401, "Unauthorized")
        if token != self.token or method not in self._api.methods:
            raise ApiError(404, "Not Found")
        self.calls[method] += 1

    def _allow(self, kinds: list[str]) -> None:
        self._api.allowed = frozenset(kinds)

    def _said(self, message: Json) -> Said:
        return said(message, str(self._id), self._api.files.of(message), by_bot=True)

    def _amend(self, message: Json, *, gone: bool) -> None:
        """The bot edited or deleted a message."""
        said = self._said(message)
        log = self.log[said.room]
        kept = [one for one in log if not (gone and one.message == said.message)]
        log[:] = [said if one.message == said.message else one for one in kept]
        self._changed.set()

    def _tell(self, kind: str, what: Json) -> None:
        is_post = what.get("chat", {}).get("type") == "channel"
        kind = POSTS.get(kind, kind) if is_post else kind
        is_said = "text" in what or bool(self._api.files.of(what))
        hidden = self._privacy and is_said and not concerns(what, self._network.bot)
        wanted = kind in self._api.allowed if self._api.allowed else kind not in UNASKED
        if wanted and not hidden:
            self._updates.push({kind: what})
