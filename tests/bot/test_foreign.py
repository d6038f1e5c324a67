"""A cancellation is ours if somebody asked for it while we waited, and an error otherwise."""

from __future__ import annotations

import asyncio

import pytest

from bot.errors import Unconfirmed
from bot.foreign import Abandoned, foreign, outcome


async def stray():
    """Foreign code that awaits what it cancelled itself."""
    own = asyncio.create_task(asyncio.sleep(60))
    own.cancel()
    await own


async def in_a_cancelled_task(call):
    """What a call raises where a task cleans up after it was cancelled."""
    is_waiting, raised = asyncio.Event(), []

    async def live():
        try:
            is_waiting.set()
            await asyncio.sleep(60)
        finally:
            try:
                await call()
            except (TimeoutError, Abandoned, Unconfirmed, asyncio.CancelledError) as error:
                raised.append(type(error))

    task = asyncio.create_task(live())
    await is_waiting.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return raised


@pytest.mark.parametrize(("awaiting", "error"), [(foreign, Abandoned), (outcome, Unconfirmed)])
async def test_a_stray_cancellation_is_an_error_also_while_we_end(awaiting, error):
    """That we were cancelled before does not make it ours."""
    with pytest.raises(error):
        await awaiting(stray())
    assert await in_a_cancelled_task(lambda: awaiting(stray())) == [error]


async def test_a_deadline_holds_also_while_we_end():
    """What was cancelled before can be cancelled again, and that is ours."""

    async def hurried():
        async with asyncio.timeout(0.01):
            await foreign(asyncio.sleep(60))

    assert await in_a_cancelled_task(hurried) == [TimeoutError]


async def test_whoever_is_cancelled_ends():
    """A cancellation that somebody asked for is passed on."""
    task = asyncio.create_task(foreign(asyncio.sleep(60)))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
