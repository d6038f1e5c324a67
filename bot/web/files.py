"""Files that are to be sent: kept beside the database, because sending may take days."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import AsyncIterable, Collection, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import IO

from bot.errors import ConfigError

LARGEST_FILE = 100 * 10**6
"""The largest file that is kept, in bytes: what no platform would take anyhow is not copied."""


class Files:
    """The folder of files beside a database; the same file twice is kept once."""

    def __init__(self, database: Path) -> None:
        self.folder = database.absolute().with_name(f"{database.name}.files")

    def add(self, path: Path) -> Path:
        """Keep a copy of a file; where it is.

        Raises:
            ConfigError: it cannot be read, is empty or too large.
        """
        try:
            with path.open("rb") as source, self.new(path.name) as kept:
                while piece := source.read(2**20):
                    kept.write(piece)
        except OSError as error:
            raise ConfigError(f"{path} cannot be read: {error.strerror or error}") from error
        return kept.path

    @contextmanager
    def new(self, name: str) -> Iterator[Kept]:
        """A file to write; it is there when the block ends well."""
        with self._begun(name) as kept:
            yield kept
            kept.settle()

    async def receive(self, name: str, pieces: AsyncIterable[bytes]) -> Path:
        """Keep what comes piece by piece; where it is. A slow disk keeps nobody else waiting.

        Raises:
            ConfigError: it is empty or too large.
        """
        with self._begun(name) as kept:
            async for piece in pieces:
                await asyncio.to_thread(kept.write, piece)
            await asyncio.to_thread(kept.settle)
        return kept.path

    @contextmanager
    def _begun(self, name: str) -> Iterator[Kept]:
        """A file to write, which goes with the block unless it is settled."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=self.folder, delete=False) as file:
            try:
                yield Kept(file.file, Path(file.name), Path(name).name or "file")
            finally:
                Path(file.name).unlink(missing_ok=True)

    def remove(self, before: float, needed: Collection[str]) -> None:
        """Remove what was kept before a moment, in seconds since 1970.

        Args:
            needed: paths of files that stay.
        """
        stay = {Path(one).parts[-2:] for one in needed}
        for file in [one for one in self.folder.rglob("*") if one.is_file()]:
            if file.parts[-2:] not in stay and file.stat().st_mtime < before:
                file.unlink()
                if file.parent != self.folder:
                    with suppress(OSError):  # another file of the same content has another name
                        file.parent.rmdir()

    def holds(self, path: Path) -> bool:
        """Whether a path leads to a file of this folder."""
        return path.is_file() and path.resolve().is_relative_to(self.folder.resolve())


class Kept:
    """A file that is being written.

    Args:
        path: where it is written.

    Attributes:
        path: where it is; once it is settled, in the end.
        size: in bytes.
    """

    def __init__(self, file: IO[bytes], path: Path, name: str) -> None:
        self.path, self.name, self.size = path, name, 0
        self._file, self._digest = file, sha256()

    def write(self, piece: bytes) -> None:
        """Add bytes.

        Raises:
            ConfigError: they are too many.
        """
        self.size += len(piece)
        if self.size > LARGEST_FILE:
            raise ConfigError(f"{self.name} is larger than {LARGEST_FILE // 10**6} MB")
        self._digest.update(piece)
        self._file.write(piece)

    def settle(self) -> None:
        """Give it its place.

        Raises:
            ConfigError: nothing was written.
        """
        if not self.size:
            raise ConfigError(f"{self.name} is empty")
        self._file.flush()
        os.fsync(self._file.fileno())
        place = self.path.with_name(self._digest.hexdigest()[:16])
        place.mkdir(exist_ok=True)
        self.path = self.path.replace(place / self.name)
