"""Starts services, watches them, starts them again, and stops them in reverse order."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog

from bot.errors import (
    ConfigError,
    DeliveryError,
    RateLimited,
    StoreError,
    StoreFull,
    TownhallError,
    Unauthorized,
    Unavailable,
)
from bot.foreign import foreign
from bot.retry import pause
from bot.service import CHECK, WAIT, Health, Service, ServiceState, Status
from bot.value import now

HEALTHY_SECONDS = 60.0
"""A service that lived this long has recovered: it is up, and its next failure is its first."""

OPEN_AFTER = 6
"""So many failures in a row, and only now and then is it tried whether the service works again."""

OPEN_SECONDS = 300.0
"""How long it is left alone then."""

START_SECONDS = 15.0
"""How long the others wait for a service to start."""

HEALTH_SECONDS = 5.0
"""How long a service may think about how it fares."""

CLOSE_SECONDS = 10.0
"""How long a service may take to leave its lifetime before it is started anew all the same."""

AWAY = (
    "Nothing yet: it is tried again by itself. If it stays so, check the network and the "
    "platform's status page."
)
"""What a person can do where somebody else cannot be reached."""

ROOM = "Make room on the disk with the database: it is tried again by itself."
"""What a person can do where nothing can be stored."""

logger = structlog.get_logger("bot.supervisor")

Start = Callable[[], Coroutine[Any, Any, Service]]


class Ended(TownhallError):
    """A service that is to run until it is stopped returned: it would be up, and deaf."""


@dataclass(slots=True)
class Supervised:
    """A service and where in its life it is.

    Attributes:
        redacted: a text of its without the secrets of the settings.
        begun: since when it runs, by the monotonic clock; infinite until it does.
        broke: whether it failed since it last was well, and not because somebody was away, or
            the store could not write.
        closing: held while its lifetime is left.
    """

    name: str
    kind: type[Service]
    start: Start
    redacted: Callable[[str], str] = str
    state: ServiceState = ServiceState.REGISTERED
    service: Service | None = None
    problem: str = ""
    fix: str = ""
    down_since: datetime = field(default_factory=now)
    restarts: int = 0
    begun: float = math.inf
    broke: bool = False
    running: asyncio.Event = field(default_factory=asyncio.Event)
    settled: asyncio.Event = field(default_factory=asyncio.Event)
    closing: asyncio.Lock = field(default_factory=asyncio.Lock)
    task: asyncio.Task[None] | None = None

    @property
    def has_recovered(self) -> bool:
        """Whether it has held for a while; a start that takes long is no sign of it."""
        return time.monotonic() - self.begun > HEALTHY_SECONDS


def again_in(failures: int) -> float:
    """Seconds until a service that failed so many times in a row is started again."""
    return pause(failures) + (OPEN_SECONDS if failures >= OPEN_AFTER else 0.0)


class Supervisor:
    """Keeps services alive; one that fails for good leaves the others alone.

    Args:
        on_change: told of each change in a service's life.
        delay: how long to wait after so many failures in a row, in seconds.
        redacted: see `Settings.redacted`; whatever a service raises or reports goes through it.
    """

    def __init__(
        self,
        on_change: Callable[[Supervised], None] = lambda _: None,
        *,
        delay: Callable[[int], float] = again_in,
        redacted: Callable[[str], str] = str,
    ) -> None:
        self.services: dict[str, Supervised] = {}
        self._on_change, self._delay, self._redacted = on_change, delay, redacted

    def register(self, name: str, kind: type[Service], start: Start) -> Supervised:
        """Add a service, to be started with the others or by `launch`.

        Raises:
            ConfigError: there is one of that name.
        """
        if name in self.services:
            raise ConfigError(
                f"there is a service {name} already",
                fix="Give one of them another `service_type`.",
            )
        one = self.services[name] = Supervised(name, kind, start, self._redacted)
        self._move(one, ServiceState.QUEUED)
        return one

    async def start(self) -> None:
        """Start what is queued, at once; return when each runs or has failed its first try."""
        queued = [one for one in self.services.values() if one.task is None]
        await asyncio.gather(*(self.launch(one) for one in queued))

    async def launch(self, one: Supervised) -> None:
        """Start one service; return when it runs, has failed its first try, or takes too long."""
        one.task = asyncio.create_task(self._keep(one), name=f"service {one.name}")
        with suppress(TimeoutError):
            async with asyncio.timeout(START_SECONDS):
                await one.settled.wait()

    async def stop(self, deadline: float) -> None:
        """Stop all, the last started first, within `deadline` seconds.

        Each has its share of what is left, so that one who hangs takes nothing from the others.
        """
        end = time.monotonic() + deadline
        for before, one in reversed([*enumerate(self.services.values())]):
            with suppress(TimeoutError):
                async with asyncio.timeout((end - time.monotonic()) / (before + 1)):
                    await self._stop(one)

    async def health(self) -> dict[str, Health]:
        """How each service fares; one that is not up has a reason, and something to do."""
        found = await asyncio.gather(*map(self._health, self.services.values()))
        return dict(zip(self.services, found, strict=True))

    async def _health(self, one: Supervised) -> Health:
        found = await self._told(one)
        why, fix = one.redacted(found.why), one.redacted(found.fix)
        if found.status is not Status.UP:
            why, fix = why or "it does not say why", fix or WAIT
        elif one.broke and not one.has_recovered:
            since, why = one.down_since, f"it runs again, after: {one.problem}"
            return Health(status=Status.DEGRADED, since=since, why=why, fix=one.fix)
        return found.model_copy(update={"why": why, "fix": fix})

    async def _told(self, one: Supervised) -> Health:
        """How a service fares in its own words, while it runs."""
        if not (one.service and one.state is ServiceState.RUNNING):
            why = one.problem or one.state
            return Health(status=Status.DOWN, since=one.down_since, why=why, fix=one.fix)
        try:
            async with asyncio.timeout(HEALTH_SECONDS):
                return await foreign(one.service.health())
        except TimeoutError:
            why = f"it does not say within {HEALTH_SECONDS:.0f} s how it fares"
        except Exception as error:  # noqa: BLE001 - then that is how it fares
            why = f"it cannot tell: {error!r}"
        return Health(status=Status.DEGRADED, why=why)

    # one service

    async def _keep(self, one: Supervised) -> None:
        try:
            await self._keep_alive(one)
        finally:
            one.settled.set()

    async def _keep_alive(self, one: Supervised) -> None:
        failures = 0
        while True:
            one.begun = math.inf
            try:
                await self._live(one)
            except (ConfigError, Unauthorized) as error:
                await self._fail(one, error)
                return
            except Exception as error:  # noqa: BLE001 - whatever a service raises ends only itself
                failures = 1 if one.has_recovered else failures + 1
                await self._restart_later(one, error, failures)
            else:
                return

    async def _live(self, one: Supervised) -> None:
        self._move(one, ServiceState.STARTING)
        one.service = await foreign(one.start())
        one.begun = time.monotonic()
        self._move(one, ServiceState.RUNNING)
        if not one.broke:
            one.problem = one.fix = ""
        one.running.set()
        one.settled.set()
        await foreign(one.service.run())
        if not one.service.ends and type(one.service).run is not Service.run:
            raise Ended("its loop came to an end, and nobody had stopped it")

    async def _fail(self, one: Supervised, error: ConfigError | Unauthorized) -> None:
        problem = error.problem if isinstance(error, ConfigError) else str(error)
        own = (await self._told(one)).fix if one.state is ServiceState.RUNNING else ""
        one.problem = one.redacted(problem or type(error).__name__)
        one.fix = one.redacted(error.fix or own or CHECK)
        logger.warning("service down", service=one.name, why=one.problem, fix=one.fix)
        await self._close(one)
        self._move(one, ServiceState.FAILED)

    async def _restart_later(self, one: Supervised, error: Exception, failures: int) -> None:
        # Who has nobody to talk to is not broken: it tries again soon, however often that was.
        is_broken = not isinstance(error, Unavailable | StoreError)
        delay = self._delay(failures) if is_broken else pause(failures)
        before = one.down_since
        one.broke = is_broken
        one.problem = one.redacted(str(error) or type(error).__name__)
        one.fix = one.redacted(_advice(error, failures))
        one.restarts += 1
        known = isinstance(error, TownhallError)
        log = logger.warning if known else logger.exception
        log("service failed", service=one.name, why=one.problem, again_in=round(delay, 1))
        await self._close(one)
        one.down_since = before if failures > 1 else one.down_since  # since it last was well
        self._move(one, ServiceState.QUEUED)
        one.settled.set()
        await asyncio.sleep(delay)

    async def _stop(self, one: Supervised) -> None:
        if one.task:
            try:
                async with one.closing:  # a stop that has begun is not interrupted
                    pass
            finally:
                one.task.cancel()
        if one.state in (ServiceState.FAILED, ServiceState.STOPPED):
            return
        self._move(one, ServiceState.STOPPING)
        if one.task:
            await asyncio.gather(one.task, return_exceptions=True)
        one.problem, one.fix = "the bot is stopping", "Start it again."
        await self._close(one)
        self._move(one, ServiceState.STOPPED)

    async def _close(self, one: Supervised) -> None:
        if one.running.is_set():
            one.down_since = now()
        one.running.clear()
        service, one.service = one.service, None
        if service:
            try:
                async with one.closing, asyncio.timeout(CLOSE_SECONDS):
                    await foreign(service.stop())
            except Exception:
                logger.exception("service did not stop cleanly", service=one.name)

    def _move(self, one: Supervised, state: ServiceState) -> None:
        one.state = state
        self._on_change(one)


def _advice(error: Exception, failures: int) -> str:
    """What a person can do about a service that failed so many times in a row."""
    if isinstance(error, DeliveryError) and error.fix:
        return error.fix
    if isinstance(error, Unavailable):
        return WAIT if isinstance(error, RateLimited) else AWAY
    if isinstance(error, StoreError):
        return ROOM if isinstance(error, StoreFull) else WAIT
    if failures >= OPEN_AFTER:
        return f"It failed {failures} times in a row; the log says how. Mend it, or wait."
    return WAIT
