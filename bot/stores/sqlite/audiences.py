"""Audiences in SQL: each source of recipients, a slice at a time, without whoever is in another.

Addresses come first, then topics in their order, then rooms. A source leaves out what an earlier
one has, so nobody is in an audience twice, and no index of a million rows has to be searched.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import orjson

from bot.audience import Audience
from bot.campaigns import Slice
from bot.stores.sqlite.accounts import account_key, account_of
from bot.stores.sqlite.rows import Row, micros

Ask = Callable[..., Awaitable[list[Row]]]

NAMED, TOPIC, ROOMS = "named", "topic", "rooms"

BESIDES = (
    """
AND NOT EXISTS (
    SELECT 1 FROM subscriptions AS o
    WHERE o.topic IN (
        SELECT id FROM topics WHERE name IN (SELECT value FROM json_each(?6))
    ) AND o.account = a.id AND o.room = x.room
    AND o.since <= ?5
)
""",
    "AND (a.name, x.room) NOT IN (SELECT value ->> 0, value ->> 1 FROM json_each(?7))\n",
    "AND a.name NOT IN (SELECT value FROM json_each(?8))\n",
)
"""Who is in an earlier source, or left out: by topics, addresses, and accounts."""

SOURCES = {
    NAMED: """
SELECT a.id AS account, x.room FROM (
    SELECT value ->> 0 AS name, value ->> 1 AS room FROM json_each(?9)
    WHERE key > CAST(?3 AS INTEGER) AND (?4 IS NULL OR key <= CAST(?4 AS INTEGER))
) AS x JOIN accounts AS a ON a.name = x.name
WHERE true
""",
    TOPIC: """
SELECT a.id AS account, x.room FROM subscriptions AS x JOIN accounts AS a ON a.id = x.account
WHERE x.topic = (SELECT id FROM topics WHERE name = ?2)
AND x.account = (SELECT id FROM accounts WHERE name = ?1)
AND x.room > ?3 AND (?4 IS NULL OR x.room <= ?4) AND x.since <= ?5
""",
    ROOMS: """
SELECT a.id AS account, x.room FROM (
    SELECT data ->> 'key' AS room FROM rooms
    WHERE account = ?1 AND rowid > CAST(?3 AS INTEGER)
    AND (?4 IS NULL OR rowid <= CAST(?4 AS INTEGER))
    AND coalesce(data ->> 'closed', '') = '' AND coalesce(data ->> 'kind', '') <> 'thread'
    ORDER BY rowid
) AS x JOIN accounts AS a ON a.id = (SELECT id FROM accounts WHERE name = ?1)
WHERE true
""",
}
"""Account and room of each recipient of a slice.

1 account, 2 topic, 3 after, 4 until, 5 at, 6 topics besides, 7 addresses besides,
8 accounts left out, 9 addresses.
"""

ENDS = {
    TOPIC: """
SELECT room FROM subscriptions
WHERE topic = (SELECT id FROM topics WHERE name = ?2)
AND account = (SELECT id FROM accounts WHERE name = ?1) AND room > ?3
ORDER BY room LIMIT 1 OFFSET ?4
""",
    ROOMS: """
SELECT rowid FROM rooms WHERE account = ?1 AND rowid > CAST(?3 AS INTEGER)
ORDER BY rowid LIMIT 1 OFFSET ?4
""",
}
"""Where a slice ends."""

TOPIC_ACCOUNTS = """
SELECT a.name FROM accounts AS a JOIN topics AS t ON t.name = ?1
WHERE EXISTS (SELECT 1 FROM subscriptions AS s WHERE s.topic = t.id AND s.account = a.id)
ORDER BY a.id
"""


def members(audience: Audience, slice: Slice) -> str:
    """The query for the recipients of a slice; what leaves nobody out is not asked."""
    asked = zip(BESIDES, _besides(audience, slice), strict=True)
    return SOURCES[slice.source] + "".join(clause for clause, some in asked if some)


def bindings(audience: Audience, slice: Slice) -> tuple[Any, ...]:
    """What `members` is given for a slice."""
    named = [_place(one) for one in audience.named] if slice.source == NAMED else []
    return (
        account_key(*slice.account) if slice.account else "",
        slice.topic,
        slice.after or _begin(slice.source),
        slice.until,
        micros(audience.at),
        *map(_json, _besides(audience, slice)),
        _json(named),
    )


def _besides(audience: Audience, slice: Slice) -> tuple[list[Any], ...]:
    """The topics, addresses and accounts whose rooms are not in a slice."""
    topics, besides = list(audience.without_topics), [_place(o) for o in audience.without_named]
    if slice.source == TOPIC:
        topics += audience.topics[: audience.topics.index(slice.topic)]
    elif slice.source == ROOMS:
        topics += audience.topics
    if slice.source != NAMED:
        besides += [_place(one) for one in audience.named]
    return topics, besides, [account_key(*one) for one in audience.without_accounts]


async def following(ask: Ask, audience: Audience, after: Slice | None, size: int) -> Slice | None:
    """The slice of `audience` behind another one."""
    if after and after.is_last:
        return None
    sources = [one async for one in _sources(ask, audience)]
    place = _found(sources, after) if after else 0
    begin = (after and after.until) or ""
    if after and after.until is None:
        place += 1
    ordinal = after.ordinal + 1 if after else 1
    if place >= len(sources):
        nobody = str(len(audience.named))
        return Slice(ordinal=ordinal, source=NAMED, after=nobody, is_last=True)
    source = sources[place].model_copy(update={"ordinal": ordinal, "after": begin})
    until = await _end(ask, source, len(audience.named), size)
    is_last = until is None and place == len(sources) - 1
    return source.model_copy(update={"until": until, "is_last": is_last})


async def _sources(ask: Ask, audience: Audience) -> AsyncIterator[Slice]:
    """Every source, in the order in which they are frozen."""
    if audience.named:
        yield Slice(ordinal=0, source=NAMED)
    for topic in audience.topics:
        for (name,) in await ask(TOPIC_ACCOUNTS, topic):
            yield Slice(ordinal=0, source=TOPIC, topic=topic, account=account_of(name))
    for account in audience.accounts:
        yield Slice(ordinal=0, source=ROOMS, account=account)


def _found(sources: list[Slice], after: Slice) -> int:
    """The place of the source of a slice. New accounts of a topic come behind those it had."""
    same = (after.source, after.topic, after.account)
    found = (n for n, one in enumerate(sources) if (one.source, one.topic, one.account) == same)
    return next(found, len(sources))


async def _end(ask: Ask, source: Slice, named: int, size: int) -> str | None:
    if source.source == NAMED:
        end = int(source.after or _begin(NAMED)) + size
        return str(end) if end < named - 1 else None
    name = account_key(*source.account) if source.account else ""
    begin = source.after or _begin(source.source)
    found = await ask(ENDS[source.source], name, source.topic, begin, size - 1)
    return str(found[0][0]) if found else None


def _begin(source: str) -> str:
    """What is before the first of a source."""
    return {NAMED: "-1", TOPIC: "", ROOMS: "0"}[source]


def _place(named: tuple[str, str, str]) -> tuple[str, str]:
    platform, account, room = named
    return account_key(platform, account), room


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()
