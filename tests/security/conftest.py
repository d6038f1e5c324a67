"""A bot in a process of its own, and all that it writes."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import aiohttp
import orjson
import pytest

ROOT = Path(__file__).parents[2]
CHARACTER = "name: Pier\nplugins: ['eliza', 'pier:plugin']\n"


class Host:
    """Runs bots and commands in a folder of its own, and keeps all that they write.

    Attributes:
        printed: by all of them, to both streams.
    """

    def __init__(self, folder):
        self.folder, self.printed = folder, b""
        self.database = folder / "townhall.db"
        (folder / "pier.yaml").write_text(CHARACTER)
        path = os.pathsep.join((str(ROOT), str(Path(__file__).parent)))
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "PYTHONPATH": path,
            "TOWNHALL_DATABASE": str(self.database),
            "COLUMNS": "200",
        }

    async def __call__(self, *arguments, **settings):
        """Run a command to its end; what it printed."""
        process = await self._start(arguments, settings)
        async with asyncio.timeout(45):
            out, _ = await process.communicate()
        self.printed += out
        return out

    async def asks(self, path):
        """What the HTTP server of the bot that runs answers."""
        note = orjson.loads(self.files()["townhall.db.http"])
        headers = {"Authorization": f"Bearer {note['token']}"}
        async with aiohttp.ClientSession(note["url"], headers=headers) as session:
            data = await (await session.get(path)).read()
        self.printed += data
        return orjson.loads(data)

    @asynccontextmanager
    async def running(self, **settings):
        """A bot that logs all that there is to log; stopped in order at the end."""
        process = await self._start(("run", "pier.yaml", "--verbose"), settings)
        listening = asyncio.create_task(self._listen(process))
        try:
            yield process
        finally:
            with suppress(ProcessLookupError):  # one that nobody takes ends by itself
                process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(30):
                await listening
                await process.wait()

    async def says(self, words):
        """Return once a bot printed that."""
        async with asyncio.timeout(30):
            while words not in self.printed:  # noqa: ASYNC110 - another process
                await asyncio.sleep(0.02)

    def files(self):
        """The bytes of all files of the bot, by name."""
        return {
            one.name: one.read_bytes()
            for one in self.folder.iterdir()
            if one.name.startswith(self.database.name)
        }

    async def _listen(self, process):
        while more := await process.stdout.read(65_536):
            self.printed += more

    async def _start(self, arguments, settings):
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", *arguments),
            env={**self.environment, **settings},
            cwd=self.folder,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )


@pytest.fixture
def host(tmp_path):
    """Where bots run."""
    return Host(tmp_path)
