"""What a torture makes of what it saw: what is excused, whose fault it was, and how it is told."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections import Counter
from contextlib import suppress
from io import StringIO

import aiohttp
import orjson
import pytest
from rich.console import Console

from bot.cli.torture.faults import FAULTS, programme
from bot.cli.torture.figures import Figures, Report, Row
from bot.cli.torture.report import show, table
from bot.cli.torture.uncertain import Uncertain
from bot.cli.torture.weather import stale
from bot.memory import Room, RoomKind
from bot.records import PartState
from bot.stores.sqlite import SqliteStore
from bot.testing.faults import Wire
from bot.testing.store.engine import a_delivery, parts_of
from connectors.telegram.simulator import TelegramSimulator

SENDING, AMBIGUOUS, HELD = PartState.SENDING, PartState.AMBIGUOUS, PartState.HELD
PLACE = (17, 2)
LINE = "[17:2:b3f1] and so it was written down by the clerk."


async def doubted(tmp_path, platform, *states, key="1", kind=RoomKind.GROUP):
    """What is uncertain about a part that went through these states."""
    room = Room(platform=platform, account="default", key=key, kind=kind)
    delivery = a_delivery(room=room)
    [part] = [one.model_copy(update={"text": LINE}) for one in parts_of(delivery)]
    async with SqliteStore(tmp_path / "townhall.db") as store:
        async with store.commit() as c:
            c.enqueue(delivery, [part])
        for state in states:
            async with store.commit() as c:
                c.mark(part, state)
    return await Uncertain.of(tmp_path / "townhall.db")


@pytest.mark.parametrize(
    ("platform", "key", "kind", "may"),
    [
        ("telegram", "1", RoomKind.DM, 2),
        ("twitter", "dm/1-2", RoomKind.DM, 2),
        ("twitter", "1", RoomKind.THREAD, 0),
        ("discord", "1", RoomKind.DM, 0),
    ],
)
async def test_it_may_be_repeated_as_often_as_nobody_could_know(tmp_path, platform, key, kind, may):
    """And never where the platform can be asked."""
    states = (SENDING, AMBIGUOUS) * 2
    unknown = await doubted(tmp_path, platform, *states, key=key, kind=kind)
    assert unknown.times == {PLACE: 2}
    assert unknown.repeatable[PLACE] == may


async def test_what_is_held_is_excused(tmp_path):
    """A person is asked about it."""
    unknown = await doubted(tmp_path, "telegram", SENDING, AMBIGUOUS, HELD)
    assert unknown.excused == {17}


@pytest.mark.parametrize(("doubts", "is_well"), [(2, True), (1, False), (0, False)])
def test_one_doubt_excuses_one_repetition(doubts, is_well):
    """Each more was said though it was known to be there."""
    report, row = Report(5), Row("answers lost")
    report.rows[row.fault] = row
    times = Counter({PLACE: doubts})
    report.add(row, Figures(ambiguous=times, repeatable=times, repeated=Counter({PLACE: 2})))
    assert (row.repeated, row.unexplained, report.is_well) == (2, 2 - doubts, is_well)


def test_a_repetition_is_due_to_the_fault_that_brought_the_doubt():
    """It may come when the next one is suffered already."""
    report, lost, killed = Report(5), Row("answers lost"), Row("killed")
    doubt = Counter({PLACE: 1})
    report.add(lost, Figures(ambiguous=doubt, repeatable=doubt))
    report.add(killed, Figures(ambiguous=doubt, repeatable=doubt, repeated=doubt))
    assert [(one.ambiguous, one.repeated) for one in (lost, killed)] == [(1, 1), (0, 0)]


def test_a_doubt_that_was_followed_by_a_repetition_explains_no_other():
    """The second is due to the second doubt."""
    report, lost, torn = Report(5), Row("answers lost"), Row("answers torn")
    for times, row in enumerate((lost, torn), 1):
        some = Counter({PLACE: times})
        report.add(row, Figures(ambiguous=some, repeatable=some, repeated=some))
    assert [(one.ambiguous, one.repeated) for one in (lost, torn)] == [(1, 1), (1, 1)]


@pytest.mark.parametrize("columns", [80, 100, 120])
def test_the_table_can_be_read_in_any_window(columns):
    """Nothing is cut off, nor in two lines."""
    report = Report(5)
    for name in FAULTS:
        report.rows[name] = Row(name, asked=88_888)
        report.rows[name].suffered([], 0, 88.8)
    console = Console(width=columns, file=StringIO(), color_system=None)
    console.print(table(report))
    lines = console.file.getvalue().splitlines()
    assert [line.split("  ")[0] for line in lines[-len(FAULTS) :]] == list(FAULTS)
    assert "half  all" in lines[0]


def test_what_is_piped_is_not_folded_at_once(monkeypatch, capsys):
    """Where there is no window, there are 120 columns at least."""
    monkeypatch.setenv("COLUMNS", "80")
    report, row = Report(5), Row("killed")
    row.suffered(["x" * 110], 0, 1.0)
    report.rows[row.fault] = row
    show(report)
    assert f"killed: {'x' * 110}\n" in capsys.readouterr().out


def test_it_says_how_much_waits_for_a_person(capsys):
    """And where to look."""
    report, row = Report(5, complete=True), Row("answers lost")
    report.add(row, Figures(ambiguous=Counter({PLACE: 4}), held=frozenset({PLACE})))
    show(report)
    said = capsys.readouterr().out
    assert "1 of the questions waits for a person" in said
    assert "townhall ambiguous list" in said


async def test_a_cache_says_again_what_was_said_before():
    """Every other time; what is sent passes."""
    wire, telegram = Wire(), TelegramSimulator()
    telegram.middlewares.append(wire.carry)
    async with telegram, aiohttp.ClientSession(telegram.url) as session:
        path, heard = f"/bot{telegram.token}/getUpdates", []
        with wire.suffering(stale()):
            for text in ("one", "two", "three"):
                await telegram.inject({"message": text})
                heard.append(len((await (await session.get(path)).json())["result"]))
    assert heard == [1, 1, 3]


async def test_who_interrupts_it_sees_what_came_of_it_so_far():
    """Ctrl-C; the exit status says that it did not come to its end."""
    seed = next(n for n in range(1_000) if next(programme(0, n)) == "frame cut")
    words = ("-m", "bot", "torture", "--kills", "0", "--seed", str(seed), "--json")
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(sys.executable, *words, stdout=pipe, stderr=pipe)
    try:
        while b"to recover" not in await process.stderr.readline():
            pass
        process.send_signal(signal.SIGINT)
        out, _ = await process.communicate()
    finally:
        with suppress(ProcessLookupError):
            process.kill()
    found = orjson.loads(out)
    assert process.returncode == 130
    assert (found["complete"], list(found["faults"])) == (False, ["frame cut"])
