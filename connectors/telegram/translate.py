"""From Telegram's updates to our events. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

import orjson
from telegram import Chat, Message, MessageEntity, Update, User

from bot.connector import Identity
from bot.content import Attachment, Content
from bot.events import Event, EventKind
from bot.memory import Entity, Room, RoomKind, World
from bot.value import now

PLATFORM = "telegram"
KINDS = {
    "private": RoomKind.DM,
    "group": RoomKind.GROUP,
    "supergroup": RoomKind.GROUP,
    "channel": RoomKind.CHANNEL,
}
SAID = {
    "message": EventKind.MESSAGE,
    "channel_post": EventKind.MESSAGE,
    "edited_message": EventKind.EDIT,
    "edited_channel_post": EventKind.EDIT,
}
UTF16 = "utf-16-le"


def update_id(raw: Any) -> int | None:
    """The number of an update, if it has one."""
    found = raw.get("update_id") if isinstance(raw, dict) else None
    return found if type(found) is int else None


def event(raw: Any, account: str, me: Identity) -> Event | None:
    """What an update means to us; None if nothing."""
    try:
        return _event(raw, account, me)
    except Exception as error:  # noqa: BLE001 - an update can be wrong in any way; the next is fine
        return _malformed(raw, account, f"{type(error).__name__}: {error}")


def _event(raw: dict[str, Any], account: str, me: Identity) -> Event | None:
    update = Update.de_json(raw, None)
    for name, kind in SAID.items():
        if name in raw:
            return _said(getattr(update, name), kind, update.update_id, account, me)
    if "my_chat_member" in raw:
        return _membership(update, raw, account)
    return None


def _malformed(raw: Any, account: str, problem: str) -> Event:
    number = update_id(raw)
    known = str(number) if number is not None else sha256(orjson.dumps(raw)).hexdigest()
    return Event(
        kind=EventKind.MALFORMED,
        platform=PLATFORM,
        account=account,
        ids=(known,),
        at=now(),
        raw=raw,
        problem=problem,
    )


def _said(
    message: Message, kind: EventKind, number: int, account: str, me: Identity
) -> Event | None:
    sender, attachments = _sender(message), _attachments(message)
    text, named = _heard(_text(message), message.entities or message.caption_entities, me)
    if sender.key == me.key or not (text or named or attachments):
        return None
    chat, answered = message.chat, _answered(message)
    edited = message.edit_date or message.date
    return Event(
        kind=kind,
        platform=PLATFORM,
        account=account,
        ids=(str(chat.id), str(message.message_id)),
        revision=_revision(edited, number) if kind is EventKind.EDIT else 0,
        at=edited if kind is EventKind.EDIT else message.date,
        room=_room(message, account),
        sender=sender,
        content=Content(text=text, attachments=attachments),
        message=f"{chat.id}/{message.message_id}",
        reply_to=f"{chat.id}/{answered.message_id}" if answered else None,
        addressed=named or chat.type == Chat.PRIVATE or _is_by(answered, me),
    )


def _revision(edited: datetime, number: int) -> int:
    """Telegram dates edits to the second; of two in one second, the update's number decides.

    Both have bounds, so that no nonsense outgrows the 64 bits that a database keeps.
    """
    return min(int(edited.timestamp()), 2**32 - 1) << 31 | number & (2**31 - 1)


def _membership(update: Update, raw: dict[str, Any], account: str) -> Event:
    change = update.my_chat_member
    assert change is not None, "my_chat_member is null"
    return Event(
        kind=EventKind.MEMBERSHIP,
        platform=PLATFORM,
        account=account,
        ids=(str(change.chat.id), str(update.update_id)),
        at=change.date,
        room=_chat(change.chat, account),
        sender=_person(change.from_user),
        raw=raw["my_chat_member"],
    )


# who and where


def _sender(message: Message) -> Entity:
    """Who speaks: a channel or an anonymous admin does so in the name of a chat."""
    if message.sender_chat is None and message.from_user:
        return _person(message.from_user)
    chat = message.sender_chat or message.chat
    return Entity(
        platform=PLATFORM,
        key=str(chat.id),
        name=chat.effective_name or "",
        username=chat.username or "",
    )


def _person(user: User) -> Entity:
    return Entity(
        platform=PLATFORM,
        key=str(user.id),
        name=user.full_name,
        username=user.username or "",
        is_bot=user.is_bot,
        locale=user.language_code,
    )


def _room(message: Message, account: str) -> Room:
    room = _chat(message.chat, account)
    if not (message.is_topic_message and message.message_thread_id):
        return room
    opening = message.reply_to_message and message.reply_to_message.forum_topic_created
    return room.model_copy(
        update={
            "key": f"{room.key}/{message.message_thread_id}",
            "kind": RoomKind.DM if room.is_private else RoomKind.THREAD,
            "name": opening.name if opening else "",
            "parent": room.key,
        }
    )


def _chat(chat: Chat, account: str) -> Room:
    key, name = str(chat.id), chat.effective_name or ""
    world = World(platform=PLATFORM, account=account, key=key, name=name)
    return Room(
        platform=PLATFORM,
        account=account,
        key=key,
        kind=KINDS[chat.type],
        name=name,
        world=world if chat.is_forum and chat.type != Chat.PRIVATE else None,
    )


def _answered(message: Message) -> Message | None:
    """The message that this one answers. In a topic, all others "answer" the topic's opening."""
    answered = message.reply_to_message
    return None if answered is None or answered.forum_topic_created else answered


def _is_by(message: Message | None, me: Identity) -> bool:
    return bool(message and message.from_user and str(message.from_user.id) == me.key)


# what


def _text(message: Message) -> str:
    if message.sticker:
        return message.sticker.emoji or ""
    return message.text or message.caption or ""


def _attachments(message: Message) -> tuple[Attachment, ...]:
    largest = message.photo[-1:]
    files = (message.document, message.audio, message.video, message.voice)
    return tuple(_attachment(file) for file in (*largest, *files) if file)


def _attachment(file: Any) -> Attachment:
    """A file by its id. Photos and voice messages have no name; a photo is always a JPEG."""
    return Attachment(
        key=file.file_id,
        name=getattr(file, "file_name", None) or "",
        media_type=getattr(file, "mime_type", "image/jpeg") or "",
        size=file.file_size,
    )


def _heard(text: str, entities: Sequence[MessageEntity], me: Identity) -> tuple[str, bool]:
    """The text without the bot's own name where it only calls it, and whether it does.

    A mention in front goes, and so does `@name` behind a command in front.
    """
    if not entities:
        return text, False
    ours = [one for one in entities if _names(_cut(text, one), one, me)]
    start = 0
    if ours and ours[0].offset == 0:
        rest = text[len(_cut(text, ours[0])) :].lstrip()
        start = _units(text) - _units(rest)
        text = rest
    command = next((o for o in entities if o.type == o.BOT_COMMAND and o.offset == start), None)
    if command is None:
        return text, bool(ours)
    said = text[: command.length]  # a command is ASCII
    name, _, owner = said.partition("@")
    if owner and owner.casefold() != me.username.casefold():
        return text, bool(ours)
    return name + text[len(said) :], True


def _names(said: str, entity: MessageEntity, me: Identity) -> bool:
    if entity.type == entity.TEXT_MENTION:
        return entity.user is not None and str(entity.user.id) == me.key
    return entity.type == entity.MENTION and said.casefold() == f"@{me.username}".casefold()


def _cut(text: str, entity: MessageEntity) -> str:
    """What an entity covers; Telegram counts in UTF-16 code units."""
    units = text.encode(UTF16)
    return units[2 * entity.offset : 2 * (entity.offset + entity.length)].decode(UTF16)


def _units(text: str) -> int:
    return len(text.encode(UTF16)) // 2
