"""Lines in, answers out."""

import asyncio
import io
import os
import subprocess
import sys
import termios
from contextlib import suppress
from select import select

import pytest

from bot.errors import Rejected, StoreFull
from bot.memory import RoomKind
from bot.part import Part
from bot.testing.runtime import create_mock_runtime
from connectors.terminal.connector import TerminalService

SCRIPT = """
import asyncio
from bot.testing.runtime import create_mock_runtime
from connectors.terminal.connector import TerminalService

async def main():
    runtime = create_mock_runtime()
    await (await TerminalService.start(runtime)).run()
    print([event.content.text for event in runtime.delivered])

asyncio.run(main())
"""


@pytest.fixture
def runtime():
    return create_mock_runtime()


@pytest.fixture
def typed():
    """A descriptor to read from, and the file that feeds it."""
    reader, writer = os.pipe()
    with os.fdopen(writer, "w", buffering=1) as keyboard:
        yield reader, keyboard
    # The reader stays open: a thread may not yet have come to its end.


@pytest.fixture
def terminal():
    """A person's end and the program's; what is typed is not shown."""
    ours, theirs = os.openpty()
    modes = termios.tcgetattr(theirs)
    modes[3] &= ~termios.ECHO
    termios.tcsetattr(theirs, termios.TCSANOW, modes)
    with os.fdopen(theirs, "w", buffering=1) as screen:
        yield ours, screen
    os.close(ours)


def shown(terminal, end):
    """What is on the screen, once it ends like that; a terminal gives it in pieces."""
    said = ""
    while not said.endswith(end) and select([terminal], [], [], 5.0)[0]:
        said += os.read(terminal, 10_000).decode()
    return said


@pytest.fixture
def gone():
    """An output that nobody reads any more."""
    reader, writer = os.pipe()
    os.close(reader)
    file = os.fdopen(writer, "w", buffering=1)
    yield file
    with suppress(BrokenPipeError):
        file.close()


async def test_each_line_is_a_message_in_one_room(runtime, typed):
    """Blank lines say nothing; the same words twice are two messages."""
    reader, keyboard = typed
    keyboard.write("Hello\n\nHello\n")
    keyboard.close()
    service = TerminalService(runtime, source=reader)
    await service.run()
    assert [event.content.text for event in runtime.delivered] == ["Hello", "Hello"]
    assert len({event.key for event in runtime.delivered}) == 2
    assert {(e.room.key, e.room.kind) for e in runtime.delivered} == {("here", RoomKind.DM)}


async def test_a_line_that_is_not_stored_is_not_lost(runtime, typed):
    """It is told until it is, and the next one waits for it."""
    reader, keyboard = typed
    keyboard.write("one\ntwo\n")
    keyboard.close()
    told = []

    async def deliver(event):
        told.append(event)
        if len(told) < 3:
            raise StoreFull("no room")
        await runtime.deliver(event)

    await TerminalService(runtime, source=reader).listen(deliver)
    assert [event.content.text for event in runtime.delivered] == ["one", "two"]
    assert len({event.key for event in told}) == 2


async def test_answers_are_printed(runtime):
    """What is sent stands on a line of its own."""
    target = io.StringIO()
    service = TerminalService(runtime, target=target)
    part = Part(delivery=service.here.id, ordinal=0, room=service.here, text="Good day.\nSir.")
    assert (await service.send(part)).message
    assert target.getvalue() == "Good day.\nSir.\n"


async def test_on_a_terminal_the_last_line_is_a_prompt(runtime, terminal):
    """An answer takes its place and puts it below; at the end it has a line of its own."""
    ours, theirs = terminal
    service = TerminalService(runtime, source=theirs.fileno(), target=theirs)
    task = asyncio.create_task(service.run())
    os.write(ours, b"Hello\n\n")
    [event] = await runtime.wait_for_events(1)
    part = Part(delivery=service.here.id, ordinal=0, room=service.here, text="Good day.")
    await service.send(part)
    os.write(ours, b"\x04")
    await task
    said = shown(ours, "> \r\n")
    assert said.count(f"\r\x1b[K{event.sender.name}> ") == 3
    assert f"\r\x1b[KGood day.\r\n{event.sender.name}> " in said
    assert said.endswith("> \r\n")


@pytest.mark.parametrize("piped", ["in", "out"])
async def test_where_something_is_piped_there_is_no_prompt(runtime, terminal, typed, piped):
    """Neither for a program that speaks, nor in what one reads."""
    (ours, theirs), (reader, keyboard) = terminal, typed
    keyboard.write("Hello\n")
    keyboard.close()
    os.write(ours, b"Hello\n\x04")
    source, target = (reader, theirs) if piped == "in" else (theirs.fileno(), io.StringIO())
    await TerminalService(runtime, source=source, target=target).run()
    assert len(runtime.delivered) == 1
    print("end", file=target, flush=True)
    said = shown(ours, "end\r\n") if piped == "in" else target.getvalue()
    assert said.split() == ["end"]


async def test_an_answer_to_nobody_is_rejected(runtime, gone):
    """Whoever read our output has gone."""
    service = TerminalService(runtime, target=gone)
    part = Part(delivery=service.here.id, ordinal=0, room=service.here, text="Hello?")
    with pytest.raises(Rejected, match="gone"):
        await service.send(part)


async def test_listening_can_be_cancelled_while_nobody_types(runtime, typed):
    """A waiting reader holds nothing up, and loses nothing that was said before."""
    reader, keyboard = typed
    service = TerminalService(runtime, source=reader)
    task = asyncio.create_task(service.run())
    keyboard.write("Hello\n")
    await runtime.wait_for_events(1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize("stdin", ["pipe", "file"])
def test_standard_input_is_read_to_its_end(tmp_path, stdin):
    """From a pipe and from a file, with or without a last line's end."""
    path = tmp_path / "lines.txt"
    path.write_text("one\ntwo")
    with path.open() as file:
        given = {"stdin": file} if stdin == "file" else {"input": "one\ntwo"}
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True, **given
        )
    assert done.stdout == "['one', 'two']\n"


def test_the_process_can_end_while_it_waits_for_a_line():
    """Nobody has to press a key for it to exit."""
    script = SCRIPT.replace("await (await", "await asyncio.wait_for((await").replace(
        ".run()\n", ".run(), 0.2)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    with process.stdin, process.stderr:
        problem = process.stderr.read()
        assert process.wait(10) == 1
    assert problem.endswith("TimeoutError\n")
