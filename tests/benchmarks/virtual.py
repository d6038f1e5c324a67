"""A clock that jumps: an hour of waiting for limits takes as long as the work that is done in it.

Time stands still while anything happens: a callback runs, a socket is ready, a thread works for the
loop. Once nothing can happen before the next timer, it is that timer's time. So everything that is
to share the clock is in one process: simulator, library and bot, over real sockets. Threads of
libraries that wait by themselves, as for Discord's heartbeat, go on by the real clock.

What takes time of a processor, a disk or a wire takes none here: see what is scheduled, and
measure the rest with a real clock.
"""

from __future__ import annotations

import asyncio
import selectors
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from datetime import datetime, tzinfo
from typing import Any, TypeVar

import bot.value
from bot.stores.sqlite.worker import Worker

QUIET_SECONDS = 0.001
"""How long all must be quiet, by the real clock, before it is later: a wire on this machine is
quicker."""

T = TypeVar("T")


class Clock:
    """What a process takes for the time.

    Attributes:
        ahead: how many seconds it has jumped in all.
        working: how many jobs threads have to do before it may jump again.
    """

    def __init__(self) -> None:
        self.ahead, self.working = 0.0, 0
        self._monotonic, self._time = time.monotonic(), time.time()

    def monotonic(self) -> float:
        """For `time.monotonic`."""
        return self._monotonic + self.ahead

    def time(self) -> float:
        """For `time.time`."""
        return self._time + self.ahead

    def time_ns(self) -> int:
        """For `time.time_ns`."""
        return round(self.time() * 1e9)

    def count(self, job: asyncio.Future[T]) -> asyncio.Future[T]:
        """Stand still until a thread has done its job."""
        self.working += 1
        job.add_done_callback(self._done)
        return job

    def _done(self, _: asyncio.Future[Any]) -> None:
        self.working -= 1


class VirtualSelector(selectors.DefaultSelector):
    """Waits for sockets; where none will be ready, it is later at once."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """See `selectors.BaseSelector.select`."""
        found = super().select(0)
        if found or timeout == 0:
            return found
        if self._clock.working or timeout is None:
            return super().select(None)
        if found := super().select(QUIET_SECONDS):
            return found
        self._clock.ahead += max(timeout, 0.0)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop on a clock that jumps."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(VirtualSelector(clock))
        self._clock = clock

    def time(self) -> float:
        """See `asyncio.AbstractEventLoop.time`."""
        return self._clock.monotonic()

    def run_in_executor(
        self, executor: Executor | None, func: Callable[..., T], *args: Any
    ) -> asyncio.Future[T]:
        """See `asyncio.AbstractEventLoop.run_in_executor`."""
        return self._clock.count(super().run_in_executor(executor, func, *args))


def run(main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run `main` on a clock that jumps; from now on it is the only one that this process has."""
    clock = Clock()
    _replace(clock)
    with asyncio.Runner(loop_factory=lambda: VirtualLoop(clock)) as runner:
        return runner.run(main())


def _replace(clock: Clock) -> None:
    """Nothing that is measured knows of the clock, so it is put where all look for the time."""

    class Moment(datetime):
        """`datetime.now` reads the system's clock past `time.time`."""

        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:
            return datetime.fromtimestamp(clock.time(), tz)

    do = Worker.do

    def counted(worker: Worker[Any], job: Any) -> asyncio.Future[Any]:
        return clock.count(do(worker, job))

    time.monotonic, time.time, time.time_ns = clock.monotonic, clock.time, clock.time_ns
    Worker.do = counted
    bot.value.datetime = Moment
