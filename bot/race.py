"""Running several things at once, each no longer than the others or a block."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import structlog

logger = structlog.get_logger("bot.race")


async def first_to_end(*coroutines: Coroutine[Any, Any, Any]) -> None:
    """Run all of them until one ends or raises; the others are cancelled."""
    tasks = [asyncio.create_task(one) for one in coroutines]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class Solo:
    """Lets one in after the other: the next once the one before has left, or after a while.

    Args:
        seconds: the longest that one keeps the others out.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds, self._lock = seconds, asyncio.Lock()

    @asynccontextmanager
    async def enter(self) -> AsyncIterator[None]:
        """Wait for one's turn, and have it for the length of the block."""
        await self._lock.acquire()
        loop = asyncio.get_running_loop()
        timer = loop.call_later(self._seconds, self._lock.release)
        try:
            yield
        finally:
            if loop.time() < timer.when():
                timer.cancel()
                self._lock.release()


@asynccontextmanager
async def meanwhile(coroutine: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Run something beside the block, at most as long as it; what it raises is logged at once."""
    task = asyncio.create_task(coroutine)
    task.add_done_callback(_tell)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _tell(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()):
        logger.error("what ran beside has failed", why=repr(error), exc_info=error)
