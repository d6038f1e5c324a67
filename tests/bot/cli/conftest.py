"""The command line as a person meets it: a process."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.discovery import installed_simulators
from bot.testing.simulator import Simulator

KEPT = ("PATH", "HOME", "PYTHONPATH")


@dataclass(frozen=True)
class Result:
    """What a command left."""

    code: int
    out: str
    err: str


class Townhall:
    """Runs commands in a folder of its own, without the settings of whoever runs the tests."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        kept = {name: os.environ[name] for name in KEPT if name in os.environ}
        database = str(folder / "townhall.db")
        self.environment = {**kept, "TOWNHALL_DATABASE": database, "COLUMNS": "200"}

    async def __call__(self, *arguments: str, stdin: str = "", **settings: str) -> Result:
        """Run a command to its end."""
        async with asyncio.timeout(45):
            process = await self._start(*arguments, **settings)
            out, err = await process.communicate(stdin.encode())
        assert process.returncode is not None
        return Result(process.returncode, out.decode(), err.decode())

    @asynccontextmanager
    async def running(
        self, *arguments: str, **settings: str
    ) -> AsyncIterator[asyncio.subprocess.Process]:
        """A command that runs on, for the block; killed if it is still there."""
        process = await self._start(*arguments, **settings)
        try:
            yield process
        finally:
            if process.returncode is None:
                process.kill()
            await process.communicate()

    @staticmethod
    async def line(process: asyncio.subprocess.Process) -> str:
        """The next line that a process prints."""
        assert process.stdout
        async with asyncio.timeout(20):
            return (await process.stdout.readline()).decode().rstrip()

    async def _start(self, *arguments: str, **settings: str) -> asyncio.subprocess.Process:
        pipe = asyncio.subprocess.PIPE
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", *arguments),
            env={**self.environment, **settings},
            cwd=self.folder,
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
        )


@pytest.fixture
def townhall(tmp_path: Path) -> Townhall:
    """The command line."""
    return Townhall(tmp_path)


@pytest.fixture
async def telegram() -> AsyncIterator[Simulator]:
    """A platform whose token is one setting."""
    async with installed_simulators()["telegram"]() as simulator:
        yield simulator
