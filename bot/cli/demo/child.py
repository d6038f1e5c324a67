"""A bot in a process of its own, so that it can be killed; it does not outlive us."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from bot.character.load import shipped
from bot.errors import TownhallError

CHARACTER = "eliza"
KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ", "PYTHONPATH", "PYTHONWARNINGS")
"""What the bot sees of our environment: no token of the reader's."""
START_SECONDS = 30.0
STOP_SECONDS = 15.0


class Child:
    """Starts, kills and stops the bot.

    Args:
        settings: point the bot at the simulators.
        folder: holds its database and its log.
        character: the file of who it is.
        database: another one than that in `folder`.

    Attributes:
        restarts: how often it was started again.
    """

    def __init__(
        self,
        settings: Mapping[str, str],
        folder: Path,
        character: Path | None = None,
        database: Path | None = None,
    ) -> None:
        self.database = database or folder / "townhall.db"
        self.log = folder / "townhall.log"
        self.restarts = 0
        kept = {name: os.environ[name] for name in KEPT if name in os.environ}
        self._environment = {**kept, **settings, "TOWNHALL_DATABASE": str(self.database)}
        self._folder, self._character = folder, character or shipped()[CHARACTER]
        self._process: asyncio.subprocess.Process | None = None

    @asynccontextmanager
    async def running(self, services: Collection[str]) -> AsyncIterator[None]:
        """The bot, up on all of `services`, for the block."""
        await self.start(services)
        try:
            yield
        finally:
            await self.stop()

    async def start(self, services: Collection[str]) -> None:
        """Start the bot; return when it says that it is up on all of `services`.

        Raises:
            TownhallError: it does not come up.
        """
        await self.spawn()
        waiting = set(services)
        with suppress(TimeoutError):
            async with asyncio.timeout(START_SECONDS):
                while waiting and (line := await self._says()):
                    waiting.discard(line.removesuffix(": up"))
        if waiting:
            await self.stop()
            raise TownhallError(f"the bot did not come up on {waiting}:\n{self.last_words()}")

    async def spawn(self) -> None:
        """Start the bot, and do not wait for it."""
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "bot.cli.demo.leash", "run", str(self._character)),
                env=self._environment,
                cwd=self._folder,
                stdin=asyncio.subprocess.PIPE,  # its end tells the bot that we are gone
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                start_new_session=True,  # a Ctrl-C is for us; we tell the bot in our own time
            )

    @property
    def pid(self) -> int:
        """The id of its process.

        Raises:
            TownhallError: it does not run.
        """
        if not self._process or self._process.returncode is not None:
            raise TownhallError(f"the bot does not run:\n{self.last_words()}")
        return self._process.pid

    async def ended(self, seconds: float) -> int | None:
        """How it ended within `seconds` by itself; None if it did not."""
        if self._process:
            with suppress(TimeoutError):
                return await asyncio.wait_for(self._process.wait(), seconds)
        return None

    async def restart(self, services: Collection[str]) -> None:
        """Start it again after it died."""
        self.restarts += 1
        await self.start(services)

    async def kill(self) -> None:
        """Kill it, as a power cut would."""
        if self._process and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    async def stop(self) -> None:
        """Ask it to stop, and do not wait for ever."""
        if not self._process or self._process.returncode is not None:
            return
        self._process.terminate()
        try:
            await asyncio.wait_for(self._process.wait(), STOP_SECONDS)
        except TimeoutError:
            await self.kill()

    def last_words(self, lines: int = 20) -> str:
        """The end of its log."""
        with suppress(FileNotFoundError):
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
        return ""

    async def _says(self) -> str:
        output = self._process.stdout if self._process else None
        return (await output.readline()).decode().strip() if output else ""
