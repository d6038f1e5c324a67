"""Who speaks, and where."""

from __future__ import annotations

from bot.memory import Entity, Room, RoomKind, World
from connectors.telegram.translate.reading import Json, find, need

PLATFORM = "telegram"
KINDS = {
    "private": RoomKind.DM,
    "group": RoomKind.GROUP,
    "supergroup": RoomKind.GROUP,
    "channel": RoomKind.CHANNEL,
}


def person(user: Json) -> Entity:
    """A User."""
    return Entity(
        platform=PLATFORM,
        key=str(need(user, "id", int)),
        name=_name(user),
        username=find(user, "username", str) or "",
        is_bot=find(user, "is_bot", bool) or False,
        locale=find(user, "language_code", str),
    )


def speaker(chat: Json) -> Entity:
    """A Chat in whose name something is said."""
    return Entity(
        platform=PLATFORM,
        key=str(need(chat, "id", int)),
        name=_name(chat),
        username=find(chat, "username", str) or "",
    )


def sender(message: Json) -> Entity:
    """Who speaks: a channel or an anonymous admin does so in the name of a chat."""
    user, chat = find(message, "from", dict), find(message, "sender_chat", dict)
    if user and not chat:
        return person(user)
    return speaker(chat or need(message, "chat", dict))


def place(chat: Json, account: str) -> Room:
    """A Chat as a room. What kinds of chats there may be one day are groups to us."""
    key, name = str(need(chat, "id", int)), _name(chat)
    kind = KINDS.get(need(chat, "type", str), RoomKind.GROUP)
    is_private = kind is RoomKind.DM
    is_forum = find(chat, "is_forum", bool) and not is_private
    return Room(
        platform=PLATFORM,
        account=account,
        key=key,
        kind=kind,
        name=name,
        handle="" if is_private else find(chat, "username", str) or "",
        world=World(platform=PLATFORM, account=account, key=key, name=name) if is_forum else None,
    )


def room(message: Json, account: str) -> Room:
    """Where a message was said: in a chat, or in one of its topics."""
    whole, topic = place(need(message, "chat", dict), account), message.get("message_thread_id")
    if not (topic and message.get("is_topic_message")):
        return whole
    # https://core.telegram.org/bots/api#message: a message that answers nothing carries the
    # topic's opening as the one that it answers.
    answered = find(message, "reply_to_message", dict) or {}
    opening = next((one for m in (message, answered) if (one := named_topic(m))), "")
    return whole.model_copy(
        update={
            "key": f"{whole.key}/{need(message, 'message_thread_id', int)}",
            "kind": RoomKind.DM if whole.is_private else RoomKind.THREAD,
            "name": opening,
            "parent": whole.key,
        }
    )


def named_topic(message: Json) -> str:
    """The name that a topic is given by a notice, or nothing."""
    for notice in ("forum_topic_edited", "forum_topic_created"):
        if told := find(message, notice, dict):
            return find(told, "name", str) or ""
    return ""


def reference(chat: str, message: Json) -> str:
    """A message: its number is only unique in its chat."""
    return f"{chat}/{need(message, 'message_id', int)}"


def _name(one: Json) -> str:
    """Of a chat with a title, or of a person."""
    if title := find(one, "title", str):
        return title
    first, last = find(one, "first_name", str) or "", find(one, "last_name", str)
    return f"{first} {last}" if last else first
