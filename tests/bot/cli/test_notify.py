"""`townhall notify`: what is said, and what the exit status tells."""

from __future__ import annotations

import asyncio
import signal
from contextlib import AsyncExitStack

import orjson
import pytest
from typer.testing import CliRunner

from bot.cli import app
from tests.bot.cli.test_broadcast import running


def room_of(telegram, name):
    return telegram.add_room(telegram.add_person(name), kind="dm")


async def test_without_a_bot_it_sends_by_itself(townhall, telegram):
    """To the default rooms; what people said meanwhile is left for the bot to hear."""
    room = room_of(telegram, "Ada")
    await telegram.say(room, room, "hello")
    settings = {**telegram.settings, "TELEGRAM_ROOMS": room}
    result = await townhall("notify", "Backup **done**", "--title", "Night", **settings)
    assert (result.code, result.out, result.err) == (0, "", "")
    assert [one.text for one in telegram.said_by_bot(room)] == ["Night\n\nBackup done"]
    async with townhall.running("run", "eliza", **settings):
        await telegram.wait_for_answers(room, 2, timeout=30)


async def test_the_end_of_long_output_is_shown_and_the_whole_attached(townhall, telegram):
    """Without its colours; with a bot that runs, too."""
    text = "".join(f"\x1b[32mline {n}\x1b[0m\n" for n in range(5_000))
    async with running(townhall, telegram, "Ada") as [room]:
        result = await townhall(
            "notify", "--to", f"telegram:{room}", "--title", "Tests", stdin=text
        )
        assert (result.code, result.err) == (0, "")
        said = telegram.said_by_bot(room)
        [file] = [file for one in said for file in telegram.files(one.message)]
    [text] = [one.text for one in said if one.text]  # Telegram's captions are short
    assert text.startswith("Tests")
    assert text.endswith("line 4999")
    assert "\x1b" not in text
    assert file.data.decode() == "".join(f"line {n}\n" for n in range(5_000))


async def test_the_exit_status_tells_who_got_it(townhall, telegram):
    """All, some, or nobody; who did not is named with the reason."""
    room = room_of(telegram, "Ada")
    both = ["--to", f"telegram:{room}", "--to", "telegram:999999"]
    some = await townhall("notify", "hi", *both, **telegram.settings)
    none = await townhall("notify", "hi", "--to", "telegram:888888", **telegram.settings)
    assert (some.code, none.code) == (1, 2)
    assert "telegram:999999 failed: " in some.err
    assert "telegram:888888 failed: " in none.err


async def test_nothing_leaves_after_the_timeout(townhall, telegram):
    """Where a platform cannot be reached: nobody got it, and nobody will."""
    room = room_of(telegram, "Ada")
    settings = telegram.settings
    async with telegram.outage():
        result = await townhall(
            "notify", "hi", "--to", f"telegram:{room}", "--timeout", "1", **settings
        )
    assert result.code == 2
    later = await townhall("notify", "later", "--to", f"telegram:{room}", **settings)
    assert later.code == 0
    assert [one.text for one in telegram.said_by_bot(room)] == ["later"]


@pytest.mark.parametrize("runs", [True, False])
async def test_where_no_waiting_helps_it_does_not_wait(townhall, telegram, runs):
    """Who refuses our credentials will not take them in a minute; with a bot that runs, neither."""
    wrong = {**telegram.settings, "TELEGRAM_BOT_TOKEN": "1:wrong", "DISCORD_BOT_TOKEN": "wrong"}
    wrong["DISCORD_API_URL"] = telegram.url  # it is no Discord: the bot goes on trying
    async with AsyncExitStack() as stack:
        if runs:
            process = await stack.enter_async_context(townhall.running("run", "eliza", **wrong))
            while not (await townhall.line(process)).startswith("telegram: down"):
                pass
        # The command has 45 seconds in all; without a look at the health it would take more.
        result = await townhall("notify", "hi", "--to", "telegram:5", "--timeout", "90", **wrong)
    assert result.code == 2
    assert result.err.startswith("telegram: Telegram does not know this token\n  ")


async def test_a_bot_that_takes_us_for_a_stranger_is_named_at_once(townhall, telegram):
    """By every command that asks it; as a mistake, since somebody has to mend it."""
    async with running(townhall, telegram):
        note = townhall.folder / "townhall.db.http"
        note.write_bytes(orjson.dumps({**orjson.loads(note.read_bytes()), "token": "wrong"}))
        for command, code in (
            (("notify", "hi", "--to", "all"), 3),
            (("broadcast", "hi", "--to", "all"), 2),
            (("campaigns", "list"), 2),
            (("dead-letters", "replay", "x"), 2),
        ):
            result = await townhall(*command)
            assert (result.code, "refuses our token" in result.err) == (code, True), result


async def test_bad_usage_has_a_status_of_its_own(townhall, telegram):
    """Whoever's mistake it is, it is told in words."""
    for arguments, words, settings in (
        (["hi"], "TELEGRAM_ROOMS", telegram.settings),
        (["--to", "all"], "message is empty", telegram.settings),
        (["hi", "--to", "topic:nwes"], "topic:nwes", telegram.settings),
        (["hi", "--to", "all"], "no platform is set up", {}),
    ):
        result = await townhall("notify", *arguments, **settings)
        assert (result.code, words in result.err) == (3, True), result


@pytest.mark.parametrize(
    ("arguments", "code"), [(["--bogus"], 3), (["hi", "--timeout", "soon"], 3), (["--help"], 0)]
)
def test_a_mistake_in_the_options_is_bad_usage_too(arguments, code):
    """Asking for help is none."""
    assert CliRunner().invoke(app, ["notify", *arguments]).exit_code == code


async def test_several_at_once_wait_for_each_other(townhall, telegram):
    """Each logs in and sends by itself, one after the other."""
    room = room_of(telegram, "Ada")
    words = [["notify", f"job {n}", "--to", f"telegram:{room}"] for n in range(3)]
    results = await asyncio.gather(*(townhall(*one, **telegram.settings) for one in words))
    assert [(one.code, one.err) for one in results] == [(0, "")] * 3
    said = sorted(one.text for one in telegram.said_by_bot(room))
    assert said == ["job 0", "job 1", "job 2"]


async def test_a_bot_that_just_starts_is_waited_for(townhall, telegram):
    """It holds the database before it listens."""
    room = room_of(telegram, "Ada")
    async with townhall.running("run", "eliza", **telegram.settings):
        lock = townhall.folder / "townhall.db.lock"
        while not lock.exists():  # noqa: ASYNC110 - files announce nothing
            await asyncio.sleep(0.01)
        result = await townhall("broadcast", "hi", "--to", f"telegram:{room}", "--watch")
    assert (result.code, result.err) == (0, "")
    assert [one.text for one in telegram.said_by_bot(room)] == ["hi"]


async def test_who_interrupts_it_wants_nothing_of_it_sent_later(townhall, telegram):
    """Ctrl-C while a platform is out of reach: the campaign is cancelled."""
    room = room_of(telegram, "Ada")
    there = ["--to", f"telegram:{room}"]
    async with (
        telegram.outage(),
        townhall.running("notify", "hi", *there, **telegram.settings) as process,
    ):
        while ": hi" not in (await townhall("outbox", "list")).out:
            pass  # each look takes a while
        process.send_signal(signal.SIGINT)
        assert await process.wait() == 130
    assert (await townhall("notify", "later", *there, **telegram.settings)).code == 0
    assert [one.text for one in telegram.said_by_bot(room)] == ["later"]
