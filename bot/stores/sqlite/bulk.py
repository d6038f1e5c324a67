"""Many rows by one statement.

SQLite runs a statement without Python's lock, and the writer has to get it back after each from an
event loop that is busy. So what a batch writes is grouped by statement, and each writes many rows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

Bindings = Sequence[Any]

MOST = 256
"""How many rows a statement writes at most."""

VALUES = re.compile(r"VALUES \(([^)]*)\)")


def inserting(sql: str) -> Callable[[int], str]:
    """The statement for many rows, of one that inserts the values of one."""
    found = VALUES.search(sql)
    assert found
    width = found[1].count("?")
    columns = ", ".join(f"v.column{n + 1}" for n in range(width))
    rows = f"SELECT {columns} FROM :rows WHERE v.column1 IS NOT NULL"  # noqa: S608 - no value
    return selecting(sql.replace(found[0], rows), width)


def selecting(sql: str, width: int) -> Callable[[int], str]:
    """The statement for many rows, of one that reads them from `:rows` with columns `column1`...

    It has to pass over rows of NULL.
    """
    row = "(" + ", ".join("?" * width) + ")"
    return lambda count: sql.replace(":rows", f"(VALUES {', '.join([row] * count)}) AS v")


class Bulk:
    """One kind of statement, for one row and for many.

    The latter is made for 2, 4, 8... rows, so that few are prepared; what is missing is filled up
    with NULL.

    Args:
        one: the statement for one row.
        many: the statement for so many rows.
        key: which of the bindings name the row, where a statement must not name one twice.
    """

    def __init__(
        self, one: str, many: Callable[[int], str] | None = None, key: slice | None = None
    ) -> None:
        self._one, self._key = one, key
        self._many = lru_cache(many or inserting(one))

    def statements(self, rows: Sequence[Bindings]) -> Iterator[tuple[str, Bindings, int]]:
        """Statements with their bindings, and how many of the rows each writes."""
        if self._key and len({row[self._key] for row in rows}) < len(rows):
            yield from ((self._one, row, 1) for row in rows)
            return
        for place in range(0, len(rows), MOST):
            chunk = rows[place : place + MOST]
            if len(chunk) == 1:
                yield self._one, chunk[0], 1
            else:
                size = 1 << (len(chunk) - 1).bit_length()
                nothing = (None,) * (len(chunk[0]) * (size - len(chunk)))
                yield self._many(size), (*chain.from_iterable(chunk), *nothing), len(chunk)
