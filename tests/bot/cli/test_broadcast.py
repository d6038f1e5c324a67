"""`townhall broadcast`: what goes out, and what a person is told."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from bot.cli import app


@asynccontextmanager
async def running(townhall, telegram, *names):
    """A bot that runs, and the chats of people who spoke to nobody yet."""
    rooms = [telegram.add_room(telegram.add_person(name), kind="dm") for name in names]
    async with townhall.running("run", "eliza", **telegram.settings) as process:
        while "telegram: up" not in await townhall.line(process):
            pass
        yield rooms


async def test_it_reaches_each_of_the_audience_once(townhall, telegram):
    """With its headline, a file and a button; asked for twice with one key, it is sent once."""
    (townhall.folder / "news.md").write_text("We **open** at nine.")
    (townhall.folder / "plan.txt").write_text("the plan")
    async with running(townhall, telegram, "Ada", "Bob") as rooms:
        wish = ["broadcast", "@news.md", "--title", "News", "--attach", "plan.txt", "--key", "k1"]
        wish += ["--button", "Site=https://example.org", "--over", "1s"]
        wish += [word for room in rooms for word in ("--to", f"telegram:{room}")]
        first = await townhall(*wish, "--watch")
        again = await townhall(*wish, "--json")
        assert (first.code, again.code, first.err, again.err) == (0, 0, "", "")
        said = [telegram.said_by_bot(room) for room in rooms]
    assert [len(one) for one in said] == [1, 1]
    assert "News" in said[0][0].text
    assert "We open at nine." in said[0][0].text
    assert (said[0][0].files, said[0][0].buttons) == (("plan.txt",), ("Site",))
    assert "telegram 2/2" in first.out
    assert json.loads(again.out)["id"] in first.out


async def test_what_it_would_be_is_shown_and_not_sent(townhall, telegram):
    """Counts, messages and losses; who is unknown makes the exit status 1."""
    async with running(townhall, telegram, "Ada") as [room]:
        wish = ["broadcast", "# *Hi*", "--to", f"telegram:{room}"]
        preview = await townhall(*wish, "--preview")
        dry = await townhall(*wish, "--to", "topic:nwes", "--dry-run")
        listed = await townhall("campaigns", "list")
        assert not telegram.said_by_bot(room)
    assert "<b>" in preview.out
    assert "headings become bold text" in preview.out
    assert (preview.code, dry.code) == (0, 1)
    assert "1 recipient. Nothing was sent." in dry.out
    assert "Nobody is known as topic:nwes." in dry.out
    assert listed.out == "There is no campaign yet.\n"


async def test_without_a_bot_it_says_so_and_what_to_do(townhall):
    """A draft, or what is for later, is stored all the same, for the bot to send."""
    wish = ["broadcast", "hi", "--to", "telegram:1"]
    settings = {"TELEGRAM_BOT_TOKEN": "1:x"}
    now = await townhall(*wish, **settings)
    draft = await townhall(*wish, "--draft", "--key", "d", **settings)
    later = await townhall(*wish, "--at", "2999-01-01T00:00+00:00", "--json", **settings)
    listed = await townhall("campaigns", "list", "--json", **settings)
    waits = json.loads(later.out)["id"]
    shown = await townhall("campaigns", "show", waits, TZ="UTC", **settings)
    assert "scheduled for 2999-01-01 00:00 UTC" in shown.out
    assert (now.code, draft.code, later.code) == (2, 0, 0)
    assert "no bot runs on" in now.err
    assert "townhall run" in now.err
    assert "--draft" in now.err
    assert "campaigns launch" in draft.out
    states = [one["state"] for one in json.loads(listed.out)["campaigns"]]
    assert sorted(states) == ["draft", "scheduled"]


async def test_what_was_left_for_the_bot_goes_out_when_it_runs(townhall, telegram):
    """What is due then, in the words in which it was left."""
    room = telegram.add_room(telegram.add_person("Ada"), kind="dm")
    soon = datetime.now(UTC).isoformat()  # by the time that it is read it is over
    wish = ["broadcast", "good morning", "--to", f"telegram:{room}", "--at", soon]
    left = await townhall(*wish, **telegram.settings)
    assert left.code == 0
    assert not telegram.said_by_bot(room)
    async with townhall.running("run", "eliza", **telegram.settings):
        [said] = await telegram.wait_for_answers(room, 1, timeout=30)
    assert said.text == "good morning"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["hi"], "--to"),
        (["@none.md", "--to", "all"], "none.md"),
        (["hi", "--to", "all", "--attach", "none.pdf"], "none.pdf cannot be read"),
        (["hi", "--to", "all", "--button", "Go"], "Label=https"),
        (["hi", "--to", "all", "--at", "tomorrow"], "--at"),
    ],
)
def test_a_mistake_is_told_before_anything_is_asked(arguments, words):
    """In words, with what to do."""
    result = CliRunner().invoke(app, ["broadcast", *arguments])
    assert result.exit_code == 2
    assert result.output.startswith("error: ")
    assert words in result.output


async def test_a_mistake_in_the_order_names_what_is_wrong(townhall, telegram):
    """By the bot that runs."""
    async with running(townhall, telegram, "Ada"):
        for arguments, words in (
            (["hi", "--to", "topic:nwes"], "nobody is known as topic:nwes"),
            (["hi", "--to", "all", "--over", "soon"], "over: 'soon'"),
            (
                ["hi", "--to", "all", "--at", "2020-01-31T09:00Z"],
                "at: 2020-01-31 09:00 UTC is over",
            ),
        ):
            result = await townhall("broadcast", *arguments)
            assert (result.code, words in result.err) == (2, True), result
