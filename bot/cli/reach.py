"""How commands reach the bot that holds a database, and what they do where none runs.

Then the command is a bot itself, for as long as it takes: it answers nobody, and either says what
there is to say or only writes it down.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from bot import logs
from bot.character import Character
from bot.cli.setup import Setup, database, nothing_set_up, prepare, wanted
from bot.connector import Connector
from bot.discovery import installed_connectors
from bot.errors import ConfigError
from bot.events import Deliver, Event
from bot.runtime import Runtime
from bot.service import Status
from bot.settings import Layer, Settings, environment
from bot.stores.sqlite import Held, SqliteStore
from bot.web import Server
from bot.web.address import Address, Nobody, TokenRefused

Ask = Callable[..., Awaitable[Any]]
"""Asks the API, as `Address.ask` does: a method, a path, and perhaps a body."""

PATIENCE = 30.0
"""Seconds that somebody is waited for who holds the database."""
LOOK_SECONDS = 0.1

MANNERS = Layer(
    "an errand",
    {
        "TOWNHALL_HTTP_HOST": "127.0.0.1",
        "TOWNHALL_HTTP_PORT": 0,
        "TOWNHALL_KEEP_DAYS": 36_500,  # to forget is for the bot whose database it is
        "TOWNHALL_LOG_LEVEL": "error",
    },
)


class Errand(Enum):
    """What a command does itself where no bot runs."""

    NOTHING = "nothing"
    LOOK = "look"
    """What is there is looked at and changed."""
    WRITE = "write"
    """Likewise, and a database is made where there is none."""
    SEND = "send"
    """It logs in to the platforms and sends, but does not listen."""


@dataclass(frozen=True, slots=True)
class Place:
    """Which bot is meant.

    Args:
        character: whose settings hold, besides the environment.
        database: the file, where it is named outright.
    """

    character: str | None
    database: Path | None

    def path(self) -> Path:
        """The database."""
        return database(self._setup().settings, self.database).absolute()

    @asynccontextmanager
    async def reach(self, errand: Errand) -> AsyncIterator[Ask]:
        """Ask the bot that runs on the database, or one of our own for the length of the block.

        Raises:
            ConfigError: no bot runs, and the errand needs one; or it cannot be started.
        """
        path = self.path()
        async with AsyncExitStack() as stack:
            address = await found(path)
            while address is None:
                self._check(path, errand)
                try:
                    address = await stack.enter_async_context(self._errand(path, errand))
                except Held:  # somebody was quicker
                    address = await found(path)
            yield address.ask

    def _check(self, path: Path, errand: Errand) -> None:
        """Refuse an errand that only a bot can do, or that makes no sense without a database."""
        if errand is Errand.NOTHING:
            raise ConfigError(f"no bot runs on {path}", fix=_to_do(self.character))
        if errand is Errand.LOOK and not path.exists():
            raise ConfigError(
                f"there is no database {path}",
                fix="Start the bot, or name another one with --database.",
            )

    @asynccontextmanager
    async def _errand(self, path: Path, errand: Errand) -> AsyncIterator[Address]:
        setup = self._setup()
        settings = Settings([MANNERS, *setup.settings.layers])
        logs.configure(settings)
        kinds = installed_connectors()
        if errand is Errand.SEND and not wanted(setup, kinds):
            raise nothing_set_up(kinds.values())
        manner = _deaf if errand is Errand.SEND else _absent
        runtime = StandIn(
            setup.character,
            settings=settings,
            store=SqliteStore(path),
            connectors={name: manner(kind) for name, kind in kinds.items()},
        )
        async with runtime:
            server = Server(runtime, path)
            async with server.serve(noted=False) as url:  # it is gone before others are done
                yield Address(url, server.token)

    def _setup(self) -> Setup:
        if self.character:
            return prepare(self.character)
        return Setup(Character(name="Townhall"), Settings([environment(os.environ)]), ())


class StandIn(Runtime):
    """A bot for the length of an errand."""

    def speaks_in(self, event: Event) -> bool:  # noqa: ARG002 - whatever it is
        """Nowhere: what people said waits for the bot itself."""
        return False


def _deaf(kind: type[Connector]) -> type[Connector]:
    """A connector that sends and does not listen: what is said meanwhile is the bot's to hear."""

    async def listen(self: Connector, _deliver: Deliver) -> None:
        self.report(Status.UP)
        await asyncio.Event().wait()

    return _like(kind, {"listen": listen})


def _absent(kind: type[Connector]) -> type[Connector]:
    """A connector that does not start: its accounts are known, and nothing leaves."""

    async def start(_kind: type[Connector], *_: object) -> Connector:
        raise ConfigError("only the bot itself logs in")

    return _like(kind, {"start": classmethod(start)})


def _like(kind: type[Connector], changes: Mapping[str, Any]) -> type[Connector]:
    return type(kind.__name__, (kind,), {"__module__": kind.__module__, **changes})


async def found(path: Path) -> Address | None:
    """The bot that runs on a database; None where none does.

    Whoever holds the database without saying where they listen is waited for: a bot that starts,
    or a command like ours.

    Raises:
        ConfigError: somebody holds it and does not listen.
        TokenRefused: it runs, and takes us for a stranger.
    """
    deadline = time.monotonic() + PATIENCE
    while not ((address := Address.of(path)) and await _is_there(path, address)):
        if not _is_held(path):
            return None
        if time.monotonic() > deadline:
            raise ConfigError(f"{_holder(path)} holds {path} and does not listen", fix="Stop it.")
        await asyncio.sleep(LOOK_SECONDS)
    return address


def _is_held(path: Path) -> bool:
    """Whether a process has the database."""
    try:
        fd = os.open(path.with_name(f"{path.name}.lock"), os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(fd)
    return False


def _holder(path: Path) -> str:
    with suppress(OSError, ValueError):
        return f"process {int(path.with_name(f'{path.name}.lock').read_text(encoding='ascii'))}"
    return "a process"


async def _is_there(path: Path, address: Address) -> bool:
    try:
        await address.ask("GET", "/api/health")
    except Nobody:
        return False  # the note was left by a bot that was killed
    except TokenRefused:
        if _is_held(path) and address == Address.of(path):
            raise
        return False  # likewise, and another has its port by now
    return True


def _to_do(character: str | None) -> str:
    name = character or "CHARACTER"
    return (
        f"Start it with `townhall run {name}`, or leave the message for its next start:"
        " --draft, or --at TIME."
    )
