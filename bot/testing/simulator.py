"""What the simulators of all platforms share: a server on loopback and a way to play people.

A simulator speaks the platform's own protocol to the bot. Tests and the demo talk to it in Python,
other processes by HTTP under `/control` (see `bot.testing.client`), in the same words.
"""

from __future__ import annotations

import asyncio
import time
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from aiohttp import web
from aiohttp.typedefs import Middleware

from bot.content import MediaKind
from bot.testing.control import control, mistakes


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it is sent, byte for byte."""

    name: str
    data: bytes
    media_type: str = "application/octet-stream"
    kind: MediaKind = MediaKind.FILE


@dataclass(frozen=True, slots=True)
class Said:
    """A message in a simulated room.

    Args:
        room: the room, as `Room.key` has it.
        message: the message, as `Event.message` has it.
        reply_to: the message that it answers, likewise.
        text: as who reads it on the platform sees it, without markup.
        by_bot: whether the bot said it.
        at: when, by `time.time()`.
        buttons: the labels of what can be pressed or chosen under it.
        files: the names of the files that came with it; see `Simulator.files`.
    """

    room: str
    message: str
    person: str
    text: str
    reply_to: str | None
    by_bot: bool
    at: float
    buttons: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


class Simulator(ABC):
    """A platform on loopback: `async with TelegramSimulator() as telegram: ...`.

    Args:
        port: 0 for any free one.
        limits: whether to refuse what the platform's documented limits forbid.

    Attributes:
        middlewares: what each request passes before it is answered; add to them before the start.
    """

    platform: ClassVar[str]

    def __init__(self, host: str = "127.0.0.1", port: int = 0, *, limits: bool = False) -> None:
        self.host, self.port, self.limits = host, port, limits
        self.log: defaultdict[str, list[Said]] = defaultdict(list)
        self.on_said: list[Callable[[Said], None]] = []
        self.middlewares: list[Middleware] = []
        self._changed = asyncio.Event()
        self._runner: web.AppRunner | None = None

    # what a platform fills in

    @property
    @abstractmethod
    def settings(self) -> dict[str, str]:
        """The settings that point a bot here."""

    @abstractmethod
    def routes(self, app: web.Application) -> None:
        """Add the platform's API to `app`."""

    @abstractmethod
    def add_person(self, name: str, *, is_bot: bool = False) -> str:
        """A new person; their id."""

    @abstractmethod
    def add_room(self, name: str, *, kind: str = "group", parent: str | None = None) -> str:
        """A new room, its key as `Room.key` has it.

        Args:
            kind: a `RoomKind`. For a DM, `name` is the id of the person.
            parent: the room that a thread belongs to.
        """

    @abstractmethod
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
        """Speak as a person; the message, as `Event.message` has it.

        Args:
            mention: whether to address the bot by its name.
            files: what goes with it; where a platform makes one message of each file, the first
                of them is returned.
        """

    @abstractmethod
    async def edit(self, message: str, text: str) -> None:
        """Change what a person said, where the platform lets people do so."""

    @abstractmethod
    async def delete(self, message: str) -> None:
        """Delete what a person said, where the platform lets people do so."""

    @abstractmethod
    async def inject(self, payload: Any) -> None:
        """Hand the bot an event of any shape, for instance a malformed one."""

    @abstractmethod
    def malformed(self) -> Any:
        """An event to `inject` that nobody can understand."""

    @abstractmethod
    def unknown(self) -> Any:
        """An event to `inject` that is, or has, what the platform may add one day."""

    @abstractmethod
    async def disconnect(self) -> None:
        """Cut every connection that the bot has, without a farewell."""

    @abstractmethod
    async def limit_next(self, seconds: float) -> None:
        """Refuse the bot's next message as one too many, and ask for a pause."""

    @property
    @abstractmethod
    def limited(self) -> int:
        """How many requests went beyond the limits."""

    # what only some platforms have

    async def rename(self, person: str, name: str) -> None:
        """Give a person another name."""
        raise NotImplementedError(f"{self.platform} has no new names")

    async def react(self, message: str, person: str, emoji: str, *, removed: bool = False) -> None:
        """React to a message as a person, or take the reaction back."""
        raise NotImplementedError(f"{self.platform} has no reactions")

    async def press(self, message: str, person: str, label: str) -> None:
        """Press the button of that label under a message, or choose it from a list."""
        raise NotImplementedError(f"{self.platform} has no buttons")

    async def command(
        self, room: str, person: str, name: str, arguments: Mapping[str, Any]
    ) -> None:
        """Give a command in the platform's own way."""
        raise NotImplementedError(f"{self.platform} has no commands of its own")

    def files(self, message: str) -> list[Upload]:
        """The files that came with a message, the bot's or a person's."""
        raise NotImplementedError(f"{self.platform} has no files")

    def reactions(self, message: str) -> dict[str, list[str]]:
        """Who reacted to a message: for each emoji the people, the bot by its own id."""
        raise NotImplementedError(f"{self.platform} has no reactions")

    # what all share

    async def __aenter__(self) -> Self:
        await self._open()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._close()

    @asynccontextmanager
    async def outage(self) -> AsyncIterator[None]:
        """Nothing listens for the length of the block; what people say goes on."""
        await self._close()
        try:
            yield
        finally:
            await self._open()

    async def _open(self) -> None:
        app = web.Application(client_max_size=64 * 2**20, middlewares=[*self.middlewares, mistakes])
        self.routes(app)
        control(self, app)
        self._runner = web.AppRunner(
            app, access_log=None, shutdown_timeout=0.2, handler_cancellation=True
        )
        await self._runner.setup()
        site = web.TCPSite(self._runner, self.host, self.port, backlog=1024)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def _close(self) -> None:
        if self._runner:
            await self._runner.cleanup()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://{self.host}:{self.port}"

    @property
    def connections(self) -> int:
        """How many connections are open, the bot's and those of the control API."""
        server = self._runner.server if self._runner else None
        return sum(one.transport is not None for one in server.connections) if server else 0

    def record(self, said: Said) -> None:
        """Note what was said; a subclass calls it for people and for the bot."""
        self.log[said.room].append(said)
        for listener in self.on_said:
            listener(said)
        self._changed.set()

    def said_by_bot(self, room: str) -> list[Said]:
        """What the bot said in a room, in order."""
        return [said for said in self.log[room] if said.by_bot]

    async def wait_for(
        self, condition: Callable[[Simulator], bool], *, timeout: float = 10.0
    ) -> None:
        """Return once `condition` holds; it is looked at whenever something is said.

        Raises:
            TimeoutError: it did not, within `timeout` seconds.
        """
        async with asyncio.timeout(timeout):
            while not condition(self):
                self._changed.clear()
                await self._changed.wait()

    async def wait_for_answers(
        self, room: str, count: int = 1, *, timeout: float = 10.0
    ) -> list[Said]:
        """What the bot said in `room`, once it said `count` things there."""
        await self.wait_for(lambda _: len(self.said_by_bot(room)) >= count, timeout=timeout)
        return self.said_by_bot(room)


def now() -> float:
    """The simulators' clock, for `Said.at`."""
    return time.time()
