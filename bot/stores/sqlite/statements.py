"""The statements that write, and how many rows of a kind are written at once."""

from __future__ import annotations

import re

from bot.stores.sqlite.bulk import Bulk, selecting

ACCEPT = """
INSERT INTO events (key, room, state, reason, received_at, message, data)
VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (key) DO NOTHING
"""

HOLD = """
INSERT INTO leases (name, epoch) VALUES (?, ?)
ON CONFLICT (name) DO UPDATE SET epoch = excluded.epoch
"""

SETBACK = """
iif(:why IS NULL, setbacks, json_insert(
    iif(json_array_length(setbacks) < 50, setbacks, json_remove(coalesce(setbacks, '[]'), '$[10]')),
    '$[#]', json_array(:at, :state, :why, :due)
))
"""
"""Each write that gives a reason leaves it behind; the next one does not take it away. Of many, the
first ten are kept, and the last forty."""


def setback(why: str, at: str, state: str, due: str = "NULL") -> str:
    """`SETBACK` with the names that these have in a statement."""
    names = {":why": why, ":at": at, ":state": state, ":due": due}
    return re.sub("|".join(names), lambda found: names[found[0]], SETBACK)


ATTEMPT = """
UPDATE events SET attempts = attempts + ?1, setbacks = :setback WHERE seq = ?2
""".replace(":setback", setback("?3", "?4", "state"))

STEP = """
INSERT INTO steps (event, ordinal, data) VALUES (?, ?, ?)
ON CONFLICT (event, ordinal) DO UPDATE SET data = excluded.data WHERE data <> excluded.data
"""

WITHOUT_VIA = """
iif(:state IN ('done', 'kept', 'discarded') AND instr(data, '"via":'),
    json_remove(data, '$.via'), data)
"""
"""An event that has ended is answered no more, so the secret of how to goes. Parts have theirs."""

FINISH = """
UPDATE events SET state = ?1, reason = ?2, ended_at = ?3, data = :data, setbacks = :setback
WHERE seq = ?4 AND (state <> ?1 OR reason IS NOT ?2)
""".replace(":data", WITHOUT_VIA.replace(":state", "?1")).replace(
    ":setback", setback("?2", "?3", "?1")
)

REOPEN = """
UPDATE events SET state = 'pending', room = ?, attempts = 0, reason = NULL, ended_at = NULL
WHERE seq = ? AND state IN ('dead', 'ambiguous')
"""

FORGET_STARTED = """
DELETE FROM steps WHERE event = ?1 AND data ->> 'state' = 'started'
AND EXISTS (SELECT 1 FROM events WHERE seq = ?1 AND state IN ('dead', 'ambiguous'))
"""

UNLINK = "DELETE FROM links WHERE account = ? AND message = ?"

DISOWN = "UPDATE memories SET message = NULL WHERE id = ? AND message = ?"

AUDIT = "INSERT INTO acts (subject, data) VALUES (?, ?)"

REDACT = """
UPDATE events SET data = json_remove(data, '$.content', '$.raw')
WHERE message = ? AND substr(key, 1, length(?2)) = ?2
"""

REDACT_SAID = """
UPDATE events SET data = json_remove(data, '$.content', '$.raw') WHERE key = ? AND message IS NULL
"""

BEFORE = """
WITH RECURSIVE step (place, width) AS (
    SELECT 0, 1 << 40
    UNION ALL
    SELECT place + width * coalesce(
        (SELECT :began < ?1 FROM :rows WHERE rowid >= place + width ORDER BY rowid LIMIT 1), 0
    ), width >> 1
    FROM step WHERE width > 0
)
SELECT max(place) FROM step
"""
"""The last place of what began before a time: rows are in the order in which they began, so that
few of them need be looked at, however many there are."""


def before(rows: str, began: str) -> str:
    """`BEFORE` for a table, and for what tells when a row of it began."""
    return BEFORE.replace(":rows", rows).replace(":began", began)


OLD_EVENTS = """
SELECT seq FROM events
WHERE state IN ('done', 'kept', 'discarded') AND coalesce(ended_at, received_at) < ?1
AND seq <= (:last) ORDER BY seq LIMIT ?2
""".replace(":last", before("events", "received_at"))

OLD_DELIVERIES = """
SELECT id FROM deliveries AS old WHERE NOT EXISTS (
    SELECT 1 FROM parts WHERE delivery = old.id
    AND (state NOT IN ('sent', 'discarded') OR since >= ?1)
)
AND rowid <= (:last) ORDER BY rowid LIMIT ?2
""".replace(":last", before("deliveries", "unixepoch(data ->> 'created_at') * 1000000"))

PRUNE = (
    "DELETE FROM steps WHERE event IN (:old)".replace(":old", OLD_EVENTS),
    "DELETE FROM events WHERE seq IN (:old)".replace(":old", OLD_EVENTS),
    "DELETE FROM parts WHERE delivery IN (:old)".replace(":old", OLD_DELIVERIES),
    "DELETE FROM deliveries WHERE id IN (:old)".replace(":old", OLD_DELIVERIES),
)
"""In this order, each finds the same rows: the oldest come first in the order of their places."""

REMEMBER = """
INSERT INTO memories (id, room, entity, created_at, revision, content, message)
VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET
    revision = max(revision, excluded.revision), content = excluded.content
WHERE content IS NOT NULL AND (excluded.content IS NULL OR excluded.revision > revision)
"""

PUT_WORLD = """
INSERT INTO worlds (id, data) VALUES (?, ?)
ON CONFLICT (id) DO UPDATE SET data = excluded.data WHERE data <> excluded.data
"""

PUT_ROOM = """
INSERT INTO rooms (id, account, world, data) VALUES (?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET
    world = coalesce(excluded.world, world), data = json_patch(data, excluded.data)
WHERE data <> json_patch(data, excluded.data) OR world IS NOT coalesce(excluded.world, world)
"""

PUT_ENTITY = """
INSERT INTO entities (id, data) VALUES (?, ?)
ON CONFLICT (id) DO UPDATE SET data = json_patch(data, excluded.data)
WHERE data <> json_patch(data, excluded.data)
"""

MOVE_MEMORIES = "UPDATE memories SET room = ? WHERE room = ? AND content IS NOT NULL"

MOVE_EVENTS = """
UPDATE events SET
    room = CASE WHEN room = ?3 THEN ?1 ELSE room END, data = json_set(data, '$.room', json(?2))
WHERE state IN ('pending', 'dead', 'ambiguous') AND data ->> '$.room.key' = ?4
    AND substr(key, 1, length(?5)) = ?5
"""
"""Those in a lane of their sender's own stay in it."""

MOVE_PARTS = """
UPDATE parts SET room = ?, data = json_set(data, '$.room', json(?))
WHERE room = ? AND account = ? AND state NOT IN ('sent', 'discarded')
"""

MOVE_SUBSCRIPTIONS = """
UPDATE OR REPLACE subscriptions SET room = ?
WHERE room = ? AND account = (SELECT id FROM accounts WHERE name = ?)
"""

CLOSE = "UPDATE rooms SET data = json_set(data, '$.closed', ?) WHERE id = ?"

KEEP = """
INSERT INTO notes (account, name, value) VALUES (?, ?, ?)
ON CONFLICT (account, name) DO UPDATE SET value = excluded.value
"""

FORGET = "DELETE FROM notes WHERE account = ? AND name = ?"

LINK = """
INSERT INTO links (account, message, memory) VALUES (?, ?, ?)
ON CONFLICT (account, message) DO UPDATE SET memory = excluded.memory
WHERE memory <> excluded.memory
"""

LINK_OWN = """
INSERT INTO links (account, message, memory) SELECT ?1, ?2, ?3
WHERE NOT EXISTS (SELECT 1 FROM memories WHERE id = ?3 AND message = ?2)
ON CONFLICT (account, message) DO UPDATE SET memory = excluded.memory
WHERE memory <> excluded.memory
"""
"""A Memory's own message is in its row, unless that was there before the message was told."""

MOVE = """
INSERT INTO positions (account, stream, value) VALUES (?, ?, ?)
ON CONFLICT (account, stream) DO UPDATE SET value = excluded.value WHERE value <> excluded.value
"""

ENQUEUE_PART = """
INSERT INTO parts (delivery, ordinal, account, room, state, attempts, since, data)
SELECT ?, ?, ?, ?, ?, ?, ?, ?
WHERE NOT EXISTS (SELECT 1 FROM deliveries WHERE id = ?)
ON CONFLICT (delivery, ordinal) DO NOTHING
"""

ENQUEUE = """
INSERT INTO deliveries (id, memory, data) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING
"""

MARK = """
UPDATE parts SET
    state = ?1, attempts = attempts + (?1 = 'sending'),
    ambiguous = ambiguous + (?1 = 'ambiguous' AND state <> 'ambiguous'),
    since = ?2, due = ?3, receipt = coalesce(?4, receipt), reason = ?5, setbacks = :setback
WHERE delivery = ?6 AND ordinal = ?7
""".replace(":setback", setback("?5", "?2", "?1", "?3"))

FORGET_VIA = """
UPDATE parts SET data = json_remove(data, '$.via') WHERE delivery = ? AND ordinal = ?
"""

LINK_SENT = """
INSERT INTO links (account, message, memory, delivery)
SELECT ?, ?, memory, id FROM deliveries WHERE id = ? AND memory IS NOT NULL
ON CONFLICT (account, message) DO UPDATE SET
    memory = excluded.memory, delivery = excluded.delivery
WHERE delivery IS NOT excluded.delivery
"""

ABANDON = """
UPDATE parts SET state = ?1, reason = ?2, since = ?3, setbacks = :setback
WHERE delivery = ?4 AND state = 'queued'
""".replace(":setback", setback("?2", "?3", "?1"))

ENQUEUE_PARTS = """
INSERT INTO parts (delivery, ordinal, account, room, state, attempts, since, data)
SELECT v.column1, v.column2, v.column3, v.column4, v.column5, v.column6, v.column7, v.column8
FROM :rows
WHERE v.column1 IS NOT NULL AND NOT EXISTS (SELECT 1 FROM deliveries WHERE id = v.column9)
ON CONFLICT (delivery, ordinal) DO NOTHING
"""

LINK_MANY_OWN = """
INSERT INTO links (account, message, memory) SELECT v.column1, v.column2, v.column3 FROM :rows
WHERE v.column1 IS NOT NULL
AND NOT EXISTS (SELECT 1 FROM memories AS m WHERE m.id = v.column3 AND m.message = v.column2)
ON CONFLICT (account, message) DO UPDATE SET memory = excluded.memory
WHERE memory <> excluded.memory
"""

FINISH_MANY = """
UPDATE events SET
    state = v.column1, reason = v.column2, ended_at = v.column3, data = :data,
    setbacks = :setback
FROM :rows
WHERE seq = v.column4 AND (state <> v.column1 OR reason IS NOT v.column2)
""".replace(":data", WITHOUT_VIA.replace(":state", "v.column1")).replace(
    ":setback", setback("v.column2", "v.column3", "v.column1")
)

MARK_MANY = """
UPDATE parts SET
    state = v.column1, attempts = attempts + (v.column1 = 'sending'),
    ambiguous = ambiguous + (v.column1 = 'ambiguous' AND state <> 'ambiguous'),
    since = v.column2, due = v.column3, receipt = coalesce(v.column4, receipt), reason = v.column5,
    setbacks = :setback
FROM :rows
WHERE delivery = v.column6 AND ordinal = v.column7
""".replace(":setback", setback("v.column5", "v.column2", "v.column1", "v.column3"))

LINK_MANY_SENT = """
INSERT INTO links (account, message, memory, delivery)
SELECT v.column1, v.column2, memory, id FROM :rows JOIN deliveries ON id = v.column3
WHERE memory IS NOT NULL
ON CONFLICT (account, message) DO UPDATE SET
    memory = excluded.memory, delivery = excluded.delivery
WHERE delivery IS NOT excluded.delivery
"""

BULKS = {
    ACCEPT: Bulk(ACCEPT),
    STEP: Bulk(STEP),
    REMEMBER: Bulk(REMEMBER),
    LINK_OWN: Bulk(LINK_OWN, selecting(LINK_MANY_OWN, 3)),
    ENQUEUE: Bulk(ENQUEUE),
    ENQUEUE_PART: Bulk(ENQUEUE_PART, selecting(ENQUEUE_PARTS, 9)),
    FINISH: Bulk(FINISH, selecting(FINISH_MANY, 4), key=slice(3, 4)),
    MARK: Bulk(MARK, selecting(MARK_MANY, 7), key=slice(5, 7)),
    LINK_SENT: Bulk(LINK_SENT, selecting(LINK_MANY_SENT, 3)),
}
"""The kinds that a busy bot writes all the time; the others go row by row."""
