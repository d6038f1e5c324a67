"""Payloads as no platform should send them, and what must hold for whatever is made of them."""

from __future__ import annotations

import copy
from functools import partial, reduce

from bot.events import Event
from bot.stores.sqlite.rows import dump, load, micros

LARGEST = 2**63 - 1
"""The largest whole number that a database keeps."""

STAY = 0.2
"""How often damage is done to a whole object and not to what is in it."""

WRONG_TYPES = (None, True, False, 0, -1, 7, 0.5, "", "x", "7", [], {}, [[]], [{}], {"": {}})
NUMBERS = (2**31, 2**53 + 1, 2**63, 10**30, -(10**30), 10**400, float("nan"), float("inf"), 1e308)
TEXTS = (
    "\0",
    "\x1f",
    "/",
    ":",
    "\u0661",
    "9" * 30,
    "9" * 5000,
    "\u202e\x1b[31m",
    "x" * 100_000,
)
"""Without lone surrogates: those who read the wire let none through."""

DATES = ("0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "1969-12-31T23:59:59Z", "today")


def nested(depth):
    """Lists in objects in lists, so deep."""
    return reduce(lambda inner, _: {"message": [inner]}, range(depth // 2), {})


DEEP = tuple(partial(nested, depth) for depth in (100, 300, 1_000))
"""Deeper ones end the reading of JSON, before any connector sees them."""
JUNK = (*WRONG_TYPES, *NUMBERS, *TEXTS, *DATES, *DEEP)


def damaged(told, chance):
    """One of the pairs in `told`, a kind and what was told of it, with damage in the latter.

    Args:
        chance: a `random.Random`.
    """
    kind, raw = chance.choice(told)
    whole = {"raw": copy.deepcopy(raw)}
    for _ in range(chance.randint(1, 3)):
        _hurt(whole, chance)
    return kind, whole.get("raw")


def _hurt(whole, chance):
    """Change something somewhere in a payload."""
    place = whole
    while keys := list(place) if isinstance(place, dict) else list(range(len(place))):
        key = chance.choice(keys)
        inner = place[key]
        if not (isinstance(inner, dict | list) and inner) or chance.random() < STAY:
            chance.choice((_remove, _replace, _wrap, _repeat))(place, key, chance)
            return
        place = inner


def _remove(place, key, _):
    del place[key]


def _replace(place, key, chance):
    place[key] = fresh(chance.choice(JUNK))


def _wrap(place, key, chance):
    one = place[key]
    as_text = one if isinstance(one, dict | list) else str(one)
    place[key] = chance.choice(([one], {"id": one}, as_text))


def _repeat(place, key, _):
    place[key] = [copy.copy(place[key]) for _ in range(3)]


def fresh(junk):
    """Junk that may be changed."""
    if isinstance(junk, dict):
        return {name: fresh(one) for name, one in junk.items()}
    return junk() if callable(junk) else copy.deepcopy(junk)


def check(event):
    """An event can be stored as it is, and read again.

    What cannot would be told again and again by a platform that waits for its acknowledgement.
    """
    again = load(Event, dump(event))
    for text in filter(None, (event.key, event.message, again.key, *_keys(event))):
        text.encode()
    for number in (event.revision, micros(event.at)):
        assert abs(number) <= LARGEST
    assert (again.kind, again.ids, again.room) == (event.kind, event.ids, event.room)
    event.memory()


def _keys(event):
    position, room, sender = event.position, event.room, event.sender
    yield from (position.stream, position.value) if position else ()
    yield from (room.platform, room.account, room.key) if room else ()
    yield from (sender.key,) if sender else ()
