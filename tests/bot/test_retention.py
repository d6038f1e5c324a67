"""A running bot forgets what is done with, as long ago as its setting says, come what may."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from bot.errors import ConfigError, StoreFull
from bot.retention import Retention, RetentionConfig
from bot.services.notification.service import NotificationConfig
from bot.settings import Layer, Settings
from bot.stores.sqlite import SqliteStore
from bot.testing.connector import said
from tests.bot.supervision import until

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
            began = "strftime('%Y-%m-%dT%H:%M:%SZ', data ->> 'created_at', ?)"
            set_back = f"UPDATE deliveries SET data = json_set(data, '$.created_at', {began})"
            db.execute(set_back, (f"-{days} days",))


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


class Ailing(SqliteStore):
    """A database that nobody can write while it has a problem."""

    def __init__(self, path, problem):
        super().__init__(path)
        self.problem, self.tries = problem, 0

    def commit(self, lease=None):
        self.tries += 1
        if self.problem:
            raise self.problem
        return super().commit(lease)


async def test_a_full_disk_is_told_once_and_asked_less_and_less(tmp_path):
    """Nothing is as bad for a disk that is full as a log that fills it."""
    store = Ailing(tmp_path / "townhall.db", StoreFull("the disk has no room"))
    with capture_logs() as lines:
        async with store, Retention(store, 30.0).at_work():
            await asyncio.sleep(2.0)
    assert [one["why"] for one in lines] == ["the disk has no room"]
    assert 1 < store.tries < 8


@pytest.mark.parametrize("problem", [StoreFull("no room"), RuntimeError("broken")])
async def test_whatever_happens_it_is_gone_on_with_and_the_next_trouble_is_told(tmp_path, problem):
    """An error that nobody foresaw ends it no more than one that somebody did."""
    store = Ailing(tmp_path / "townhall.db", None)
    with capture_logs() as lines:
        async with store, Retention(store, 30.0).at_work():
            for trouble in (1, 2):
                store.problem = problem
                await until(lambda told=trouble: len(lines) == told)
                store.problem, tries = None, store.tries
                await until(lambda before=tries: store.tries > before)


@pytest.mark.parametrize("days", ["inf", "nan", "-inf", "1000000"])
@pytest.mark.parametrize(
    ("name", "config"),
    [("TOWNHALL_KEEP_DAYS", RetentionConfig), ("TOWNHALL_DEAD_DAYS", NotificationConfig)],
)
def test_days_that_no_calendar_has_are_refused(name, config, days):
    """A hundred years are enough, and the setting is named."""
    with pytest.raises(ConfigError, match=name) as refused:
        Settings([Layer("test", {name: days})]).load(config)
    assert repr(days) in str(refused.value)
