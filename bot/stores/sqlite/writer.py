"""Group commit: everything that waits becomes durable in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import apsw

from bot.cluster import Lease
from bot.errors import Fenced
from bot.stores.sqlite.failures import failure

ACCEPT = """
INSERT INTO events (key, room, state, received_at, message, data) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (key) DO NOTHING
"""

HOLD = """
INSERT INTO leases (name, epoch) VALUES (?, ?)
ON CONFLICT (name) DO UPDATE SET epoch = excluded.epoch
"""


@dataclass(slots=True)
class Writes:
    """What one commit does: statements with their bindings, in order."""

    lease: Lease | None
    statements: list[tuple[str, tuple[Any, ...]]] = field(default_factory=list)


class Writer:
    """Runs batches of commits on its connection; for one thread."""

    def __init__(self, db: apsw.Connection) -> None:
        self._db = db
        self._execute = db.cursor().execute
        self._epochs: dict[str, int] = dict(db.execute("SELECT name, epoch FROM leases"))

    def __call__(self, batch: Sequence[Writes]) -> list[Any]:
        """For each commit the `seq` of its accepted events (None if known), or its error.

        A batch that fails is tried again one by one, so that a bad commit fails alone.
        """
        try:
            return self._transact(batch)
        except Exception as error:  # noqa: BLE001 - a value that cannot be bound raises anything
            if len(batch) == 1:
                return [failure(error, self._db)]
        return [outcome for one in batch for outcome in self([one])]

    def _transact(self, batch: Sequence[Writes]) -> list[Any]:
        epochs: dict[str, int] = {}
        self._execute("BEGIN IMMEDIATE")
        try:
            outcomes = [self._run(one, epochs) for one in batch]
            self._execute("COMMIT")
        finally:
            if self._db.in_transaction:
                self._execute("ROLLBACK")
        self._epochs |= epochs
        return outcomes

    def _run(self, writes: Writes, epochs: dict[str, int]) -> list[int | None] | Fenced:
        if writes.lease and (fenced := self._hold(writes.lease, epochs)):
            return fenced
        db, execute = self._db, self._execute
        seqs: list[int | None] = []
        for sql, bindings in writes.statements:
            execute(sql, bindings)
            if sql is ACCEPT:
                seqs.append(db.last_insert_rowid() if db.changes() else None)
        return seqs

    def _hold(self, lease: Lease, epochs: dict[str, int]) -> Fenced | None:
        newest = epochs.get(lease.name, self._epochs.get(lease.name))
        if newest is not None and lease.epoch < newest:
            return Fenced(f"{lease.name} has a newer holder: {lease.epoch} < {newest}")
        if newest != lease.epoch:
            self._execute(HOLD, (lease.name, lease.epoch))
            epochs[lease.name] = lease.epoch
        return None
