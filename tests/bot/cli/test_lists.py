"""Lists of one platform, account or room, and of no more than was asked for."""

from __future__ import annotations

import json

import pytest

from bot.cli.ledger.newest import PAGE
from bot.records import Act, EventState, PartState
from bot.stores.sqlite import SqliteStore
from bot.testing.connector import said
from tests.bot.cli.test_ledger import answer, keep


@pytest.fixture
async def store(tmp_path):
    """The database of a bot that runs."""
    async with SqliteStore(tmp_path / "townhall.db") as store:
        yield store


async def fill(store):
    """An event and an answer of each of two platforms, two accounts, two rooms."""
    places = [
        {"platform": "telegram"},
        {"platform": "telegram", "account": "sales"},
        {"platform": "discord", "room": "hall"},
    ]
    for place in places:
        event = said("/".join(place.values()), **place)
        await keep(store, event)
        await answer(store, event, event.content.text)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (["--platform", "telegram"], ["telegram", "telegram/sales"]),
        (["--account", "sales"], ["telegram/sales"]),
        (["--room", "hall"], ["discord/hall"]),
        (["--platform", "telegram", "--room", "hall"], []),
    ],
)
async def test_lists_are_of_one_place(townhall, store, wanted, found):
    """What came from there, and what goes there."""
    await fill(store)
    events = json.loads((await townhall("inbox", "list", "--json", *wanted)).out)["events"]
    parts = json.loads((await townhall("outbox", "list", "--json", *wanted)).out)["parts"]
    assert [one["event"]["content"]["text"] for one in events] == found
    assert [one["text"] for one in parts] == found


async def test_what_is_far_back_is_found(townhall, store):
    """However much of other rooms came later."""
    async with store.commit() as c:
        c.accept(said("first", room="hall"), EventState.KEPT)
        for number in range(PAGE):
            c.accept(said("later", number), EventState.KEPT)
    out = (await townhall("inbox", "list", "--room", "hall")).out
    assert "events: 1 of 1" in out
    assert "first" in out


async def test_a_list_says_whether_there_is_more(townhall, store):
    """Where all were not counted."""
    await fill(store)
    for limit, told in (("1", "events: the newest 1"), ("2", "events: 2 of 2")):
        listed = await townhall("inbox", "list", "--platform", "telegram", "--limit", limit)
        assert told in listed.out
        assert ("telegram/sales" in listed.out, "discord" in listed.out) == (True, False)


async def test_the_audit_says_whether_there_is_more(townhall, store):
    """The newest is the one that is shown."""
    for name in ("ann", "bob"):
        async with store.commit() as c:
            c.audit(Act(by=name, verb="replay", subject="x"))
    last = (await townhall("audit", "list", "--limit", "1")).out
    assert ("acts: the newest 1" in last, "bob" in last, "ann" in last) == (True, True, False)
    assert "acts: 2 of 2" in (await townhall("audit", "list")).out


async def test_lists_name_nothing_that_no_command_takes(townhall, store):
    """An event has its key, a part its delivery."""
    event = said("hello")
    await keep(store, event, EventState.DEAD, reason="boom")
    key = await answer(store, event, "hi", PartState.HELD, reason="nobody knows")
    out = (await townhall("dead-letters", "list")).out
    assert (event.key in out, key in out, "seq" in out) == (True, True, False)
