"""Files are opened wherever they are."""

import os
import tracemalloc
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.content import Attachment
from bot.errors import Rejected, Unavailable
from bot.media import Media

DATA = bytes(range(256)) * 16


def holder(*pieces):
    """An account that holds one file: it hands out `pieces`, and raises those that are errors."""

    async def told():
        for piece in pieces:
            if isinstance(piece, Exception):
                raise piece
            yield piece

    @asynccontextmanager
    async def fetch(_):
        yield told()

    return fetch


PICTURES = ("image/", "video/")
THERE = Attachment(key="1", holder="platform", name="a.png")


@pytest.fixture
async def media():
    async with Media(holder(DATA[:1000], DATA[1000:])) as media:
        yield media


def open_files():
    """How many files and sockets this process has open."""
    return len(list(Path("/dev/fd").iterdir()))


async def test_a_file_of_this_machine_is_opened_where_it_is(media, tmp_path):
    """It is not copied."""
    path = tmp_path / "a.png"
    path.write_bytes(DATA)
    async with media.open(Attachment.file(path)) as file:
        assert os.path.samestat(os.fstat(file.handle.fileno()), path.stat())
        assert (file.name, file.media_type, file.size) == ("a.png", "image/png", len(DATA))
        assert file.handle.read() == DATA
    assert file.handle.closed


async def test_a_file_of_an_account_is_fetched_from_it(media):
    """It is then a file on disk, at its beginning, and goes with the block."""
    async with media.open(THERE) as file:
        assert os.fstat(file.handle.fileno()).st_size == len(DATA)
        assert (file.name, file.media_type, file.size) == ("a.png", "image/png", len(DATA))
        assert file.handle.read() == DATA
    assert file.handle.closed


async def test_a_file_can_be_read_at_once(media):
    """For the small ones."""
    assert await media.read(THERE) == DATA


async def test_what_a_file_is_can_be_told(media):
    """What the attachment says goes before what its name suggests."""
    async with media.open(THERE.model_copy(update={"media_type": "image/apng"})) as file:
        assert file.media_type == "image/apng"
    async with media.open(Attachment(key="1", holder="platform")) as file:
        assert (file.name, file.media_type) == ("file", "application/octet-stream")


@pytest.mark.parametrize("name", ["pipe", "folder", "missing", "nul\0"])
async def test_what_is_no_regular_file_is_refused_by_name(media, tmp_path, name):
    """Nor does it make anybody wait."""
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    before = open_files()
    with pytest.raises(Rejected, match=name):
        await media.read(Attachment.file(tmp_path / name))
    assert open_files() == before


async def test_a_device_is_refused(media):
    """It has no end."""
    with pytest.raises(Rejected, match="/dev/zero is a folder, a device"):
        await media.read(Attachment.file("/dev/zero"))


async def test_a_file_that_is_too_large_is_refused(media, tmp_path):
    """Wherever it is; one that just fits is not."""
    (tmp_path / "a.png").write_bytes(DATA)
    for attachment in (THERE, Attachment.file(tmp_path / "a.png")):
        assert len(await media.read(attachment, most=len(DATA))) == len(DATA)
        with pytest.raises(Rejected, match=r"a\.png is larger than 4,095 bytes"):
            await media.read(attachment, most=len(DATA) - 1)


async def test_a_file_of_another_type_is_not_fetched(tmp_path):
    """Whoever wants pictures gets no program; what is unknown is no picture either."""
    async with Media(lambda one: pytest.fail("it was fetched")) as media:
        for name in ("a.exe", "b.mp3", "c"):
            with pytest.raises(Rejected, match=f"{name} is .*/.*: it must be image/ or video/"):
                await media.read(THERE.model_copy(update={"name": name}), types=PICTURES)


async def test_a_file_of_a_wanted_type_is_opened(media, tmp_path):
    """By what its holder says, or by its name."""
    (tmp_path / "b.gif").write_bytes(DATA)
    told = Attachment(key="1", holder="platform", name="c", media_type="video/mp4")
    for one in (THERE, told, Attachment.file(tmp_path / "b.gif")):
        assert await media.read(one, types=PICTURES) == DATA


async def test_a_file_that_says_it_is_too_large_is_not_fetched():
    """Its holder is not asked."""
    media = Media(holder(AssertionError("it was asked")))
    with pytest.raises(Rejected):
        await media.read(THERE.model_copy(update={"size": 10**9}))


async def test_a_holder_that_fails_leaves_nothing_open():
    """Its error is told, and what was copied so far is gone."""
    media, before = Media(holder(DATA, Unavailable("not now"))), open_files()
    with pytest.raises(Unavailable, match="not now"):
        await media.read(THERE)
    assert open_files() == before


async def test_a_large_file_needs_no_memory():
    """It goes to disk in pieces."""
    media, piece = Media(holder(*[bytes(2**20)] * 64)), 0
    tracemalloc.start()
    async with media.open(THERE, most=2**26) as file:
        while part := file.handle.read(2**16):
            piece += len(part)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert piece == file.size == 2**26
    assert peak < 10 * 2**20
