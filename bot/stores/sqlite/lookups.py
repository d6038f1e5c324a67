"""The statements that look."""

from __future__ import annotations

from bot.stores.sqlite.rows import OUTGOING, STORED

EVENT_GROUPS = {
    "INDEXED BY events_pending": ("pending",),
    "INDEXED BY events_aside": ("kept", "ambiguous", "dead", "discarded"),
    "INDEXED BY events_done": ("done",),
}
PART_GROUPS = {
    "INDEXED BY parts_open": ("queued", "sending", "ambiguous"),
    "INDEXED BY parts_aside": ("failed", "held", "discarded"),
    "NOT INDEXED": ("sent",),
}
"""The states of events and parts, as the partial indexes of the schema divide them."""

WAITING = f"{STORED} INDEXED BY events_pending WHERE state = 'pending' AND seq > ?"

WAITING_ROOMS = """
SELECT room FROM events WHERE state = 'pending' AND room IS NOT NULL
GROUP BY room ORDER BY min(seq)
"""

OUTBOX = f"{OUTGOING} WHERE account = ?"
OUTBOX_ROOMS = "SELECT room, min(seq) FROM parts WHERE account = ?"

COUNTS = """
SELECT 'memories', count(*) FROM memories
UNION ALL SELECT 'events', count(*) FROM events
UNION ALL SELECT 'events.pending', count(*) FROM events WHERE state = 'pending'
UNION ALL SELECT 'events.' || state, count(*) FROM events
    WHERE state IN ('kept', 'ambiguous', 'dead', 'discarded') GROUP BY state
UNION ALL SELECT 'parts', count(*) FROM parts
UNION ALL SELECT 'parts.ever_ambiguous', count(*) FROM parts WHERE ambiguous > 0
UNION ALL SELECT 'parts.' || state, count(*) FROM parts
    WHERE state IN ('queued', 'sending', 'ambiguous') GROUP BY state
UNION ALL SELECT 'parts.' || state, count(*) FROM parts
    WHERE state IN ('failed', 'held', 'discarded') GROUP BY state
"""
"""Answered from the indexes; what is done or sent is the rest."""


KNOWN = """
WITH RECURSIVE known (account) AS (
    SELECT min(account) FROM rooms UNION ALL
    SELECT (SELECT min(account) FROM rooms WHERE account > known.account) FROM known
    WHERE known.account IS NOT NULL
)
"""
"""The accounts: one look at the index for each, however many rooms it has."""

DELIVERIES_OF = """
:known SELECT data FROM deliveries WHERE id IN (
    SELECT delivery FROM links WHERE message = ? AND account IN (SELECT account FROM known)
)
""".replace(":known", KNOWN)

EVENTS_OF = """
:known :stored WHERE message = ?1
UNION ALL :stored WHERE message IS NULL AND key IN (
    SELECT substr(account, 1, instr(account, '/') - 1) || ':'
    || substr(account, instr(account, '/') + 1) || ':message:' || ?1 FROM known
)
ORDER BY seq
""".replace(":known", KNOWN).replace(":stored", STORED)
"""The key of what was said has the message in it, and is index enough."""

LINKED = """
SELECT memory FROM links WHERE account = ?1 AND message = ?2
UNION ALL SELECT id FROM memories WHERE id = ?3 AND message = ?2
LIMIT 1
"""

MESSAGES = """
SELECT message FROM memories WHERE id = ?1 AND message IS NOT NULL
UNION ALL SELECT * FROM (SELECT message FROM links WHERE memory = ?1 ORDER BY rowid)
"""

ACTS = "SELECT data FROM acts WHERE :which ORDER BY seq DESC LIMIT ?"

LAST = 2**63 - 1
"""The largest place that there can be."""

BEFORE = """
 AND id <> ?
 AND (seq < coalesce((SELECT seq FROM memories WHERE id = ?), 9e18) OR entity = ?)
"""
