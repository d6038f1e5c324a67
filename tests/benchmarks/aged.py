"""A file in which much was handled long ago."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import apsw

TIMES = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)"
CACHE = 1_500_000
"""In KiB: ids are spread over the whole file, which is made in memory."""


def _copied(column: str) -> str:
    """An id of a copy: another one, as scattered as the id itself."""
    return f"CAST(substr({column}, 1, 12) || printf('%04d', i) AS BLOB)"


MEMORY, DELIVERY, ID = _copied("memory"), _copied("delivery"), _copied("id")
SEQUENCES = ("events", "memories", "parts")
COPIES = {
    "steps": "SELECT event + i * :events, ordinal, data",
    "events": "SELECT seq + i * :events, key || ':' || i, room, state, attempts, reason,"
    " received_at, ended_at, message || ':' || i, data, setbacks",
    "memories": f"SELECT seq + i * :memories, {ID}, room, entity, created_at, revision, content,"
    " message || ':' || i",
    "links": f"SELECT account, message || ':' || i, {MEMORY},"
    f" CASE WHEN delivery IS NOT NULL THEN {DELIVERY} END",
    "deliveries": f"SELECT {ID}, {MEMORY}, data",
    "parts": f"SELECT seq + i * :parts, {DELIVERY}, ordinal, account, room, state, attempts,"
    " ambiguous, since, due, receipt, reason, data, setbacks",
}


def multiply(database: Path, times: int) -> None:
    """Make a file as large as if everything in it had happened so many times."""
    db = apsw.Connection(str(database))
    pragmas = {"cache_size": -CACHE, "synchronous": "OFF", "journal_mode": "OFF"}
    for pragma, value in pragmas.items():
        db.pragma(pragma, value)
    with db:
        for statement in list(_statements(db)):
            db.execute(statement, (times - 1,))
    db.pragma("journal_mode", "WAL")
    db.close()


def _statements(db: apsw.Connection) -> Iterator[str]:
    last = {f":{one}": str(db.execute(f"SELECT max(seq) FROM {one}").get) for one in SEQUENCES}
    for table, copy in COPIES.items():
        shifted = re.sub(r":\w+", lambda found: last.get(found[0], found[0]), copy)
        yield f"INSERT INTO {table} {TIMES} {shifted} FROM n, {table}"
