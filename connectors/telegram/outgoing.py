"""From our parts to the fields of the Bot API's calls. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

from bot.capabilities import utf16
from bot.content import Button
from bot.errors import Rejected
from bot.part import Part

Fields = dict[str, Any]

CAPTION = 1024
"""UTF-16 units of text with a file: https://core.telegram.org/bots/api#sendphoto"""

DATA = 64
"""Bytes of a button's value: https://core.telegram.org/bots/api#inlinekeyboardbutton"""

WIDTH, ACROSS = 30, 8
"""How many characters of labels, and how many buttons, are legible in one row on a phone."""

_TAG = re.compile(r"<[^<>]*>")


def address(key: str) -> tuple[str, int | None]:
    """The chat and the topic that a `Room.key` names.

    Raises:
        Rejected: it names none.
    """
    chat, _, topic = key.partition("/")
    if topic and not topic.isdecimal():
        raise Rejected(f"{key!r} names no room: it must be <chat> or <chat>/<topic>")
    return chat, int(topic) if topic else None


def message(reference: str) -> Fields:
    """A message that is there already, by the platform's reference of it.

    Raises:
        Rejected: it names none.
    """
    chat, _, number = reference.rpartition("/")
    if not (chat and number.isdecimal()):
        raise Rejected(f"{reference!r} names no message: it must be <chat>/<message>")
    return {"chat_id": chat, "message_id": int(number)}


def place(part: Part) -> Fields:
    """Where a part goes, and what it answers."""
    chat, topic = address(part.room.key)
    return {
        "chat_id": chat,
        "message_thread_id": topic,
        "reply_parameters": _reply(chat, part),
    }


def words(part: Part, name: str) -> Fields:
    """The text of a part, as the field `name`."""
    return {name: part.text, "parse_mode": "HTML" if part.markup else None}


def plain(part: Part) -> Part:
    """The same part without markup."""
    text = unescape(_TAG.sub("", part.text)) if part.markup else part.text
    return part.model_copy(update={"text": text, "markup": False})


def is_caption(part: Part) -> bool:
    """Whether the text is short enough to go with a file; markup does not count."""
    return utf16(plain(part).text) <= CAPTION


def keyboard(part: Part) -> Fields | None:
    """What can be pressed under a part: buttons side by side, a list's options one a row."""
    if not (part.buttons or part.selects):
        return None
    options = [[_key(one)] for select in part.selects for one in select.options]
    return {"inline_keyboard": [*_rows(part.buttons), *options]}


def _rows(buttons: tuple[Button, ...]) -> Iterator[list[Fields]]:
    row: list[Fields] = []
    width = 0
    for button in buttons:
        width += len(button.label)
        if row and (width > WIDTH or len(row) == ACROSS):
            yield row
            row, width = [], len(button.label)
        row.append(_key(button))
    if row:
        yield row


def _key(button: Button) -> Fields:
    if button.url:
        return {"text": button.label, "url": button.url}
    return {"text": button.label, "callback_data": button.value or _cut(button.label)}


def _cut(text: str) -> str:
    return text.encode()[:DATA].decode(errors="ignore")


def _reply(chat: str, part: Part) -> Fields | None:
    where, _, number = (part.reply_to or "").partition("/")
    if where != chat or not number.isdecimal():
        return None
    return {"message_id": int(number), "allow_sending_without_reply": True}
