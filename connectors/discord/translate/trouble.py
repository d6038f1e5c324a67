"""What cannot be understood, kept as it came."""

from __future__ import annotations

import hashlib
import reprlib
from typing import Any

import orjson

from bot.events import Event, EventKind
from bot.value import now
from connectors.discord.translate.ids import told


def malformed(name: str, raw: Any, problem: str, account: str) -> Event:
    """A payload that makes no sense; the same one told twice is the same event."""
    return _kept(EventKind.MALFORMED, name, raw, account, problem)


def unknown(name: str, raw: Any, account: str) -> Event:
    """A payload of a kind that Discord has added since; the same one is the same event."""
    return _kept(EventKind.UNKNOWN, name, raw, account, None)


def _kept(kind: EventKind, name: str, raw: Any, account: str, problem: str | None) -> Event:
    try:
        body = orjson.dumps(raw, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
    except TypeError:  # too deep, or with a number too large: no store takes it as it is
        raw = reprlib.repr(raw)
        body = raw.encode()
    return told(
        kind=kind,
        account=account,
        ids=(name, hashlib.sha256(body).hexdigest()[:32]),
        at=now(),
        raw={"t": name, "d": raw},
        problem=problem,
    )
