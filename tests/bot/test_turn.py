"""A turn is a log of steps, and a rerun replays it."""

from __future__ import annotations

from collections import Counter

import pytest

from bot.action import ActionResult, action
from bot.content import Content
from bot.events import Event
from bot.model import ToolCall
from bot.records import EventState, Step, StepState, Stored
from bot.stores.sqlite import SqliteStore
from bot.testing.connector import said
from bot.turn import Ambiguous, Decision, Journal

CALL = ToolCall(id="1", name="pay")


@action
async def pay(turn) -> str:
    """Pay."""
    return "paid"


@action(idempotent=True)
async def look(turn) -> str:
    """Look."""
    return "seen"


@pytest.fixture
async def store(tmp_path):
    async with SqliteStore(tmp_path / "townhall.db") as store:
        yield store


async def accepted(store):
    event: Event = said("hello")
    async with store.commit() as c:
        ticket = c.accept(event, EventState.PENDING)
    return Stored(seq=ticket.seq, event=event)


class Work:
    """Counts how often each piece of work was done."""

    def __init__(self):
        self.done = Counter()

    async def decide(self):
        self.done["decide"] += 1
        return Decision(by="model", calls=(CALL,))

    async def act(self):
        self.done["act"] += 1
        return ActionResult(content=Content(text=f"paid {self.done['act']}"))

    async def crash(self):
        self.done["act"] += 1
        raise KeyboardInterrupt


async def test_a_decision_is_stored_before_it_is_acted_on(store):
    """When an action begins, the model's decision and the start are durable."""
    stored, work = await accepted(store), Work()
    journal = Journal(store, stored, (), None)
    await journal.decide(work.decide, replayable=False)

    async def look_at_the_store():
        work.seen = [(s.kind, s.state) for s in await store.steps(stored.seq)]
        return ActionResult()

    await journal.act(pay, CALL, look_at_the_store)
    assert work.seen == [("decision", StepState.DONE), ("action", StepState.STARTED)]


async def test_a_rerun_replays_what_is_stored(store):
    """Neither the model nor the action is asked again."""
    stored, work = await accepted(store), Work()
    first = Journal(store, stored, (), None)
    decided = await first.decide(work.decide, replayable=False)
    result = await first.act(pay, CALL, work.act)
    async with store.commit() as c:
        first.write(c)
    again = Journal(store, stored, await store.steps(stored.seq), None)
    assert await again.decide(work.decide, replayable=False) == decided
    assert await again.act(pay, CALL, work.act) == result
    assert work.done == {"decide": 1, "act": 1}


async def test_started_and_not_finished_is_not_run_again(store):
    """Nobody can know whether it took effect: a person decides."""
    stored, work = await accepted(store), Work()
    journal = Journal(store, stored, (), None)
    with pytest.raises(KeyboardInterrupt):
        await journal.act(pay, CALL, work.crash)
    again = Journal(store, stored, await store.steps(stored.seq), None)
    with pytest.raises(Ambiguous, match="pay was started and not finished"):
        await again.act(pay, CALL, work.act)
    assert work.done == {"act": 1}


async def test_an_idempotent_action_is_run_again(store):
    """An action that says that it may be is."""
    stored, work = await accepted(store), Work()
    started = Step(ordinal=0, kind="action", name="look", state=StepState.STARTED)
    result = await Journal(store, stored, [started], None).act(look, CALL, work.act)
    assert result.content.text == "paid 1"


async def test_the_key_of_an_action_is_the_same_in_a_rerun(store):
    """A foreign system can tell that it is asked twice."""
    keys = []

    async def run(journal):
        keys.append(journal.key())
        return ActionResult()

    stored = await accepted(store)
    for _ in range(2):
        journal = Journal(store, stored, (), None)
        await journal.act(look, CALL, lambda journal=journal: run(journal))
    assert keys[0] == keys[1]


async def test_two_runs_of_an_action_in_one_turn_have_keys_of_their_own(store):
    """Otherwise a foreign system would take the second for the first."""
    keys = []

    async def run(journal):
        keys.append(journal.key())
        return ActionResult()

    stored = await accepted(store)
    for steps in ((), await store.steps(stored.seq)):
        journal = Journal(store, stored, steps, None)
        for _ in range(2):
            await journal.act(look, CALL, lambda journal=journal: run(journal))
    assert keys[0] != keys[1]
    assert keys[:2] == keys[2:]


async def test_what_failed_is_not_run_again(store):
    """That it failed is its result; a rerun tells the model the same."""
    stored, work = await accepted(store), Work()
    journal = Journal(store, stored, (), None)

    async def fail():
        work.done["act"] += 1
        return ActionResult(error="no money")

    failed = await journal.act(pay, CALL, fail)
    async with store.commit() as c:
        journal.write(c)
    again = Journal(store, stored, await store.steps(stored.seq), None)
    assert await again.act(pay, CALL, fail) == failed
    assert work.done == {"act": 1}


async def test_a_rerun_that_takes_another_way_is_stopped(store):
    """Where the log says that something else was done, a person decides."""
    stored, work = await accepted(store), Work()
    journal = Journal(store, stored, (), None)
    await journal.act(pay, CALL, work.act)
    async with store.commit() as c:
        journal.write(c)
    again = Journal(store, stored, await store.steps(stored.seq), None)
    with pytest.raises(Ambiguous, match="pay"):
        await again.act(look, CALL, work.act)
    assert work.done == {"act": 1}
