"""Awaiting code that is not ours: plugins, connectors, services."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

import structlog

from bot.errors import DeliveryError, Unconfirmed

logger = structlog.get_logger("bot.foreign")

T = TypeVar("T")


class Abandoned(RuntimeError):
    """Something that foreign code awaited was cancelled, and not by us."""


async def foreign(call: Awaitable[T]) -> T:
    """Await a call; a cancellation that is not our own becomes an error like any other.

    Ours is one that somebody asked for since: a bot stops in a task that was cancelled before.

    Raises:
        Abandoned: the call let a stray CancelledError through.
    """
    before = _cancellations()
    try:
        return await call
    except asyncio.CancelledError as error:
        if _cancellations() > before:
            raise
        raise Abandoned("something it waited for was cancelled") from error


async def outcome(call: Awaitable[T]) -> T:
    """Await a connector that sends.

    Raises:
        DeliveryError: as the connector raised it.
        Unconfirmed: it raised what it did not foresee, which says nothing about the outcome.
    """
    try:
        return await foreign(call)
    except DeliveryError:
        raise
    except Exception as error:
        logger.exception("a connector raised what it should have translated")
        raise Unconfirmed(f"{type(error).__name__}: {error}") from error


def is_cancelled() -> bool:
    """Whether somebody asked the current task to end."""
    return _cancellations() > 0


def _cancellations() -> int:
    """How often somebody asked the current task to end."""
    task = asyncio.current_task()
    return task.cancelling() if task else 0
