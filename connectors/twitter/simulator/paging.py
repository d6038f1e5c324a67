"""Pages, newest first, as X cuts them."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Generic, TypeVar

from connectors.twitter.simulator.gate import Problem
from connectors.twitter.simulator.network import DirectMessage, Post

T = TypeVar("T", Post, DirectMessage)


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some of what was asked for, and the token for more."""

    items: list[T]
    next_token: str | None


def page(newest_first: Iterable[T], query: Mapping[str, str], *, least: int) -> Page[T]:
    """The page that the query asks for.

    Args:
        least: the smallest page that the endpoint gives; the largest is 100.

    Raises:
        Problem: the query is wrong.
    """
    size = _whole(query, "max_results", 100 if least == 1 else 10, least, 100)
    after, before = _whole(query, "since_id", 0), _whole(query, "until_id", 2**63)
    before = min(before, _opened(query.get("pagination_token") or query.get("next_token")))
    start, end = _instant(query, "start_time"), _instant(query, "end_time")
    inside = (
        one
        for one in newest_first
        if after < int(one.id) < before
        and (start is None or one.at >= start)
        and (end is None or one.at < end)
    )
    found = list(islice(inside, size + 1))
    more = len(found) > size
    return Page(found[:size], _token(found[size - 1].id) if more else None)


def _whole(
    query: Mapping[str, str], name: str, default: int, least: int = 0, most: int = 2**63
) -> int:
    value = query.get(name)
    if value is None:
        return default
    if not value.isdecimal() or not least <= int(value) <= most:
        said = f"The `{name}` query parameter value [{value}] is not between {least} and {most}"
        raise Problem.invalid(said, {name: [value]})
    return int(value)


def _instant(query: Mapping[str, str], name: str) -> datetime | None:
    value = query.get(name)
    try:
        return datetime.fromisoformat(value) if value else None
    except ValueError:
        said = f"The `{name}` query parameter value [{value}] is not a valid date"
        raise Problem.invalid(said, {name: [value]}) from None


def _token(id: str) -> str:
    return base64.b32hexencode(f"before {id}".encode()).decode().lower().rstrip("=")


def _opened(token: str | None) -> int:
    if token is None:
        return 2**63
    try:
        padded = token.upper() + "=" * (-len(token) % 8)
        return int(base64.b32hexdecode(padded).removeprefix(b"before "))
    except (ValueError, binascii.Error):
        said = f"The `pagination_token` query parameter value [{token}] is not valid"
        raise Problem.invalid(said, {"pagination_token": [token]}) from None
