"""Awaiting code that is not ours: plugins, connectors, services."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

T = TypeVar("T")


class Abandoned(RuntimeError):
    """Something that foreign code awaited was cancelled, and not by us."""


async def foreign(call: Awaitable[T]) -> T:
    """Await a call; a cancellation that is not our own becomes an error like any other.

    Raises:
        Abandoned: the call let a stray CancelledError through.
    """
    try:
        return await call
    except asyncio.CancelledError as error:
        if is_cancelled():
            raise
        raise Abandoned("something it waited for was cancelled") from error


def is_cancelled() -> bool:
    """Whether somebody asked the current task to end."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
