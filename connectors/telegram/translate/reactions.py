"""What people do to a message that is there: they react to it, or press a button below it."""

from __future__ import annotations

from bot.content import Content
from bot.events import Event, EventKind
from bot.value import now
from connectors.telegram.translate.places import person, place, reference, room, speaker
from connectors.telegram.translate.reading import Json, each, find, need
from connectors.telegram.translate.told import Told, moment


def reacted(told: Told, raw: Json) -> tuple[Event, ...]:
    """Somebody's reactions to a message, before and after: what is new, and what is gone."""
    old = [_emoji(one) for one in each(raw, "old_reaction")]
    new = [_emoji(one) for one in each(raw, "new_reaction")]
    return (
        *(_reaction(told, raw, EventKind.UNREACTION, one) for one in old if one not in new),
        *(_reaction(told, raw, EventKind.REACTION, one) for one in new if one not in old),
    )


def _reaction(told: Told, raw: Json, kind: EventKind, emoji: str) -> Event:
    where = place(need(raw, "chat", dict), told.account)
    user, message = find(raw, "user", dict), reference(where.key, raw)
    who = person(user) if user else speaker(need(raw, "actor_chat", dict))
    return told.event(
        kind,
        moment(raw),
        where.key,
        raw["message_id"],
        who.key,
        emoji,
        told.number,  # the same person may react with the same emoji again
        room=where,
        sender=who,
        content=Content(text=emoji),
        reply_to=message,
        target=message,
        is_own=who.key == told.me.key,
    )


def _emoji(raw: Json) -> str:
    """An emoji, the id of a custom one, or the name of a type that is neither, as `paid`."""
    shown = find(raw, "emoji", str) or find(raw, "custom_emoji_id", str)
    return shown or need(raw, "type", str)


def pressed(told: Told, raw: Json) -> tuple[Event, ...]:
    """Somebody pressed a button. Of a message that is gone, or too old, only the id is told."""
    query, below = need(raw, "id", str), find(raw, "message", dict)
    where = room(below, told.account) if below else None
    message = reference(str(below["chat"]["id"]), below) if below else None
    event = told.event(
        EventKind.BUTTON,
        now(),  # Telegram does not tell when
        query,
        room=where,
        sender=person(need(raw, "from", dict)),
        content=Content(text=find(raw, "data", str) or ""),
        reply_to=message,
        target=message,
        addressed=True,
        via={"callback": query},
    )
    return (event,)
