"""Files that come over the wire are kept, and the disk keeps nobody waiting."""

import asyncio
import threading

import pytest

from bot.errors import ConfigError
from bot.web.files import Files


async def pieces(*some):
    for piece in some:
        if isinstance(piece, Exception):
            raise piece
        yield piece


async def test_while_a_file_is_written_the_bot_goes_on(tmp_path, monkeypatch):
    """However long the disk takes."""
    went_on, seen = threading.Event(), []
    monkeypatch.setattr("os.fsync", lambda _: seen.append(went_on.wait(5)))
    asyncio.get_running_loop().call_later(0.01, went_on.set)
    path = await Files(tmp_path / "town.db").receive("a.txt", pieces(b"12", b"34"))
    assert (seen, path.name, path.read_bytes()) == ([True], "a.txt", b"1234")


async def test_of_what_breaks_off_nothing_is_kept(tmp_path):
    """Nor of what is empty."""
    files = Files(tmp_path / "town.db")
    with pytest.raises(ConfigError, match=r"a\.txt is empty"):
        await files.receive("a.txt", pieces())
    with pytest.raises(ConnectionError):
        await files.receive("a.txt", pieces(b"12", ConnectionError()))
    assert list(files.folder.iterdir()) == []
