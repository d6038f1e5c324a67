"""A conversation in the terminal."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path


async def test_what_comes_through_a_pipe_is_answered(townhall) -> None:
    """Each line, and nothing else is printed."""
    result = await townhall("chat", "eliza", stdin="hello\nI am sad")
    assert result.code == 0
    assert len(result.out.splitlines()) == 2
    assert result.err == ""


async def test_it_has_a_database_of_its_own(townhall) -> None:
    """Beside that of the bot, and its log beside it."""
    await townhall("chat", stdin="hello\n")
    names = {path.name for path in townhall.folder.iterdir()}
    assert {"chat.db", "chat.log"} <= names
    assert "townhall.db" not in names


async def test_a_place_that_cannot_be_written_is_a_mistake(townhall) -> None:
    """It is named."""
    blocked = townhall.folder / "file"
    blocked.touch()
    result = await townhall("chat", "--database", str(Path(blocked) / "chat.db"), stdin="hello\n")
    assert result.code == 2
    assert str(blocked) in result.err
    assert "Traceback" not in result.err


async def test_without_any_input_it_says_so(townhall) -> None:
    """As a service without a terminal starts it."""
    command = (sys.executable, "-m", "bot", "chat", "eliza")
    process = await asyncio.create_subprocess_exec(
        *("/bin/sh", "-c", 'exec "$@" <&-', "sh", *command),
        env=townhall.environment,
        cwd=townhall.folder,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(45):
        _, err = await process.communicate()
    assert process.returncode == 2
    assert err.startswith(b"error: there is no standard input")
