"""The Store's contract on SQLite, and what is SQLite's own."""

import asyncio
import subprocess
import sys
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path

import apsw
import pytest

from bot.errors import ConfigError, StoreError, StoreFull
from bot.records import EventState
from bot.stores.sqlite import SqliteStore
from bot.stores.sqlite.queries import EVENT_GROUPS, _conditions
from bot.stores.sqlite.rows import STORED
from bot.testing.store import StoreContract
from bot.testing.store.engine import accept, an_event

WAL_HEADER, FRAME_HEADER, PAGE = 32, 24, 4096  # https://www.sqlite.org/fileformat2.html#walformat


class TestSqliteStore(StoreContract):
    engine = "bot.stores.sqlite:SqliteStore"

    def address(self, tmp_path):
        return str(tmp_path / "townhall.db")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "townhall.db"


async def opening(path, **options):
    """The error of opening `path`, as a person reads it."""
    with pytest.raises(ConfigError) as caught:
        async with SqliteStore(path, **options):
            pass
    return str(caught.value)


@asynccontextmanager
async def holder(path):
    """A process that holds `path` for the block."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, Path(__file__).with_name("process.py"), path),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert await process.stdout.readline() == b"open\n"
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def change(path, *statements):
    """What another program does to the file."""
    with closing(apsw.Connection(str(path))) as db:
        for statement in statements:
            db.execute(statement)


def transactions(path):
    """How many were committed: frames of the write-ahead log that name the file's new size."""
    frames = path.with_name(f"{path.name}-wal").read_bytes()[WAL_HEADER:]
    sizes = (frames[start + 4 : start + 8] for start in range(0, len(frames), FRAME_HEADER + PAGE))
    return sum(any(size) for size in sizes)


async def test_its_folder_is_made(tmp_path):
    """A path in a folder that is not there yet opens."""
    path = tmp_path / "some" / "folder" / "townhall.db"
    async with SqliteStore(path) as store:
        await accept(store, an_event())
    assert path.exists()


async def test_commits_at_once_share_a_transaction(path):
    """The disk is asked much less often than there are commits."""
    async with SqliteStore(path) as store:
        before = transactions(path)
        await asyncio.gather(*(accept(store, an_event(n)) for n in range(300)))
        assert transactions(path) - before < 100


async def test_a_second_process_is_told_who_holds_it(path):
    """The error names the holder and what to do."""
    async with holder(path) as process:
        error = await opening(path)
    assert f"Stop process {process.pid}" in error
    assert str(path) in error


async def test_a_killed_holder_holds_nothing(path):
    """The lock dies with its process."""
    async with holder(path) as process:
        process.kill()
        await process.wait()
        async with SqliteStore(path) as store:
            await accept(store, an_event())


async def test_the_lock_is_no_way_to_another_file(path, tmp_path):
    """In a folder of many, somebody laid a link in its place."""
    other = tmp_path / "diary"
    other.write_text("Dear diary")
    path.with_name("townhall.db.lock").symlink_to(other)
    assert "lock cannot be made" in await opening(path)
    assert other.read_text() == "Dear diary"


@pytest.mark.parametrize("name", ["folder", "/dev/null"])
async def test_what_is_no_file_gets_no_lock(tmp_path, name):
    """Somebody named the folder for the database in it."""
    place = tmp_path / name
    if not place.exists():
        place.mkdir()
    assert "this is no file" in await opening(place)
    assert not place.with_name(f"{place.name}.lock").exists()


async def test_the_newest_answered_are_found_among_many_that_were_only_heard(path):
    """Each state that is at its end has an index that gives its events in their order."""
    async with SqliteStore(path) as store:
        for state in set(EventState) - {EventState.PENDING}:
            [(index, condition)] = _conditions(EVENT_GROUPS, [state])
            sql = f"EXPLAIN QUERY PLAN {STORED} {index} WHERE {condition} ORDER BY seq DESC"
            [(*_, plan)] = await store._all(sql)
            assert plan.startswith("SEARCH events USING INDEX")


async def test_a_failed_opening_holds_nothing(path):
    """Once the file is put right, it opens."""
    path.write_bytes(b"not a database, but long enough to be taken for one " * 100)
    await opening(path)
    path.unlink()
    async with SqliteStore(path) as store:
        await accept(store, an_event())


async def test_looking_needs_no_lock(path):
    """A file that another process holds can be read, as it is at that moment."""
    async with SqliteStore(path) as store, SqliteStore(path, read_only=True) as looking:
        await accept(store, an_event())
        assert [one.event for one in await looking.pending()] == [an_event()]


async def test_looking_works_when_nobody_holds_it(path):
    """A file that is left alone can be read."""
    async with SqliteStore(path) as store:
        await accept(store, an_event())
    async with SqliteStore(path, read_only=True) as looking:
        assert await looking.event(an_event().key)


async def test_looking_writes_nothing(path):
    """A commit is refused."""
    async with SqliteStore(path), SqliteStore(path, read_only=True) as looking:
        with pytest.raises(StoreError):
            looking.commit()


async def test_looking_makes_no_database(path):
    """Where there is none, it says so."""
    assert "no database" in await opening(path, read_only=True)
    assert not path.exists()


@pytest.mark.parametrize("read_only", [False, True])
async def test_a_file_that_is_no_database_is_left_alone(path, read_only):
    """It is named with what to do, and not touched."""
    content = b"Dear diary, today a bot wanted to write into me. " * 100
    path.write_bytes(content)
    error = await opening(path, read_only=read_only)
    assert str(path) in error
    assert "not a database" in error
    assert "TOWNHALL_DATABASE" in error
    assert path.read_bytes() == content


@pytest.mark.parametrize("read_only", [False, True])
async def test_another_programs_database_is_left_alone(path, read_only):
    """It is named with what to do, and not touched."""
    change(path, "CREATE TABLE recipes (name)")
    content = path.read_bytes()
    assert "not Townhall's" in await opening(path, read_only=read_only)
    assert path.read_bytes() == content


@pytest.mark.parametrize("read_only", [False, True])
async def test_a_newer_versions_database_is_left_alone(path, read_only):
    """An older Townhall asks to be upgraded."""
    async with SqliteStore(path):
        pass
    change(path, "PRAGMA user_version = 1000")
    error = await opening(path, read_only=read_only)
    assert "version 1000" in error
    assert "Upgrade" in error


async def test_a_full_file_refuses_and_recovers(path):
    """Nothing is written while there is no room, and all is well once there is."""
    async with SqliteStore(path) as store:
        db = store._writer._work._db
        db.pragma("max_page_count", db.pragma("page_count"))
        large = an_event(1, raw="x" * 100_000)
        with pytest.raises(StoreFull):
            await accept(store, large)
        assert await store.event(large.key) is None
        db.pragma("max_page_count", 1_000_000)
        await accept(store, large)
        assert [one.event for one in await store.pending()] == [large]


@contextmanager
def small_disk(folder):
    """Two megabytes of room at `folder`, where this machine lets us."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "townhall", folder]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("mounting a small disk takes root")
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


def fill(path):
    """Write until there is no room."""
    with path.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(1024))


async def test_a_full_disk_refuses_and_recovers(tmp_path):
    """With no room on a real disk, every commit says so; room brings the store back."""
    with small_disk(tmp_path / "disk") as disk:
        async with SqliteStore(disk / "townhall.db") as store:
            filler = disk / "filler"
            with pytest.raises(OSError, match="No space"):
                fill(filler)
            at_once = (accept(store, an_event(n, raw="x" * 10_000)) for n in range(20))
            outcomes = await asyncio.gather(*at_once, return_exceptions=True)
            assert {type(one) for one in outcomes} == {StoreFull}
            filler.unlink()
            await accept(store, an_event(1))
            assert [one.event for one in await store.pending()] == [an_event(1)]
