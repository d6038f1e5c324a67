"""Who comes and goes, we ourselves among them."""

from __future__ import annotations

from bot.events import Event, EventKind, Presence
from bot.memory import Room
from connectors.telegram.translate.places import person, place, room
from connectors.telegram.translate.reading import Json, each, find, need
from connectors.telegram.translate.told import Told, moment

ABSENT = ("left", "kicked")
"""The states of those who are not there: https://core.telegram.org/bots/api#chatmember"""


def member(told: Told, raw: Json) -> tuple[Event, ...]:
    """Somebody's state in a chat changed, or ours."""
    new, actor = need(raw, "new_chat_member", dict), need(raw, "from", dict)
    user = need(new, "user", dict)
    is_own = str(need(user, "id", int)) == told.me.key
    where = place(need(raw, "chat", dict), told.account)
    if is_own:
        where = where.model_copy(update={"closed": _closed(where, new)})
    by_self = actor.get("id") == user["id"]
    presence = _presence(need(raw, "old_chat_member", dict), new, by_self=by_self)
    return (_event(told, raw, where, user, presence, is_own=is_own),)


def joined(told: Told, raw: Json) -> tuple[Event, ...]:
    """The notice that people came. Of ourselves, `member` is told."""
    return tuple(
        _event(told, raw, room(raw, told.account), user, Presence.JOINED)
        for user in each(raw, "new_chat_members")
        if str(need(user, "id", int)) != told.me.key
    )


def left(told: Told, raw: Json) -> tuple[Event, ...]:
    """The notice that somebody went, or was sent away."""
    user, actor = need(raw, "left_chat_member", dict), find(raw, "from", dict) or {}
    if str(need(user, "id", int)) == told.me.key:
        return ()
    presence = Presence.LEFT if actor.get("id") == user["id"] else Presence.REMOVED
    return (_event(told, raw, room(raw, told.account), user, presence),)


def _event(
    told: Told,
    raw: Json,
    where: Room,
    user: Json,
    presence: Presence | None,
    *,
    is_own: bool = False,
) -> Event:
    """A membership. A notice and a change of state that tell the same are the same event."""
    at, who = moment(raw), person(user)
    which = (presence, raw["date"]) if presence else (told.number,)
    return told.event(
        EventKind.MEMBERSHIP,
        at,
        where.key,
        who.key,
        *which,
        room=where,
        sender=who,
        presence=presence,
        is_own=is_own,
        raw=raw,
    )


def _presence(old: Json, new: Json, *, by_self: bool) -> Presence | None:
    """What became of somebody; None if they are where they were.

    Args:
        by_self: whether they did it themselves.
    """
    was, is_there = _is_there(old), _is_there(new)
    if was == is_there:
        return None
    if is_there:
        return Presence.JOINED
    return Presence.LEFT if by_self else Presence.REMOVED


def _is_there(one: Json) -> bool:
    status = need(one, "status", str)
    return find(one, "is_member", bool) is not False and status not in ABSENT


def _closed(where: Room, us: Json) -> str:
    """Why we can say nothing here; nothing if we can."""
    if not _is_there(us):
        gone = "we left" if us["status"] == "left" else "we were removed"
        return "the person blocked us" if where.is_private else gone
    writes = "can_post_messages" if where.kind == "channel" else "can_send_messages"
    is_mute = find(us, writes, bool) is False
    return "we may read here, but not write" if is_mute else ""
