"""One process per file."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bot.errors import ConfigError


class Held(ConfigError):
    """Another process has the database."""


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the file `<path>.lock` for the block; the system frees it when the process dies.

    The database is made here, too, if it is new, so that only its owner can read what people said.

    Raises:
        Held: another process has it.
        ConfigError: it cannot be made, or what is there is no file.
    """
    if path.exists() and not path.is_file():
        fix = "Set TOWNHALL_DATABASE to a file; it is made if it is not there."
        raise ConfigError("this is no file", fix=fix, file=path)
    lock = path.with_name(f"{path.name}.lock")
    with _told(lock):
        path.parent.mkdir(parents=True, exist_ok=True)
        # It is emptied below: a link that somebody laid here must not lead to another file.
        fd = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        with _told(lock):
            _take(fd, path)
        _make(path)
        yield
    finally:
        os.close(fd)


@contextmanager
def _told(lock: Path) -> Iterator[None]:
    """Say what the system refuses, as a mistake that a person can mend."""
    try:
        yield
    except OSError as error:
        raise ConfigError(
            f"the database's lock cannot be made: {error.strerror}",
            fix="Make room, make its folder writable, or set TOWNHALL_DATABASE to another file.",
            file=lock,
        ) from error


def _make(path: Path) -> None:
    with suppress(OSError):  # SQLite will say what is wrong
        os.close(os.open(path, os.O_RDONLY | os.O_CREAT, 0o600))


def _take(fd: int, path: Path) -> None:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.pread(fd, 32, 0).decode("ascii", "replace").strip() or "(starting)"
        raise Held(
            f"process {holder} uses this database",
            fix=f"Stop process {holder}, or set TOWNHALL_DATABASE to another file.",
            file=path,
        ) from None
    os.ftruncate(fd, 0)
    os.pwrite(fd, f"{os.getpid()}\n".encode(), 0)
