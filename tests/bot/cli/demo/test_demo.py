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
