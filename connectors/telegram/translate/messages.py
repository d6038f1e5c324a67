"""Messages, and edits of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.content import Content
from bot.events import Event, EventKind
from bot.memory import Room, RoomKind
from connectors.telegram.translate.files import attached
from connectors.telegram.translate.notices import noticed
from connectors.telegram.translate.places import reference, room, sender
from connectors.telegram.translate.reading import Json, find, need
from connectors.telegram.translate.told import Told, moment
from connectors.telegram.translate.words import heard


def message(told: Told, raw: Json) -> tuple[Event, ...]:
    """A new message, a channel's post, or a notice."""
    return _said(told, raw, EventKind.MESSAGE)


def edited(told: Told, raw: Json) -> tuple[Event, ...]:
    """A message as it is after an edit."""
    return _said(told, raw, EventKind.EDIT)


def _said(told: Told, raw: Json, kind: EventKind) -> tuple[Event, ...]:
    speaker, attachments = sender(raw), attached(raw, told.holder)
    text, named = heard(raw, told.me)
    if not (text or named or attachments):
        return noticed(told, raw) if kind is EventKind.MESSAGE else ()
    if speaker.key == told.me.key:
        return ()
    where, chat = room(raw, told.account), str(need(need(raw, "chat", dict), "id", int))
    at, revision = _when(told, raw, kind)
    event = told.event(
        kind,
        at,
        chat,
        need(raw, "message_id", int),
        revision=revision,
        room=where,
        sender=speaker,
        content=Content(text=text, attachments=attachments),
        message=reference(chat, raw),
        addressed=named or _is_to_us(told, raw, where),
        **_relations(chat, raw),
    )
    return (event,)


def _when(told: Told, raw: Json, kind: EventKind) -> tuple[datetime, int]:
    """The time of a message or an edit, and its revision.

    Telegram dates edits to the second; of two in one second, the update's number decides. Both
    have bounds, so that no nonsense outgrows the 64 bits that a database keeps.
    """
    if kind is not EventKind.EDIT:
        return moment(raw), 0
    at = moment(raw, "edit_date" if raw.get("edit_date") else "date")
    return at, min(int(at.timestamp()), 2**32 - 1) << 31 | told.number & (2**31 - 1)


def _relations(chat: str, raw: Json) -> dict[str, Any]:
    """What it answers, in this chat or another, and the album that it belongs to."""
    album, answered = find(raw, "media_group_id", str), _answered(raw)
    elsewhere = find(raw, "external_reply", dict) or {}
    reply_to = reference(chat, answered) if answered else None
    if not answered and elsewhere.get("message_id") and (other := find(elsewhere, "chat", dict)):
        reply_to = reference(str(need(other, "id", int)), elsewhere)
    return {"reply_to": reply_to, "group": f"{chat}/album/{album}" if album else None}


def _answered(raw: Json) -> Json | None:
    """The message that this one answers. In a topic, all others "answer" the topic's opening."""
    answered = find(raw, "reply_to_message", dict)
    return None if answered and "forum_topic_created" in answered else answered


def _is_to_us(told: Told, raw: Json, where: Room) -> bool:
    """Whether nobody else is there, or it answers what we said."""
    if where.kind is RoomKind.DM:
        return True
    answered = _answered(raw)
    author = find(answered, "from", dict) if answered else None
    return author is not None and str(need(author, "id", int)) == told.me.key
