"""The file: its tables, how they change between versions, and how it is opened."""

from __future__ import annotations

from pathlib import Path

import apsw

from bot.errors import ConfigError, StoreFull

APPLICATION = int.from_bytes(b"Town")
"""What `PRAGMA application_id` says of a file that is ours."""

CACHE = 16_000
"""The writer's page cache, in KiB: what people say is spread over the indexes by room and by id."""

FIRST = """
CREATE TABLE events (
    seq INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    room BLOB,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    reason TEXT,
    received_at INTEGER NOT NULL,
    ended_at INTEGER,
    message TEXT,
    data TEXT NOT NULL
);
CREATE INDEX events_message ON events (message) WHERE message IS NOT NULL;
CREATE INDEX events_pending ON events (room, seq) WHERE state = 'pending';
CREATE INDEX events_aside ON events (state) WHERE state IN ('kept', 'ambiguous', 'dead');

CREATE TABLE steps (
    event INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (event, ordinal)
) WITHOUT ROWID;

CREATE TABLE memories (
    seq INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    room BLOB NOT NULL,
    entity BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    content TEXT
);
CREATE INDEX memories_room ON memories (room) WHERE content IS NOT NULL;

CREATE TABLE links (
    account TEXT NOT NULL,
    message TEXT NOT NULL,
    memory BLOB NOT NULL,
    delivery BLOB,
    UNIQUE (account, message)
);
CREATE INDEX links_memory ON links (memory);

CREATE TABLE worlds (id BLOB NOT NULL UNIQUE, data TEXT NOT NULL);
CREATE TABLE rooms (
    id BLOB NOT NULL UNIQUE,
    account TEXT NOT NULL,
    world BLOB,
    data TEXT NOT NULL
);
CREATE INDEX rooms_account ON rooms (account);
CREATE TABLE entities (id BLOB NOT NULL UNIQUE, data TEXT NOT NULL);

CREATE TABLE positions (
    account TEXT NOT NULL,
    stream TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (account, stream)
) WITHOUT ROWID;

CREATE TABLE deliveries (id BLOB NOT NULL UNIQUE, memory BLOB, data TEXT NOT NULL);

CREATE TABLE parts (
    seq INTEGER PRIMARY KEY,
    delivery BLOB NOT NULL,
    ordinal INTEGER NOT NULL,
    account TEXT NOT NULL,
    room BLOB NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    ambiguous INTEGER NOT NULL DEFAULT 0,
    since INTEGER NOT NULL,
    due INTEGER,
    receipt TEXT,
    reason TEXT,
    data TEXT NOT NULL,
    UNIQUE (delivery, ordinal)
);
CREATE INDEX parts_open ON parts (account, seq)
    WHERE state IN ('queued', 'sending', 'ambiguous');
CREATE INDEX parts_room ON parts (account, room, seq)
    WHERE state IN ('queued', 'sending', 'ambiguous');
CREATE INDEX parts_aside ON parts (account, state) WHERE state IN ('failed', 'held');
CREATE INDEX parts_ambiguous ON parts (ambiguous) WHERE ambiguous > 0;

CREATE TABLE leases (name TEXT NOT NULL PRIMARY KEY, epoch INTEGER NOT NULL) WITHOUT ROWID;
"""

NOTES = """
CREATE TABLE notes (
    account TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (account, name)
) WITHOUT ROWID;
"""

ACTS = """
CREATE TABLE acts (seq INTEGER PRIMARY KEY, subject TEXT NOT NULL, data TEXT NOT NULL);
CREATE INDEX acts_subject ON acts (subject);
DROP INDEX events_aside;
CREATE INDEX events_aside ON events (state)
    WHERE state IN ('kept', 'ambiguous', 'dead', 'discarded');
DROP INDEX parts_aside;
CREATE INDEX parts_aside ON parts (account, state)
    WHERE state IN ('failed', 'held', 'discarded');
"""

CAMPAIGNS = """
CREATE TABLE accounts (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE topics (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE subscriptions (
    topic INTEGER NOT NULL,
    account INTEGER NOT NULL,
    room TEXT NOT NULL,
    since INTEGER NOT NULL,
    PRIMARY KEY (topic, account, room)
) WITHOUT ROWID;
CREATE TABLE dead (
    account INTEGER NOT NULL,
    room TEXT NOT NULL,
    reason TEXT NOT NULL,
    since INTEGER NOT NULL,
    PRIMARY KEY (account, room)
) WITHOUT ROWID;

CREATE TABLE campaigns (
    seq INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    key TEXT UNIQUE,
    state TEXT NOT NULL,
    frozen TEXT,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    data TEXT NOT NULL
);
CREATE TABLE recipients (
    place INTEGER PRIMARY KEY,
    campaign INTEGER NOT NULL,
    account INTEGER NOT NULL,
    room TEXT NOT NULL,
    state INTEGER NOT NULL,
    since INTEGER NOT NULL,
    verb TEXT,
    revision INTEGER NOT NULL DEFAULT 0,
    reason TEXT,
    messages TEXT
);
CREATE INDEX recipients_open ON recipients (campaign, account, state, place) WHERE state < 2;
CREATE TABLE tallies (
    campaign INTEGER NOT NULL,
    account INTEGER NOT NULL,
    state INTEGER NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (campaign, account, state)
) WITHOUT ROWID;
CREATE TRIGGER recipients_moved AFTER UPDATE OF state ON recipients WHEN old.state <> new.state
BEGIN
    UPDATE tallies SET count = count - 1
    WHERE campaign = old.campaign AND account = old.account AND state = old.state;
    INSERT INTO tallies VALUES (new.campaign, new.account, new.state, 1)
    ON CONFLICT (campaign, account, state) DO UPDATE SET count = count + 1;
END;
"""

DONE = "CREATE INDEX events_done ON events (state) WHERE state = 'done';"
"""The newest that were answered are found among many that were only heard."""

OWN = "ALTER TABLE memories ADD COLUMN message TEXT;"
"""The message whose reference gives the Memory its id needs no link."""

SETBACKS = """
ALTER TABLE events ADD COLUMN setbacks TEXT;
ALTER TABLE parts ADD COLUMN setbacks TEXT;
"""

MIGRATIONS = (FIRST, NOTES, ACTS, CAMPAIGNS, DONE, OWN, SETBACKS)
"""Each brings a file from the version that is its place in the list to the next."""


def connect(path: Path, *, read_only: bool) -> apsw.Connection:
    """A connection to a file of this version; only a writable one creates or migrates it.

    Raises:
        ConfigError: it cannot be opened, or is not what it should be.
        StoreFull: the disk has no room to create or migrate it.
    """
    create = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE
    try:
        db = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY if read_only else create)
        try:
            _prepare(db, path, read_only=read_only)
        except BaseException:
            db.close()
            raise
    except apsw.FullError as error:
        raise StoreFull(f"{path}: {error}; make room there") from error
    except apsw.NotADBError as error:
        raise _refusal(path, "this is not a database") from error
    except apsw.CorruptError as error:
        raise _refusal(path, f"the database is damaged: {error}", "Bring back a copy.") from error
    except apsw.IOError as error:
        fix = "Look whether the disk is full, or set TOWNHALL_DATABASE to another file."
        raise _refusal(path, f"the database cannot be opened: {error}", fix) from error
    except apsw.Error as error:
        raise _refusal(path, f"the database cannot be opened: {error}") from error
    return db


def _prepare(db: apsw.Connection, path: Path, *, read_only: bool) -> None:
    db.set_busy_timeout(5000)
    version = _version(db, path)
    if read_only:
        if version < len(MIGRATIONS):
            raise _refusal(path, "this database is not ready", "Start the bot on it once.")
        return
    for pragma, value in {"journal_mode": "WAL", "synchronous": "FULL"}.items():
        db.pragma(pragma, value)
    db.pragma("wal_autocheckpoint", 4000)
    db.pragma("foreign_keys", "OFF")
    db.pragma("cache_size", -CACHE)
    if version < len(MIGRATIONS):
        _migrate(db, version)


def _version(db: apsw.Connection, path: Path) -> int:
    version, owner = int(db.pragma("user_version")), int(db.pragma("application_id"))
    if owner != APPLICATION and db.execute("SELECT 1 FROM sqlite_schema LIMIT 1").get:
        raise _refusal(path, "this database is not Townhall's")
    if version > len(MIGRATIONS):
        raise _refusal(
            path,
            f"a newer Townhall wrote this database (version {version}; this one knows up to"
            f" {len(MIGRATIONS)})",
            "Upgrade Townhall.",
        )
    return version


def _migrate(db: apsw.Connection, version: int) -> None:
    db.execute("BEGIN IMMEDIATE")
    try:
        for script in MIGRATIONS[version:]:
            db.execute(script)
        db.pragma("application_id", APPLICATION)
        db.pragma("user_version", len(MIGRATIONS))
        db.execute("COMMIT")
    finally:
        if db.in_transaction:
            db.execute("ROLLBACK")


def _refusal(path: Path, problem: str, fix: str = "") -> ConfigError:
    other = "Set TOWNHALL_DATABASE to another file, or move this one away."
    return ConfigError(problem, fix=fix or other, file=path)
