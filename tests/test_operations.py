"""What docs/operations.md tells a person to do with what was given up works."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import pytest

from bot.action import action
from bot.content import Content
from bot.part import Part
from bot.plugin import Plugin
from bot.records import Delivery, EventState, PartState, Step, StepState
from bot.stores.sqlite import SqliteStore
from bot.testing.connector import LoopbackService, said
from bot.value import now

PAGE = (Path(__file__).parent.parent / "docs" / "operations.md").read_text()
SQL = re.compile(r"^```sql\n(.*?)^```$", re.DOTALL | re.MULTILINE)
COPY, DEAD, AMBIGUOUS, HELD = SQL.findall(PAGE)


@action
async def pay(turn) -> str:
    """Pay."""
    return "Paid."


@pytest.fixture
def ask(tmp_path):
    """Run statements of the page on the database of a bot that is stopped."""

    def run(script, **values):
        with closing(sqlite3.connect(tmp_path / "townhall.db", isolation_level=None)) as db:
            statements = filter(str.strip, script.split(";"))
            return [row for one in statements for row in db.execute(one, values)]

    return run


@pytest.fixture
def look(tmp_path):
    """What `townhall dead-letters list` shows: what, place, state and reason of each."""

    def run():
        command = [sys.executable, "-m", "bot", "dead-letters", "list", "--json", "--database"]
        found = subprocess.check_output([*command, tmp_path / "townhall.db"])
        return [
            (what, one["seq"], one["state"], one["reason"])
            for what, every in json.loads(found).items()
            for one in every
        ]

    return run


@pytest.fixture
def hear(bot):
    """Start a bot, and return what it says once nothing waits any more."""

    async def start():
        async with bot(Plugin("till", actions=(pay,))) as runtime:
            await runtime.inbox.lanes.drain()
            await runtime.outbox.senders["loopback", "default"].drain()
            return [part.text for part in LoopbackService.sent["lobby"]]

    return start


async def given_up(store, text, state, *steps):
    """An event that ended in `state`; its place."""
    async with store.commit() as c:
        ticket = c.accept(said(text), EventState.PENDING)
    async with store.commit() as c:
        for step in steps:
            c.step(ticket.seq, step)
        c.finish(ticket.seq, state, "boom")
    return ticket.seq


async def test_a_dead_event_is_handled_once_more(tmp_path, ask, look, hear):
    """It is shown with its reason, and answered after it was made pending."""
    async with SqliteStore(tmp_path / "townhall.db") as store:
        seq = await given_up(store, "hello", EventState.DEAD)
    assert await hear() == []
    assert look() == [("events", seq, "dead", "boom")]
    ask(DEAD, seq=seq)
    assert await hear() == ["HELLO"]


async def test_an_action_that_took_no_effect_is_run_again(tmp_path, ask, look, hear):
    """Once a person knows that it did not, and says so."""
    begun = Step(ordinal=1, kind="action", name="pay", state=StepState.STARTED)
    async with SqliteStore(tmp_path / "townhall.db") as store:
        seq = await given_up(store, "/pay", EventState.AMBIGUOUS, begun)
    assert look() == [("events", seq, "ambiguous", "boom")]
    ask(DEAD, seq=seq)
    assert await hear() == []
    ask(AMBIGUOUS, seq=seq)
    assert await hear() == ["Paid."]


@pytest.mark.parametrize("state", [PartState.HELD, PartState.FAILED])
async def test_a_part_that_was_put_aside_is_sent(tmp_path, ask, look, hear, state):
    """It leaves with the next start."""
    room = said("hello").room
    content = Content(text="Good morning.")
    delivery = Delivery(id=uuid4(), room=room, content=content, created_at=now())
    part = Part(delivery=delivery.id, ordinal=0, room=room, text=content.text)
    async with SqliteStore(tmp_path / "townhall.db") as store:
        async with store.commit() as c:
            c.enqueue(delivery, [part])
        async with store.commit() as c:
            c.mark(part, state, reason="boom")
    assert await hear() == []
    [(what, seq, shown, reason)] = look()
    assert (what, shown, reason) == ("parts", state, "boom")
    ask(HELD, seq=seq)
    assert await hear() == ["Good morning."]


async def test_a_running_bots_database_can_be_copied(tmp_path, monkeypatch, ask):
    """The copy is whole, and a bot can start on it."""
    monkeypatch.chdir(tmp_path)
    async with SqliteStore(tmp_path / "townhall.db") as store:
        await given_up(store, "hello", EventState.DONE)
        ask(COPY)
    async with SqliteStore(tmp_path / "copy.db") as copy:
        assert (await copy.counts())["events.done"] == 1
