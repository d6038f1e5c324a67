"""Queries, on a connection of their own that no writer delays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import apsw

from bot.stores.sqlite.failures import failure

Query = tuple[str, tuple[Any, ...]]


class Reader:
    """Runs batches of queries on its connection; for one thread."""

    def __init__(self, db: apsw.Connection) -> None:
        self._db = db
        self._execute = db.cursor().execute

    def __call__(self, batch: Sequence[Query]) -> list[Any]:
        """For each query its rows, or its error."""
        return [self._run(*query) for query in batch]

    def _run(self, sql: str, bindings: tuple[Any, ...]) -> Any:
        try:
            return self._execute(sql, bindings).fetchall()
        except Exception as error:  # noqa: BLE001 - a value that cannot be bound raises anything
            return failure(error, self._db)
