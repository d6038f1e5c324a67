"""A running bot forgets what is done with, as long ago as its setting says."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest

from bot.testing.connector import said

OLD, RECENT = said("one", 1), said("two", 2)


@pytest.fixture
async def aged(bot, tmp_path):
    """A database of two events, answered five days ago and three."""
    for event, days in ((OLD, 2), (RECENT, 3)):
        async with bot() as runtime:
            await runtime.deliver(event)
            await runtime.drain()
        with closing(sqlite3.connect(tmp_path / "townhall.db")) as db, db:
            age = (timedelta(days=days) // timedelta(microseconds=1),)
            for moment in ("events SET received_at", "events SET ended_at", "parts SET since"):
                db.execute(f"UPDATE {moment} = {moment.split()[-1]} - ?", age)


async def kept(runtime):
    """How many events, and how many parts."""
    counts = await runtime.store.counts()
    return counts.get("events.done", 0), counts.get("parts.sent", 0)


@pytest.mark.usefixtures("aged")
@pytest.mark.parametrize(("days", "left"), [("4", 1), ("2", 0)])
async def test_the_ledger_is_kept_for_so_many_days(bot, days, left):
    """Handled events go, and with them the parts that were sent; what is younger stays."""
    async with bot(settings={"TOWNHALL_KEEP_DAYS": days}) as runtime, asyncio.timeout(20):
        while await kept(runtime) != (left, left):  # noqa: ASYNC110 - nothing announces it
            await asyncio.sleep(0.01)
        assert await runtime.store.event(OLD.key) is None
