"""What a person meets first."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE
from importlib.metadata import version
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app

COMMANDS = (
    *("run", "chat", "check", "simulate", "demo"),
    *("why", "inbox", "outbox", "dead-letters"),
)


def test_without_a_command_it_explains_itself() -> None:
    """And that is no error."""
    result = CliRunner().invoke(app, [])
    assert result.exit_code == 0
    assert all(command in result.output for command in COMMANDS)


def test_it_tells_its_version() -> None:
    """The one of the installed package."""
    result = CliRunner().invoke(app, ["--version"])
    assert result.output.split() == ["townhall", version("townhall")]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str) -> None:
    """With a sentence for the command and for each option."""
    result = CliRunner().invoke(app, [command, "--help"])
    assert result.exit_code == 0
    assert "Usage: " in result.output


def test_an_unknown_command_is_a_mistake() -> None:
    """It is named, with the exit code of mistakes."""
    result = CliRunner().invoke(app, ["dance"])
    assert result.exit_code == 2
    assert "dance" in result.output


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
async def test_a_full_disk_behind_a_pipe_is_told_in_words(bot, tmp_path) -> None:
    """Somebody writes a list into a file."""
    async with bot():
        pass
    command = [sys.executable, "-m", "bot", "inbox", "list", "--database", tmp_path / "townhall.db"]
    with Path("/dev/full").open("wb") as full:  # noqa: ASYNC230 - a device is there at once
        process = await asyncio.create_subprocess_exec(*command, stdout=full, stderr=PIPE)
        _, told = await process.communicate()
    assert process.returncode == 2
    assert told.startswith(b"error: there is no room to write to")
