"""What can happen to the machine that the bot runs on."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import apsw

from bot.cli.torture.ordeal import Ordeal
from bot.errors import TownhallError

FULL_SECONDS, FROZEN_SECONDS, STEP_SECONDS = 1.5, 1.0, 0.5
LOCKED_SECONDS = 6.0
"""Longer than the store waits for a lock by itself, which is 5 s."""
REFUSED_SECONDS = 20.0
"""How long a second bot may take to see that it is not wanted."""
MISTAKE = 2
"""The exit code for what a person has to mend."""


async def killed(ordeal: Ordeal) -> None:
    """`kill -9` at a random moment."""
    await ordeal.wait(0.8)
    await ordeal.bot.kill()
    await ordeal.restart()


async def killed_while_starting(ordeal: Ordeal) -> None:
    """`kill -9` before it is up, while what it missed waits."""
    await ordeal.bot.kill()
    await ordeal.bot.spawn()
    await ordeal.wait(1.2)
    await ordeal.bot.kill()
    await ordeal.restart()


async def killed_while_stopping(ordeal: Ordeal) -> None:
    """`kill -9` while it finishes what is in hand."""
    os.kill(ordeal.bot.pid, signal.SIGTERM)
    await ordeal.wait(0.3)
    await ordeal.bot.kill()
    await ordeal.restart()


async def stopped(ordeal: Ordeal) -> None:
    """SIGTERM, and time to obey."""
    await ordeal.bot.stop()
    await ordeal.restart()


async def frozen(ordeal: Ordeal) -> None:
    """The process gets no time, as on a machine that sleeps or is moved."""
    os.kill(ordeal.bot.pid, signal.SIGSTOP)
    await asyncio.sleep(FROZEN_SECONDS)
    os.kill(ordeal.bot.pid, signal.SIGCONT)


async def disk_full(ordeal: Ordeal) -> None:
    """No file can be written, the log neither.

    Raises:
        TownhallError: the bot does not outlive it.
    """
    pid = ordeal.bot.pid
    before = resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    try:
        await asyncio.sleep(FULL_SECONDS)
    finally:
        try:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, before)
        except ProcessLookupError:
            raise TownhallError("the bot ended because of a full disk") from None


async def database_locked(ordeal: Ordeal) -> None:
    """Another program writes to the database, and takes its time."""
    async with _locked(ordeal):
        await asyncio.sleep(LOCKED_SECONDS)


async def killed_while_locked(ordeal: Ordeal) -> None:
    """`kill -9`, and another program holds the database when it comes back."""
    async with _locked(ordeal):
        await ordeal.bot.kill()
        await ordeal.bot.spawn()
        await asyncio.sleep(STEP_SECONDS)
    await ordeal.bot.kill()
    await ordeal.restart()


async def second_bot(ordeal: Ordeal) -> None:
    """Somebody starts it once more, on the same database."""
    second = ordeal.second(ordeal.bot.database)
    await second.spawn()
    code = await second.ended(REFUSED_SECONDS)
    await second.kill()
    if code != MISTAKE or str(ordeal.bot.pid) not in second.last_words():
        raise TownhallError(f"a second bot was not told of the first; it ended with {code}")


async def clock_forward(ordeal: Ordeal) -> None:
    """The clock is put forward by minutes."""
    os.kill(ordeal.bot.pid, signal.SIGUSR1)
    await asyncio.sleep(STEP_SECONDS)


async def clock_back(ordeal: Ordeal) -> None:
    """The clock is put back again."""
    os.kill(ordeal.bot.pid, signal.SIGUSR2)
    await asyncio.sleep(STEP_SECONDS)


@asynccontextmanager
async def _locked(ordeal: Ordeal) -> AsyncIterator[None]:
    db = apsw.Connection(str(ordeal.bot.database))
    try:
        db.set_busy_timeout(5_000)
        await asyncio.to_thread(db.execute, "BEGIN IMMEDIATE")
        yield
        db.execute("ROLLBACK")
    finally:
        db.close()
