"""What docs/operations.md tells a person to do with what was given up works."""

from __future__ import annotations

import re
import shlex
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
[COPY] = re.findall(r"^```sql\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
COMMANDS = {
    (group, verb): line
    for line in PAGE.splitlines()
    if (
        found := re.match(r"townhall (dead-letters|ambiguous) (replay|discard|resend|settle)", line)
    )
    for group, verb in [found.groups()]
}
"""The page's own lines."""


@action
async def pay(turn) -> str:
    """Pay."""
    return "Paid."


@pytest.fixture
def command(tmp_path):
    """Run one of the page's lines, about another key, on the database of a bot that is stopped."""

    def run(group, verb, key):
        words = shlex.split(COMMANDS[group, verb])
        words[3] = key
        database = ["--database", str(tmp_path / "townhall.db")]
        subprocess.check_call([sys.executable, "-m", "bot", *words[1:], *database])

    return run


@pytest.fixture
def hear(bot):
    """Start a bot, and return what it says once nothing waits any more."""

    async def start():
        async with bot(Plugin("till", actions=(pay,))) as runtime:
            await runtime.turns.lanes.drain()
            await runtime.outbox.senders["loopback", "default"].drain()
            return [part.text for part in LoopbackService.sent["lobby"]]

    return start


async def given_up(path, text, state, *steps):
    """An event that ended in `state`; its key."""
    async with SqliteStore(path) as store:
        async with store.commit() as c:
            ticket = c.accept(said(text), EventState.PENDING)
        async with store.commit() as c:
            for step in steps:
                c.step(ticket.seq, step)
            c.finish(ticket.seq, state, "boom")
    return said(text).key


async def test_a_dead_event_is_handled_once_more(tmp_path, command, hear):
    """It is answered by the next start after it was replayed."""
    key = await given_up(tmp_path / "townhall.db", "hello", EventState.DEAD)
    assert await hear() == []
    command("dead-letters", "replay", key)
    assert await hear() == ["HELLO"]


@pytest.mark.parametrize(("verb", "said"), [("resend", ["Paid."]), ("settle", [])])
async def test_who_knows_whether_an_action_took_effect_says_so(tmp_path, command, hear, verb, said):
    """It is run again if it did not, and never if it did."""
    begun = Step(ordinal=1, kind="action", name="pay", state=StepState.STARTED)
    key = await given_up(tmp_path / "townhall.db", "/pay", EventState.AMBIGUOUS, begun)
    assert await hear() == []
    command("ambiguous", verb, key)
    assert await hear() == said


@pytest.mark.parametrize(
    ("state", "group", "verb", "said"),
    [
        (PartState.HELD, "ambiguous", "resend", ["Good morning."]),
        (PartState.HELD, "ambiguous", "settle", []),
        (PartState.FAILED, "dead-letters", "replay", ["Good morning."]),
        (PartState.FAILED, "dead-letters", "discard", []),
    ],
)
async def test_a_part_that_was_put_aside_is_sent_or_not(  # noqa: PLR0917 - a table
    tmp_path, command, hear, state, group, verb, said
):
    """As the person says, with the next start."""
    key = await put_aside(tmp_path / "townhall.db", state)
    assert await hear() == []
    command(group, verb, key)
    assert await hear() == said


async def put_aside(path, state):
    """A delivery whose part ended in `state`; its key."""
    room, content = said("hello").room, Content(text="Good morning.")
    delivery = Delivery(id=uuid4(), room=room, content=content, created_at=now())
    part = Part(delivery=delivery.id, ordinal=0, room=room, text=content.text)
    async with SqliteStore(path) as store:
        async with store.commit() as c:
            c.enqueue(delivery, [part])
        async with store.commit() as c:
            c.mark(part, state, reason="boom")
    return str(delivery.id)


async def test_a_running_bots_database_can_be_copied(tmp_path, monkeypatch):
    """The copy is whole, and a bot can start on it."""
    monkeypatch.chdir(tmp_path)
    await given_up(tmp_path / "townhall.db", "hello", EventState.DONE)
    async with SqliteStore(tmp_path / "townhall.db"):
        with closing(sqlite3.connect(tmp_path / "townhall.db")) as db:
            db.execute(COPY)
    async with SqliteStore(tmp_path / "copy.db") as copy:
        assert (await copy.counts())["events.done"] == 1
