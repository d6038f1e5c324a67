"""Group commit: everything that waits becomes durable in one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import apsw

from bot.cluster import Lease
from bot.errors import Fenced
from bot.stores.sqlite.bulk import Bindings
from bot.stores.sqlite.failures import failure
from bot.stores.sqlite.statements import ACCEPT, BULKS, HOLD


@dataclass(slots=True)
class Writes:
    """What one commit does: statements with their bindings, in order."""

    lease: Lease | None
    statements: list[tuple[str, Bindings]] = field(default_factory=list)


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
            outcomes = self._run(batch, epochs)
            self._execute("COMMIT")
        finally:
            if self._db.in_transaction:
                self._execute("ROLLBACK")
        self._epochs |= epochs
        return outcomes

    def _run(self, batch: Sequence[Writes], epochs: dict[str, int]) -> list[Any]:
        """Run a batch, statement by statement: no commit has two kinds in another's order."""
        outcomes: list[Any] = []
        groups: dict[str, list[Bindings]] = {}
        accepting: list[list[int | None]] = []
        for one in batch:
            if one.lease and (fenced := self._hold(one.lease, epochs)):
                outcomes.append(fenced)
                continue
            seqs: list[int | None] = []
            outcomes.append(seqs)
            for sql, bindings in one.statements:
                groups.setdefault(sql, []).append(bindings)
                if sql is ACCEPT:
                    accepting.append(seqs)
        for sql, rows in groups.items():
            if sql is ACCEPT:
                for seqs, seq in zip(accepting, self._accept(rows), strict=True):
                    seqs.append(seq)
            else:
                self._write(sql, rows)
        return outcomes

    def _write(self, sql: str, rows: Sequence[Bindings]) -> None:
        if bulk := BULKS.get(sql):
            for statement, bindings, _ in bulk.statements(rows):
                self._execute(statement, bindings)
        else:
            for bindings in rows:
                self._execute(sql, bindings)

    def _accept(self, rows: Sequence[Bindings]) -> Iterator[int | None]:
        """Store events; the `seq` of each that is new."""
        db, place = self._db, 0
        for statement, bindings, count in BULKS[ACCEPT].statements(rows):
            self._execute(statement, bindings)
            new, last = db.changes(), db.last_insert_rowid()
            if new == count:
                yield from range(last - new + 1, last + 1)
            else:
                keys = [row[0] for row in rows[place : place + count]]
                yield from self._told_again(keys, after=last - new if new else None)
            place += count

    def _told_again(self, keys: Sequence[str], after: int | None) -> Iterator[int | None]:
        """The `seq` of each event of which some were known: those behind `after` are new."""
        seen: set[str] = set()
        for key in keys:
            seq = None
            if after is not None and key not in seen:
                [(found,)] = self._execute("SELECT seq FROM events WHERE key = ?", (key,))
                seq = found if found > after else None
            seen.add(key)
            yield seq

    def _hold(self, lease: Lease, epochs: dict[str, int]) -> Fenced | None:
        newest = epochs.get(lease.name, self._epochs.get(lease.name))
        if newest is not None and lease.epoch < newest:
            return Fenced(f"{lease.name} has a newer holder: {lease.epoch} < {newest}")
        if newest != lease.epoch:
            self._execute(HOLD, (lease.name, lease.epoch))
            epochs[lease.name] = lease.epoch
        return None
