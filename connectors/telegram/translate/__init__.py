"""From Telegram's updates to our events. Pure functions of the JSON, which is read just once."""

from __future__ import annotations

import reprlib
from collections.abc import Callable
from hashlib import sha256
from typing import Any

from bot.connector import Identity
from bot.events import Event, EventKind
from bot.value import now
from connectors.telegram.translate.members import member
from connectors.telegram.translate.messages import edited, message
from connectors.telegram.translate.places import PLATFORM
from connectors.telegram.translate.reactions import pressed, reacted
from connectors.telegram.translate.reading import Json, Nonsense, need
from connectors.telegram.translate.told import Told

__all__ = ["PLATFORM", "UPDATES", "events", "update_id"]

UPDATES: dict[str, Callable[[Told, Json], tuple[Event, ...]]] = {
    "message": message,
    "edited_message": edited,
    "channel_post": message,
    "edited_channel_post": edited,
    "message_reaction": reacted,
    "callback_query": pressed,
    "my_chat_member": member,
    "chat_member": member,
}
"""The kinds of updates that mean something to us: https://core.telegram.org/bots/api#update"""


def update_id(raw: Any) -> int | None:
    """The number of an update, if it has one."""
    found = raw.get("update_id") if isinstance(raw, dict) else None
    return found if type(found) is int else None


def events(raw: Any, account: str, me: Identity, how: str = "") -> tuple[Event, ...]:
    """What an update means to us; nothing, if it is our own echo or an idle notice.

    Args:
        how: see `Event`.
    """
    try:
        return _events(raw, account, me, how)
    except Exception as error:  # noqa: BLE001 - an update can be wrong in any way; the next is fine
        problem = str(error) if isinstance(error, Nonsense) else f"{type(error).__name__}: {error}"
        return (_malformed(raw, account, problem, how),)


def _events(raw: Any, account: str, me: Identity, how: str) -> tuple[Event, ...]:
    if not isinstance(raw, dict):
        raise Nonsense("an update must be an object")
    told = Told(need(raw, "update_id", int), account, me, how)
    for name in raw:
        if translate := UPDATES.get(name):
            return translate(told, need(raw, name, dict))
    return (told.event(EventKind.UNKNOWN, now(), told.number, raw=raw),)


def _malformed(raw: Any, account: str, problem: str, how: str) -> Event:
    number = update_id(raw)
    known = str(number) if number is not None else _digest(raw)
    return Event(
        kind=EventKind.MALFORMED,
        platform=PLATFORM,
        account=account,
        ids=(known,),
        at=now(),
        raw=raw,
        problem=problem,
        how=how,
    )


def _digest(raw: Any) -> str:
    try:
        body = repr(raw)
    except RecursionError:
        body = reprlib.repr(raw)
    return sha256(body.encode()).hexdigest()
