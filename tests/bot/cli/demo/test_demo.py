"""The demo, whole: three platforms, a bot, and its death in the middle."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import struct
import sys
import termios
from collections.abc import Iterator
from pathlib import Path

import pytest


async def test_every_message_is_answered_once_and_in_order(townhall) -> None:
    """Though the bot was killed: this is what Townhall is for. It takes about ten seconds."""
    result = await townhall("demo", "--json")
    found = json.loads(result.out)
    assert result.code == 0, (found, result.err)
    assert found["restarts"] == 1
    assert set(found["platforms"]) == {"discord", "telegram", "twitter"}
    for one in found["platforms"].values():
        assert one["in"] >= 40
        assert one["answered"] == one["in"]
        assert one["lost"] == one["out_of_order"] == 0
        assert one["duplicates"] <= one["ambiguous"]
        assert 0 < one["p50_ms"] <= one["p99_ms"]


async def test_the_bot_does_not_outlive_a_demo_that_was_killed(townhall) -> None:
    """Its database, which a process holds as long as it lives, is free."""
    async with townhall.running("demo", "--headless", TMPDIR=str(townhall.folder)) as process:
        async with asyncio.timeout(40):
            databases = list[Path]()
            while not databases or not await _is_spoken_to(townhall, databases[0]):
                databases = [*townhall.folder.glob("*/townhall.db")]
        process.kill()
        async with asyncio.timeout(20):
            while not _is_free(databases[0].with_suffix(".db.lock")):  # noqa: ASYNC110 - files announce nothing
                await asyncio.sleep(0.01)


async def _is_spoken_to(townhall, database: Path) -> bool:
    """Whether the play has begun; each look takes a while."""
    listed = await townhall("inbox", "list", "--json", "--database", str(database))
    return bool(listed.code == 0 and json.loads(listed.out)["events"])


def _is_free(path: Path) -> bool:
    with path.open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


@pytest.fixture
def terminal() -> Iterator[tuple[int, int]]:
    """A terminal of 120 by 40: our end and the program's."""
    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    yield ours, theirs
    os.close(ours)
    os.close(theirs)


async def test_on_a_terminal_the_reader_talks_and_leaves(
    townhall, terminal: tuple[int, int]
) -> None:
    """The words appear, Ctrl-C ends it, and the terminal is as before."""
    ours, theirs = terminal
    before = termios.tcgetattr(theirs)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "demo"),
        env={**townhall.environment, "TERM": "xterm"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    await _shows(ours, "telegram")
    os.write(ours, b"@telegram I dreamed of penguins\r")
    await _shows(ours, "You [dm]")
    os.write(ours, b"\x03")
    reading = asyncio.create_task(_shows(ours, "never said"))
    assert await asyncio.wait_for(process.wait(), 20) == 0
    reading.cancel()
    assert termios.tcgetattr(theirs) == before


async def _shows(terminal: int, text: str) -> None:
    """Return when `text` was drawn."""
    drawn, loop, arrived = bytearray(), asyncio.get_running_loop(), asyncio.Event()

    def read() -> None:
        drawn.extend(os.read(terminal, 65536))
        arrived.set()

    loop.add_reader(terminal, read)
    try:
        async with asyncio.timeout(20):
            while text.encode() not in drawn:
                await arrived.wait()
                arrived.clear()
    finally:
        loop.remove_reader(terminal)
