"""Many rows by one statement.

SQLite runs a statement without Python's lock, and the writer has to get it back after each from an
event loop that is busy. So what a batch writes is grouped by statement, and each writes many rows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

Bindings = tuple[Any, ...]

SIZES = (64, 16, 4)
"""How many rows a statement writes; few sizes, so that each is prepared once."""

VALUES = re.compile(r"VALUES \(([^)]*)\)")


def rows_of(count: int, width: int) -> str:
    """So many rows of so many parameters."""
    row = "(" + ", ".join("?" * width) + ")"
    return "VALUES " + ", ".join([row] * count)


def inserting(sql: str) -> Callable[[int], str]:
    """The statement for many rows, of one that inserts the values of one."""
    found = VALUES.search(sql)
    assert found
    width = found[1].count("?")
    return lambda count: sql.replace(found[0], rows_of(count, width))


def selecting(sql: str, width: int) -> Callable[[int], str]:
    """The statement for many rows, of one that reads them from `:rows` with columns `column1`..."""
    return lambda count: sql.replace(":rows", f"({rows_of(count, width)}) AS v")


class Bulk:
    """One kind of statement, for one row and for many.

    Args:
        many: the statement for so many rows.
        key: which of the bindings name the row, where a statement must not name one twice.
    """

    def __init__(self, many: Callable[[int], str], key: slice | None = None) -> None:
        self._key = key
        self._statements = {size: many(size) for size in SIZES}

    def chunks(self, rows: Sequence[Bindings]) -> Iterator[tuple[str | None, Sequence[Bindings]]]:
        """Statements with the rows that each writes; None where each row goes by itself."""
        if self._key and len({row[self._key] for row in rows}) < len(rows):
            yield None, rows
            return
        place = 0
        for size in SIZES:
            while len(rows) - place >= size:
                yield self._statements[size], rows[place : place + size]
                place += size
        if place < len(rows):
            yield None, rows[place:]
