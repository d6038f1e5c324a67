"""Services: what runs for longer than a turn."""

from __future__ import annotations

from abc import ABC
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar, Self

from pydantic import Field

from bot.settings import Config
from bot.value import Value, now

if TYPE_CHECKING:
    from bot.runtime import Runtime


class ServiceType:
    """The types that the core knows. A plugin adds its own by naming them on its service."""

    TASK = "task"
    DATABASE = "database"
    NOTIFICATION = "notification"
    DISCORD = "discord"
    TELEGRAM = "telegram"
    TWITTER = "twitter"
    SEARCH = "search"
    MCP = "mcp"
    IMAGE_GENERATION = "image_generation"
    TRANSCRIPTION = "transcription"


class ServiceState(StrEnum):
    """Where in its life a service is."""

    REGISTERED = "registered"
    QUEUED = "queued"
    INITIALISING = "initialising"
    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"
    STOPPED = "stopped"
    FAILED = "failed"


class Status(StrEnum):
    """Whether a service does its work."""

    UP = "up"
    DEGRADED = "degraded"
    DOWN = "down"


WAIT = "Nothing yet: it is tried again by itself. If it stays so, see the log."
"""What a person can do where nothing better is known."""

CHECK = "Run `townhall check` for what to do."
"""What a person can do where nothing goes on without them, and nothing better is known."""


class Health(Value):
    """How a service fares. What the supervisor tells has both reasons wherever it is not up.

    Args:
        why: what is wrong, where it is not up.
        fix: what a person can do about it.
    """

    status: Status
    since: datetime = Field(default_factory=now)
    why: str = ""
    fix: str = ""


class Service(ABC):
    """A part with a lifetime.

    Override `lifetime` for what opens and closes, and `run` for a loop. The supervisor calls
    `start`, watches `run`, and calls `stop`.
    """

    service_type: ClassVar[str]
    capability_description: ClassVar[str]
    supports_notifications: ClassVar[bool] = False
    ends: ClassVar[bool] = False
    """Whether `run` may return, having done all there was to do; otherwise that is a failure like
    any other, and the service is started again."""
    config_type: ClassVar[type[Config]] = Config
    platform: ClassVar[str | None] = None
    account: str = "default"

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.config = runtime.settings.load(self.config_type, self.account, self.platform)
        self._health = Health(status=Status.UP)
        self._lifetime = AsyncExitStack()

    @property
    def name(self) -> str:
        """How health, logs and the registry call it."""
        return self.service_type

    @classmethod
    async def start(cls, runtime: Runtime) -> Self:
        """A running service."""
        service = cls(runtime)
        await service.open()
        return service

    async def open(self) -> None:
        """Enter `lifetime`."""
        await self._lifetime.enter_async_context(self.lifetime())

    async def stop(self) -> None:
        """Leave `lifetime`."""
        await self._lifetime.aclose()

    @asynccontextmanager
    async def lifetime(self) -> AsyncIterator[None]:
        """What opens, closes: connections, pools, files."""
        yield

    async def run(self) -> None:  # noqa: B027 - a service without a loop has nothing to say here
        """The service's loop; restarted with backoff when it raises, or returns and is not to."""

    async def health(self) -> Health:
        """How it fares, by its own judgement."""
        return self._health

    def report(self, status: Status, why: str = "", fix: str = "") -> None:
        """Say how it fares; `since` moves only when the status does, and the log tells of that.

        Args:
            why: what is wrong; the secrets of the settings are taken out, here as in `fix`.
            fix: what a person can do about it; health says something general where it is empty.
        """
        why, fix = map(self.runtime.settings.redacted, (why, fix))
        before, since = self._health.status, self._health.since
        if status is not before:
            since = now()
            self._log(before, status, why, fix)
        self._health = Health(status=status, since=since, why=why, fix=fix)

    def _log(self, before: Status, status: Status, why: str, fix: str) -> None:
        logger = self.runtime.logger.bind(service=self.name)
        if status is Status.DEGRADED:
            logger.warning("service degraded", why=why, fix=fix)
        elif before is Status.DEGRADED and status is Status.UP:
            logger.info("service recovered")
