"""The statements that are about campaigns."""

from __future__ import annotations

FRAGMENTS = {
    ":account_id": "(SELECT id FROM accounts WHERE name = ?)",
    ":account_3": "(SELECT id FROM accounts WHERE name = ?3)",
    ":topic_id": "(SELECT id FROM topics WHERE name = ?)",
    ":is_next": "coalesce(frozen ->> 'ordinal', 0) = ?2 - 1",
}


def _whole(statement: str) -> str:
    """A statement with what several have in common."""
    for name, fragment in FRAGMENTS.items():
        statement = statement.replace(name, fragment)
    return statement


PUT_ACCOUNT = "INSERT INTO accounts (name) VALUES (?) ON CONFLICT (name) DO NOTHING"
PUT_TOPIC = "INSERT INTO topics (name) VALUES (?) ON CONFLICT (name) DO NOTHING"

PUT_CAMPAIGN = """
INSERT INTO campaigns (id, key, state, data, first, last)
SELECT ?, ?, ?, ?, place, place FROM (SELECT coalesce(max(place), 0) AS place FROM recipients)
WHERE true
ON CONFLICT (id) DO UPDATE SET state = excluded.state, data = excluded.data
ON CONFLICT (key) DO NOTHING
"""

FREEZE = """
INSERT INTO recipients (campaign, account, room, state, since)
SELECT (SELECT seq FROM campaigns WHERE id = ?10), account, room, 0, ?12 FROM (:members)
WHERE EXISTS (
    SELECT 1 FROM campaigns WHERE id = ?10 AND coalesce(frozen ->> 'ordinal', 0) = ?11 - 1
)
"""

COUNT_FROZEN = _whole("""
INSERT INTO tallies (campaign, account, state, count)
SELECT r.campaign, r.account, 0, count(*) FROM recipients AS r JOIN campaigns AS c
ON c.seq = r.campaign AND r.place > c.last
WHERE c.id = ?1 AND :is_next GROUP BY r.account
ON CONFLICT (campaign, account, state) DO UPDATE SET count = count + excluded.count
""")

FROZE = _whole("""
UPDATE campaigns SET frozen = ?3, last = (SELECT coalesce(max(place), 0) FROM recipients)
WHERE id = ?1 AND :is_next
""")

SETTLE = """
UPDATE recipients
SET room = ?, state = ?, since = ?, verb = ?, revision = ?, reason = ?, messages = ?
WHERE place = ?
"""

SWEEP = """
UPDATE recipients SET state = ?1, since = ?2, verb = ?3, reason = ?4, revision = revision + 1
WHERE campaign = (SELECT seq FROM campaigns WHERE id = ?5) AND place > ?6 AND place <= ?7
AND state IN (SELECT value FROM json_each(?8)) AND (?3 IS NULL OR messages IS NOT NULL)
"""
"""Where nothing arrived, there is nothing to take back."""

UNDER_WAY = """
SELECT id FROM campaigns AS c WHERE state IN ('running', 'scheduled') OR EXISTS (
    SELECT 1 FROM tallies AS t WHERE t.campaign = c.seq AND t.count > 0
    AND (t.state = 1 OR t.state = 0 AND c.state = 'cancelled')
)
ORDER BY seq
"""

PRUNE = """
DELETE FROM recipients WHERE place IN (
    SELECT r.place FROM campaigns AS c CROSS JOIN recipients AS r
    ON r.campaign = c.seq AND r.place > c.first AND r.place <= c.last
    WHERE c.state IN ('done', 'cancelled') AND c.last > c.first
    AND unixepoch(c.data ->> 'ended_at') * 1000000 < ?1
    AND r.state > 1 AND r.place < (SELECT max(place) FROM recipients)
    LIMIT ?2
)
"""
"""Recipients of campaigns that are over. The last place of all stays: none is ever given twice."""
PRUNED = """
UPDATE campaigns AS c SET last = first
WHERE state IN ('done', 'cancelled') AND last > first AND NOT EXISTS (
    SELECT 1 FROM recipients AS r
    WHERE r.campaign = c.seq AND r.place > c.first AND r.place <= c.last
)
"""

READMIT = "UPDATE recipients SET state = 1, reason = NULL, since = ? WHERE place = ?"
RUN_AGAIN = """
UPDATE campaigns SET
    state = 'running',
    data = json_set(
        json_remove(data, '$.ended_at', '$.reason'), '$.state', 'running',
        '$.retracting', json(iif(data ->> 'retracted', 'true', 'false'))
    )
WHERE id = ? AND state IN ('done', 'cancelled')
"""
"""What turns out to have arrived of a campaign that was retracted is taken back, too."""

SUBSCRIBE = _whole("""
INSERT INTO subscriptions (topic, account, room, since)
SELECT :topic_id, :account_id, ?, ? WHERE true ON CONFLICT (topic, account, room) DO NOTHING
""")

UNSUBSCRIBE = _whole("""
DELETE FROM subscriptions WHERE topic = :topic_id AND account = :account_id AND room = ?
""")

BURY = _whole("""
INSERT INTO dead (account, room, reason, since) SELECT :account_id, ?, ?, ? WHERE true
ON CONFLICT (account, room) DO UPDATE SET reason = excluded.reason, since = excluded.since
""")

REVIVE = _whole("DELETE FROM dead WHERE account = :account_id AND room = ?")

MOVE_DEAD = _whole("UPDATE OR REPLACE dead SET room = ?1 WHERE room = ?2 AND account = :account_3")

MOVE_RECIPIENTS = _whole("""
WITH here AS MATERIALIZED (
    SELECT place, campaign, room, state, verb, messages FROM recipients
    WHERE room IN (?1, ?2) AND account = :account_3
)
UPDATE recipients SET
    room = iif(is_twice, room, ?1), state = iif(is_twice, ?4, state),
    reason = iif(is_twice, ?5, reason), since = ?6
FROM (
    SELECT one.place AS moved, other.place IS NOT NULL AS is_twice
    FROM here AS one LEFT JOIN here AS other
    ON other.campaign = one.campaign AND other.room <> one.room
    WHERE one.state = 0 AND one.verb IS NULL AND one.messages IS NULL AND (
        one.room = ?2 OR other.messages IS NOT NULL
        OR other.state NOT IN (SELECT value FROM json_each(?7))
    )
)
WHERE place = moved
""")
"""Who waits under the old key waits under the new one, unless that is a recipient, too; and who
waits under the new key waits no more where the old one was served, or is being served. A delivery
has the key in its id, so what has one keeps the key."""

WITHDRAW = (
    """
DELETE FROM parts WHERE delivery = ?1
AND NOT EXISTS (SELECT 1 FROM parts WHERE delivery = ?1 AND state <> 'queued')
""",
    """
DELETE FROM deliveries WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM parts WHERE delivery = ?1)
""",
)
FORGET_SAID = """
DELETE FROM memories WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM deliveries WHERE id = ?2)
"""
TAKE_BACK = """
UPDATE recipients SET state = 0, revision = revision + 1
WHERE place = ?1 AND NOT EXISTS (SELECT 1 FROM deliveries WHERE id = ?2)
"""

RECIPIENT = """
SELECT r.place, c.id, a.name, r.room, r.state, r.since, r.verb, r.revision, r.reason, r.messages
FROM campaigns AS c JOIN recipients AS r ON r.campaign = c.seq
JOIN accounts AS a ON a.id = r.account
"""
OPEN_OF = """
AND a.name = ?4 AND r.state = ?5 AND r.state < 2 AND r.place > ?2 ORDER BY r.place LIMIT ?3
"""
"""Those of one account that are in one of the two states that have an index."""
BETWEEN = """
AND r.place > max(?2, c.first) AND r.place <= c.last AND (?4 IS NULL OR a.name = ?4)
AND r.state IN (SELECT value FROM json_each(?5)) ORDER BY r.place LIMIT ?3
"""

OF_ROOM = """
WHERE a.name = ?1 AND r.room = ?2 ORDER BY r.place DESC
"""

TALLIES = """
SELECT a.name, t.state, t.count FROM tallies AS t JOIN accounts AS a ON a.id = t.account
WHERE t.campaign = (SELECT seq FROM campaigns WHERE id = ?) AND t.count > 0 ORDER BY a.id, t.state
"""

WEIGH = """
SELECT a.name, count(*), count(d.room) FROM (:members) AS m
JOIN accounts AS a ON a.id = m.account
LEFT JOIN dead AS d ON d.account = m.account AND d.room = m.room AND d.since > ?10
GROUP BY a.id
"""

MEMBERS = """
SELECT a.name, m.room FROM (:members) AS m JOIN accounts AS a ON a.id = m.account LIMIT ?10
"""

TOPICS = """
SELECT t.name, count(*) FROM subscriptions AS s JOIN topics AS t ON t.id = s.topic
GROUP BY s.topic ORDER BY t.name
"""

SUBSCRIBERS = _whole("""
SELECT a.name, s.room FROM subscriptions AS s JOIN accounts AS a ON a.id = s.account
WHERE s.topic = :topic_id
AND (s.account, s.room) > (coalesce((SELECT id FROM accounts WHERE name = ?), 0), ?)
ORDER BY s.account, s.room LIMIT ?
""")

SUBSCRIBED = _whole("""
SELECT a.name, s.room FROM json_each(?) AS x
CROSS JOIN accounts AS a ON a.name = x.value ->> 0
CROSS JOIN subscriptions AS s
ON s.topic = :topic_id AND s.account = a.id AND s.room = x.value ->> 1
""")
"""In this order, what is asked for is looked up; the planner would look at all there is."""

DEAD = """
SELECT room, reason, since FROM dead WHERE account = (SELECT id FROM accounts WHERE name = ?1)
AND (?2 IS NULL OR room IN (SELECT value FROM json_each(?2)))
"""

FATES = "SELECT delivery, ordinal, state, receipt, reason, due FROM parts WHERE delivery"
