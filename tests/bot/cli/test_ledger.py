"""What became of a message, as a person or a program asks for it."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import uuid4

import pytest

from bot.content import Content
from bot.part import Part, Receipt
from bot.records import Delivery, EventState, PartState, Step, StepState
from bot.stores.sqlite import SqliteStore
from bot.testing.connector import said
from bot.turn import delivery_id
from bot.value import now

DECISION = Step(
    ordinal=0,
    kind="decision",
    name="model",
    state=StepState.DONE,
    body={"by": "model", "calls": [{"id": "1", "name": "roll", "arguments": {"sides": 6}}]},
)
ROLL = Step(
    ordinal=1,
    kind="action",
    name="roll",
    state=StepState.DONE,
    body={"arguments": {"sides": 6}, "result": {"content": {"text": "Four."}}},
)


@pytest.fixture
async def store(tmp_path):
    """The database of a bot that runs: it is held for as long as a test takes."""
    async with SqliteStore(tmp_path / "townhall.db") as store:
        yield store


async def keep(store, event, state=EventState.DONE, *steps, reason=None):
    """An event that ended, with its Memory."""
    async with store.commit() as c:
        ticket = c.accept(event, EventState.PENDING)
        c.remember(event.memory())
        c.put_room(event.room)
        c.link(event.platform, event.account, event.message, event.memory_id)
    async with store.commit() as c:
        for step in steps:
            c.step(ticket.seq, step)
        if state is not EventState.PENDING:
            c.finish(ticket.seq, state, reason)


async def answer(store, event, text, state=PartState.SENT, **details):
    """A reply whose one part ended in `state`; its delivery."""
    delivery = Delivery(
        id=delivery_id(event, 0), room=event.room, content=Content(text=text), event=event.key
    )
    part = Part(delivery=delivery.id, ordinal=0, room=event.room, text=text)
    async with store.commit() as c:
        c.enqueue(delivery, [part])
    for one in (PartState.SENDING, state):
        async with store.commit() as c:
            c.mark(part, one, **details)
    return str(delivery.id)


async def test_it_tells_the_whole_story(townhall, store) -> None:
    """While the bot runs."""
    event = said("roll a die")
    await keep(store, event, EventState.DONE, DECISION, ROLL)
    delivery = await answer(store, event, "Four.", receipt=Receipt(message="m-9"))
    result = await townhall("why", "lobby/1")
    assert (result.code, result.err) == (0, "")
    for told in ("roll a die", "Ada", event.key, "model", "roll(sides=6): done", delivery, "m-9"):
        assert told in result.out
    assert (await townhall("why", "m-9")).out.count("asked about") == 1


async def test_it_tells_programs_too(townhall, store) -> None:
    """As one JSON object."""
    event = said("roll a die")
    await keep(store, event, EventState.DONE, DECISION, ROLL)
    await answer(store, event, "Four.", PartState.FAILED, reason="blocked")
    [story] = json.loads((await townhall("why", event.key, "--json")).out)["stories"]
    [part] = story["replies"][0]["parts"]
    assert (story["event"]["key"], story["event"]["state"]) == (event.key, "done")
    assert [step["name"] for step in story["steps"]] == ["model", "roll"]
    assert (part["state"], part["attempts"], part["reason"]) == ("failed", 1, "blocked")


async def test_the_platforms_links_are_read(townhall, store) -> None:
    """By whichever connector knows them."""
    event = said("hello", platform="telegram")
    await keep(store, event.model_copy(update={"message": "-1005/7", "ids": ("-1005", "7")}))
    assert "hello" in (await townhall("why", "https://t.me/c/5/7")).out
    assert "hello" in (await townhall("why", "-1005/7", "--json")).out
    assert (await townhall("why", "https://t.me/c/5/8")).code == 1


async def test_an_unknown_message_is_an_error(townhall, store) -> None:
    """It says what can be asked for."""
    result = await townhall("why", "lobby/1")
    assert (result.code, result.out) == (1, "")
    assert "lobby/1 is not known in" in result.err


@pytest.mark.parametrize("command", [("why", "1"), ("inbox", "list"), ("dead-letters", "list")])
async def test_no_database_is_a_mistake(townhall, command) -> None:
    """The file is named, and not made."""
    result = await townhall(*command, "--database", "none.db")
    assert result.code == 2
    assert "none.db: there is no database" in result.err
    assert not (townhall.folder / "none.db").exists()


async def test_a_character_names_the_database(townhall, store) -> None:
    """Where the environment does not."""
    await keep(store, said("hello"))
    database = townhall.environment.pop("TOWNHALL_DATABASE")
    (townhall.folder / "one.yaml").write_text(
        f"name: One\nsettings:\n  TOWNHALL_DATABASE: {database}\n"
    )
    assert "hello" in (await townhall("why", "lobby/1", "one.yaml")).out
    assert "hello" in (await townhall("inbox", "list", "one.yaml")).out


async def test_the_inbox_is_listed_by_state(townhall, store) -> None:
    """The newest at the end."""
    for number, state in enumerate(EventState):
        await keep(store, said(f"said {number}", number), state)
    listed = json.loads((await townhall("inbox", "list", "--json")).out)["events"]
    assert [one["event"]["content"]["text"] for one in listed] == [
        f"said {n}" for n in range(len(EventState))
    ]
    last = (await townhall("inbox", "list", "--state", "done", "--state", "kept")).out
    assert "events: 2 of 2" in last
    assert last.index("said 1") < last.index("said 2")
    assert (
        f"events: 1 of {len(EventState)}" in (await townhall("inbox", "list", "--limit", "1")).out
    )


async def test_the_outbox_is_listed_by_state(townhall, store) -> None:
    """With what a part waits for."""
    due = now() + timedelta(hours=1)
    for number, state in enumerate((PartState.SENT, PartState.QUEUED)):
        await answer(store, said("hi", number), f"text {number}", state, reason="slow", due=due)
    [part] = json.loads((await townhall("outbox", "list", "--state", "queued", "--json")).out)[
        "parts"
    ]
    assert (part["text"], part["reason"]) == ("text 1", "slow")
    assert "parts: 2 of 2" in (await townhall("outbox", "list")).out


async def test_dead_letters_are_listed_with_their_reasons(townhall, store) -> None:
    """What came and what leaves; what is well is not there."""
    await keep(store, said("good", 1))
    await keep(store, said("bad", 2), EventState.DEAD, reason="ValueError: boom")
    await keep(store, said("odd", 3), EventState.AMBIGUOUS, reason="pay was started")
    await answer(store, said("bad", 1), "late", PartState.HELD, reason="nobody knows")
    result = await townhall("dead-letters", "list")
    for told in ("bad", "ValueError: boom", "odd", "pay was started", "late", "nobody knows"):
        assert told in result.out
    assert "good" not in result.out


async def test_a_dead_letter_is_shown(townhall, store) -> None:
    """By the key in the list; what is well is refused."""
    good, bad = said("good", 1), said("bad", 2)
    await keep(store, good)
    await keep(store, bad, EventState.DEAD, reason="boom")
    held = await answer(store, good, "late", PartState.HELD, reason="nobody knows")
    assert "boom" in (await townhall("dead-letters", "show", bad.key)).out
    assert "nobody knows" in (await townhall("dead-letters", "show", held)).out
    refused = await townhall("dead-letters", "show", str(uuid4()))
    assert (refused.code, "is no dead letter" in refused.err) == (1, True)


async def test_what_people_wrote_cannot_play_with_the_terminal(townhall, store) -> None:
    """Control characters are spelt out, markup is only text."""
    await keep(store, said("\x1b[2J[red]boo\r\u202eevil"))
    for command in (("why", "lobby/1"), ("inbox", "list")):
        out = (await townhall(*command)).out
        assert "\\x1b[2J[red]boo\\r\\u202eevil" in out
