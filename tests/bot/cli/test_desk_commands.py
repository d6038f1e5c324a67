"""What a person does about dead letters, with and without a bot that runs."""

from __future__ import annotations

import asyncio
import json

from bot.records import EventState, PartState
from bot.stores.sqlite import SqliteStore
from bot.testing.connector import said
from tests.bot.cli.test_ledger import answer, keep


async def test_a_bot_that_runs_does_it_itself(townhall, telegram):
    """The command reaches it by the note beside its database, and the answer goes out."""
    room = telegram.add_room(telegram.add_person("Ada"), kind="dm")
    async with townhall.running("run", "eliza", **telegram.settings) as process:
        while "telegram" not in await townhall.line(process):
            pass
        telegram.fail_next("sendMessage", 400)
        await telegram.say(room, room, "hello")
        key = await failed(townhall)
        result = await townhall("dead-letters", "replay", key)
        assert (result.code, result.out, result.err) == (0, f"replay: {key}\n", "")
        await telegram.wait_for_answers(room, 1, timeout=20)
        acts = json.loads((await townhall("audit", "list", "--json")).out)["acts"]
    assert [(one["verb"], one["subject"]) for one in acts] == [("replay", key)]


async def failed(townhall):
    """The delivery that failed, once it has."""
    async with asyncio.timeout(20):
        while True:
            listed = json.loads((await townhall("dead-letters", "list", "--json")).out)
            if listed["parts"]:
                return listed["parts"][0]["delivery"]


async def test_without_a_bot_the_command_does_it(townhall, tmp_path):
    """What waits then is taken up by the next start; the story tells who did it and why."""
    event = said("hello")
    async with SqliteStore(tmp_path / "townhall.db") as store:
        await keep(store, event, EventState.DEAD, reason="a mistake")
        key = await answer(store, event, "hi", PartState.HELD)
    replayed = await townhall("dead-letters", "replay", event.key)
    settled = await townhall("ambiguous", "settle", key, "--note", "Ada saw it")
    assert (replayed.code, settled.code) == (0, 0)
    async with SqliteStore(tmp_path / "townhall.db") as store:
        assert (await store.event(event.key)).state is EventState.PENDING
    story = (await townhall("why", event.key)).out
    assert "Ada saw it" in story
    again = await townhall("ambiguous", "settle", key)
    assert again.code == 1
    assert "ambiguous list" in again.err
