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
        result = await townhall("dead-letters", "replay", key, "--note", "mended")
        assert (result.code, result.out, result.err) == (0, f"replay: {key}\n", "")
        await telegram.wait_for_answers(room, 1, timeout=20)
        acts = json.loads((await townhall("audit", "list", "--json")).out)["acts"]
    told = [(one["verb"], one["subject"], one["note"]) for one in acts]
    assert told == [("replay", key, "mended")]


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


async def test_what_is_meant_may_have_any_of_its_names(townhall, tmp_path):
    """As for `why`; a number that begins with a minus is no option."""
    dead, answered = said("one", 1, room="-1005"), said("two", 2, room="-1005")
    async with SqliteStore(tmp_path / "townhall.db") as store:
        await keep(store, dead, EventState.DEAD, reason="a mistake")
        await keep(store, answered)
        key = await answer(store, answered, "hi", PartState.HELD)
    replayed = await townhall("dead-letters", "replay", "-1005/1", "--note", "mended")
    resent = await townhall("ambiguous", "resend", "-1005/2", "--note", "not there")
    assert (replayed.out, resent.out) == (f"replay: {dead.key}\n", f"resend: {key}\n")
    acts = json.loads((await townhall("audit", "list", "--json")).out)["acts"]
    assert [(one["subject"], one["note"]) for one in acts] == [
        (dead.key, "mended"),
        (key, "not there"),
    ]


async def test_what_could_be_several_is_not_guessed(townhall, tmp_path):
    """Each is named, and nothing is done."""
    keys = [said("one", account=name).key for name in ("default", "sales")]
    async with SqliteStore(tmp_path / "townhall.db") as store:
        for name in ("default", "sales"):
            await keep(store, said("one", account=name), EventState.DEAD, reason="a mistake")
    result = await townhall("dead-letters", "replay", "lobby/1")
    assert result.code == 1
    assert all(key in result.err for key in keys)
    assert json.loads((await townhall("audit", "list", "--json")).out)["acts"] == []


async def test_the_wrong_verb_is_told_the_right_one(townhall, tmp_path):
    """By whatever name it was asked for."""
    event = said("hello")
    async with SqliteStore(tmp_path / "townhall.db") as store:
        await keep(store, event)
        key = await answer(store, event, "hi", PartState.HELD)
    result = await townhall("dead-letters", "replay", "lobby/1")
    assert result.code == 1
    assert f"{key} is held" in result.err
    assert "`townhall ambiguous resend`" in result.err


async def test_a_settled_message_may_be_named_by_its_link(townhall, tmp_path):
    """Where it is one of the platform's; from then on it is known."""
    event = said("hello", platform="telegram", room="-1005").model_copy(
        update={"message": "-1005/1", "ids": ("-1005", "1")}
    )
    async with SqliteStore(tmp_path / "townhall.db") as store:
        await keep(store, event)
        key = await answer(store, event, "hi", PartState.HELD)
    settle = ("ambiguous", "settle", key, "--message")
    assert (await townhall(*settle, "https://discord.com/channels/1/2/3")).code == 1
    assert (await townhall(*settle, "https://t.me/c/6/2")).code == 1
    assert (await townhall(*settle, "https://t.me/c/5/2")).code == 0
    assert "which was asked about" in (await townhall("why", "-1005/2")).out


async def test_no_database_is_made_to_act_on(townhall):
    """A name that was mistyped is told."""
    result = await townhall("dead-letters", "replay", "x", "--database", "none.db")
    assert result.code == 2
    assert list(townhall.folder.iterdir()) == []
