"""The default engine of the Store: one SQLite file, held by one process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Self

import apsw

from bot.cluster import Lease
from bot.commit import Commit
from bot.errors import ConfigError, StoreError
from bot.stores.sqlite.commit import SqliteCommit
from bot.stores.sqlite.lock import Held, locked
from bot.stores.sqlite.queries import Queries
from bot.stores.sqlite.reader import Query, Reader
from bot.stores.sqlite.rows import Row
from bot.stores.sqlite.schema import connect
from bot.stores.sqlite.worker import Worker
from bot.stores.sqlite.writer import Writer, Writes

__all__ = ["Held", "SqliteStore"]


class SqliteStore(Queries):
    """Everything durable, in one file.

    Args:
        path: the file; it and its folder are made where they are missing.
        read_only: look at the file, whoever holds it; commits are refused.
    """

    def __init__(self, path: Path | str, *, read_only: bool = False) -> None:
        self.path = Path(path).expanduser().resolve()
        self.read_only = read_only
        self._lifetime = AsyncExitStack()
        self._writer: Worker[Writes] | None = None
        self._reader: Worker[Query] | None = None

    async def __aenter__(self) -> Self:
        await self._lifetime.enter_async_context(
            self._looking() if self.read_only else self._held()
        )
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._lifetime.aclose()

    def commit(self, lease: Lease | None = None) -> Commit:
        """See `Store.commit`."""
        if self._writer is None:
            raise StoreError(f"{self.path} is not open for writing")
        return SqliteCommit(self._writer, lease)

    async def _all(self, sql: str, *bindings: Any) -> list[Row]:
        if self._reader is None:
            raise StoreError(f"{self.path} is not open")
        return list(await self._reader.do((sql, bindings)))

    @asynccontextmanager
    async def _held(self) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            stack.enter_context(locked(self.path))
            db = await stack.enter_async_context(_connection(self.path))
            writer = Worker("townhall-writer", Writer(db))
            self._writer = await stack.enter_async_context(writer)
            await stack.enter_async_context(self._looking())
            yield

    @asynccontextmanager
    async def _looking(self) -> AsyncIterator[None]:
        if not self.path.exists():
            raise ConfigError(
                "there is no database", fix="Start the bot, which makes it.", file=self.path
            )
        async with (
            _connection(self.path, read_only=True) as db,
            Worker("townhall-reader", Reader(db)) as self._reader,
        ):
            yield


@asynccontextmanager
async def _connection(path: Path, *, read_only: bool = False) -> AsyncIterator[apsw.Connection]:
    db = await asyncio.to_thread(connect, path, read_only=read_only)
    try:
        yield db
    finally:
        await asyncio.to_thread(db.close)
