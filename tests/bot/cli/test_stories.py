"""What a story tells besides how it ended: on which way, what went wrong, and what it waits for."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest

from bot.flood import own_lane
from bot.memory import RoomKind
from bot.part import Receipt
from bot.records import EventState, PartState, Step, StepState
from bot.stores.sqlite import SqliteStore
from bot.testing.connector import said
from bot.value import now
from tests.bot.cli.test_ledger import answer, keep


@pytest.fixture
async def store(tmp_path):
    """The database of a bot that runs."""
    async with SqliteStore(tmp_path / "townhall.db") as store:
        yield store


async def test_what_went_wrong_with_an_event_is_told(townhall, store):
    """Each time a line; the same several times in a row is one."""
    await keep(store, said("hello"), EventState.PENDING)
    [waiting] = await store.pending()
    for reason in ("ValueError: boom", "ValueError: boom", "KeyError: bang"):
        async with store.commit() as c:
            c.attempt(waiting.seq, reason=reason)
    async with store.commit() as c:
        c.finish(waiting.seq, EventState.DEAD, "KeyError: bang")
    out = (await townhall("why", "lobby/1")).out
    assert re.search(r"pending: ValueError: boom  \(2 times, last 20", out)
    told = ("ValueError: boom", "pending: KeyError: bang", "dead: KeyError: bang")
    assert [out.count(one) for one in told] == [1, 1, 1]


async def test_what_went_wrong_with_a_part_is_told(townhall, store):
    """With the time before which it was not tried again, though it was sent in the end."""
    due = now() + timedelta(hours=1)
    event = said("hello")
    await keep(store, event)
    await answer(store, event, "hi", PartState.QUEUED, reason="no route", due=due)
    [out] = await store.outgoing([PartState.QUEUED])
    async with store.commit() as c:
        c.mark(out.part, PartState.SENT, receipt=Receipt(message="m-1", more=("m-2",)))
    text = (await townhall("why", "lobby/1")).out
    later = due.astimezone().isoformat(" ", "milliseconds")
    assert re.search(rf"queued: no route  not before {re.escape(later)}", text)
    assert "message m-1, m-2" in text


async def test_programs_are_told_it_too(townhall, store):
    """What went wrong, all messages, and where it waits."""
    event = said("hello")
    await keep(store, event, EventState.PENDING)
    await answer(
        store,
        event,
        "hi",
        PartState.FAILED,
        reason="blocked",
        receipt=Receipt(message="m", more=("n",)),
    )
    [story] = json.loads((await townhall("why", "lobby/1", "--json")).out)["stories"]
    [part] = story["replies"][0]["parts"]
    assert story["queue"] == {"is_own": False, "before": 0}
    assert story["event"]["setbacks"] == []
    assert [(one["state"], one["why"]) for one in part["setbacks"]] == [
        ("sending", "blocked"),
        ("failed", "blocked"),
    ]
    assert part["more"] == ["n"]


async def test_the_way_in_is_told(townhall, store):
    """Where there is more than one."""
    await keep(store, said("one", 1).model_copy(update={"how": "webhook"}))
    await keep(store, said("two", 2))
    assert "(webhook, happened " in (await townhall("why", "lobby/1")).out
    assert "(happened " in (await townhall("why", "lobby/2")).out


async def test_the_models_that_did_not_answer_are_told(townhall, store):
    """With why; the one that did comes before them."""
    body = {"by": "anthropic", "text": "Hi.", "passed": ["openai: TimeoutError"]}
    step = Step(ordinal=0, kind="decision", name="anthropic", state=StepState.DONE, body=body)
    await keep(store, said("hello"), EventState.DONE, step)
    out = (await townhall("why", "lobby/1")).out
    assert out.index("decided by anthropic") < out.index("not by openai: TimeoutError")


async def test_a_turn_without_an_answer_says_so(townhall, store):
    """One with an answer does not."""
    silent, answered = said("one", 1), said("two", 2)
    for event in (silent, answered):
        await keep(store, event)
    await answer(store, answered, "hi")
    assert "done, without an answer" in (await townhall("why", silent.key)).out
    assert "without" not in (await townhall("why", answered.key)).out


async def test_what_waits_says_behind_whom(townhall, store):
    """In its room, or in a lane of its sender's own."""
    first, second, third = (said("hi", number, kind=RoomKind.GROUP) for number in range(3))
    async with store.commit() as c:
        c.accept(first, EventState.PENDING)
        c.accept(second, EventState.PENDING)
        c.accept(third, EventState.PENDING, lane=own_lane(third.room, third.sender))
    for event, told in ((first, "next in its room"), (second, "behind 1 in its room")):
        assert told in (await townhall("why", event.key)).out
    assert "next in a lane of its sender's own" in (await townhall("why", third.key)).out


async def test_an_unknown_message_is_told_how_messages_are_called(townhall, store):
    """The one whose name was cut short is meant, and the database that was looked in is named."""
    for number in (41, 42, 43):
        await keep(store, said("hi", number))
    result = await townhall("why", "42")
    assert result.code == 1
    assert str(townhall.folder / "townhall.db") in result.err
    assert "lobby/42 (loopback)" in result.err


async def test_a_folder_is_no_database(townhall, store):
    """And no full disk."""
    result = await townhall("why", "lobby/1", "--database", str(townhall.folder))
    assert result.code == 2
    assert "this is a folder" in result.err
