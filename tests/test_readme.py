"""The README's commands and its files do what it says."""

from __future__ import annotations

import asyncio
import os
import re
import runpy
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from bot.character import Character
from bot.runtime import Runtime
from bot.settings import Settings
from bot.stores.sqlite import SqliteStore

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
COMMANDS = re.findall(r"^python3 -m venv .*$", README, re.MULTILINE)


@pytest.fixture
def files(tmp_path, monkeypatch):
    """A folder with the files of the README, and we are in it."""
    for name, code in re.findall(r"^```\w+\n# (\S+)\n(.*?)^```$", README, re.DOTALL | re.MULTILINE):
        (tmp_path / name).write_text(code)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_test_command_is_the_one_that_ci_runs():
    """The README and `.ci/run` have the same line, so that both are tried."""
    steps = [line.strip() for line in (ROOT / ".ci" / "run").read_text().splitlines()]
    assert [line for line in COMMANDS if line.endswith("pytest")] == [
        line for line in steps if line.startswith("python3 -m venv")
    ]


def test_the_first_command_shows_the_demo():
    """It installs and runs it, in one line."""
    assert COMMANDS[0] == (
        "python3 -m venv .venv && .venv/bin/pip install . && .venv/bin/townhall demo"
    )


async def test_my_bot_rolls_dice_in_the_terminal(files):
    """The two files and the command make a bot that answers."""
    [command] = re.findall(r"^\.venv/bin/townhall (chat .*)$", README, re.MULTILINE)
    process = await asyncio.create_subprocess_exec(
        *(Path(sys.executable).with_name("townhall"), *command.split()),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "TOWNHALL_DATABASE": str(files / "townhall.db")},
    )
    printed, _ = await process.communicate(b"/roll 20\n")
    assert re.fullmatch(r".+ rolled ([1-9]|1\d|20)\.\n", printed.decode())


async def test_the_letterbox_answers_letters(files):
    """A letter that is stored is taken away, and an answer comes out."""
    inbox, outbox = files / "inbox", files / "outbox"
    inbox.mkdir()
    outbox.mkdir()
    service = runpy.run_path("letterbox.py")["LetterboxService"]
    (inbox / "ada-1.txt").write_text("I am tired.")
    async with Runtime(
        Character(name="Eliza", connectors=("letterbox",)),
        settings=Settings([]),
        store=SqliteStore(files / "townhall.db"),
        connectors={"letterbox": service},
    ) as runtime:
        while not (answers := [one for one in outbox.iterdir() if one.read_text()]):  # noqa: ASYNC110 - files announce nothing
            await asyncio.sleep(0.01)
        assert (await runtime.store.counts())["events.pending"] == 0
    assert "tired" in answers[0].read_text()
    assert not list(inbox.iterdir())


def test_the_picture_is_of_the_demo():
    """It shows the figures of all three platforms, with nothing lost."""
    picture = ET.parse(ROOT / "docs" / "demo.svg")
    text = "".join(picture.getroot().itertext()).replace("\N{NO-BREAK SPACE}", " ").lower()
    words = ("discord", "telegram", "twitter", "every message was answered once, in order")
    assert all(word in text for word in words)
