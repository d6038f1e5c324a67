"""SQLite's errors in our own words."""

from __future__ import annotations

import errno

import apsw

from bot.errors import StoreError, StoreFull

NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT})


def failure(error: Exception, db: apsw.Connection) -> StoreError:
    """What to raise instead of `error`, which `db` has just raised."""
    full = isinstance(error, apsw.FullError) or (
        isinstance(error, apsw.IOError) and db.system_errno in NO_ROOM
    )
    mapped = StoreFull("the disk has no room") if full else StoreError(str(error))
    mapped.__cause__ = error
    return mapped
