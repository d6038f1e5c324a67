"""What a person meets first."""

from __future__ import annotations

from importlib.metadata import version

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
