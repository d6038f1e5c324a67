"""What a message says, as text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from bot.connector import Identity
from connectors.telegram.translate.reading import Json, decimal, each, find, need

UTF16 = "utf-16-le"


def heard(message: Json, me: Identity) -> tuple[str, bool]:
    """The text of a message, and whether it calls us."""
    text, entities = find(message, "text", str), "entities"
    if text is None:
        text, entities = find(message, "caption", str), "caption_entities"
    if text is None:
        return _quoting(message, _described(message)), False
    text, named = _called(text, each(message, entities), me)
    return _quoting(message, text), named


# who is called


def _called(text: str, entities: Sequence[Json], me: Identity) -> tuple[str, bool]:
    """The text without our own name where it only calls us, and whether it does.

    A mention in front goes, and so does `@name` behind a command in front.
    """
    if not entities:
        return text, False
    ours = [one for one in entities if _names(text, one, me)]
    start = 0
    if ours and ours[0].get("offset") == 0:
        rest = text[len(_cut(text, ours[0])) :].lstrip()
        start = _units(text) - _units(rest)
        text = rest
    command = next((one for one in entities if _is_command_at(start, one)), None)
    if command is None:
        return text, bool(ours)
    said = text[: need(command, "length", int)]  # a command is ASCII
    name, _, owner = said.partition("@")
    if owner and owner.casefold() != me.username.casefold():
        return text, bool(ours)
    return name + text[len(said) :], True


def _is_command_at(start: int, entity: Json) -> bool:
    return entity.get("type") == "bot_command" and entity.get("offset") == start


def _names(text: str, entity: Json, me: Identity) -> bool:
    if entity.get("type") == "text_mention":
        return str(need(need(entity, "user", dict), "id", int)) == me.key
    is_mention = entity.get("type") == "mention"
    return is_mention and _cut(text, entity).casefold() == f"@{me.username}".casefold()


def _cut(text: str, entity: Json) -> str:
    """What an entity covers; Telegram counts in UTF-16 code units."""
    start, length = need(entity, "offset", int), need(entity, "length", int)
    return text.encode(UTF16)[2 * start : 2 * (start + length)].decode(UTF16, "replace")


def _units(text: str) -> int:
    return len(text.encode(UTF16)) // 2


# what is quoted


def _quoting(message: Json, text: str) -> str:
    """The text below what it quotes, where only the quotation tells what it is about.

    A command stands alone: what is in front of it would hide it.
    """
    quote = find(message, "quote", dict)
    if not quote or text.startswith("/"):
        return text
    if not ("external_reply" in message or find(quote, "is_manual", bool)):
        return text  # Telegram's own excerpt of a message that is known anyway
    lines = need(quote, "text", str).splitlines()
    return "\n".join([*(f"> {line}" for line in lines), "", text]).rstrip()


# what is no text, in words


def _described(message: Json) -> str:
    for name, describe in DESCRIBED.items():
        if name in message:
            return describe(need(message, name, dict))
    return ""


def _venue(raw: Json) -> str:
    title, address = need(raw, "title", str), need(raw, "address", str)
    return f"{title}, {address} ({_spot(need(raw, 'location', dict))})"


def _spot(raw: Json) -> str:
    return f"{decimal(raw, 'latitude'):.6f}, {decimal(raw, 'longitude'):.6f}"


def _contact(raw: Json) -> str:
    names = need(raw, "first_name", str), find(raw, "last_name", str)
    return f"Contact: {' '.join(filter(None, names))}, {need(raw, 'phone_number', str)}"


def _poll(raw: Json) -> str:
    options = (f"- {need(one, 'text', str)}" for one in each(raw, "options"))
    return "\n".join([f"Poll: {need(raw, 'question', str)}", *options])


def _dice(raw: Json) -> str:
    return f"{need(raw, 'emoji', str)} {need(raw, 'value', int)}"


def _checklist(raw: Json) -> str:
    tasks = (
        f"- [{'x' if one.get('completion_date') else ' '}] {need(one, 'text', str)}"
        for one in each(raw, "tasks")
    )
    return "\n".join([f"Checklist: {need(raw, 'title', str)}", *tasks])


def _rich(node: Any) -> str:
    """The words of a rich message, whatever frames there may be around them."""
    if isinstance(node, str):
        return node
    if isinstance(node, list):
        return ("" if any(isinstance(one, str) for one in node) else "\n").join(map(_rich, node))
    if not isinstance(node, dict):
        return ""
    return "\n".join(filter(None, (_rich(node.get(name)) for name in FRAMES)))


FRAMES = ("summary", "text", "expression", "caption", "blocks", "items", "cells")
"""The fields of a rich message's blocks that hold words, or blocks:
https://core.telegram.org/bots/api#richblock"""

DESCRIBED: dict[str, Callable[[Json], str]] = {
    "sticker": lambda raw: find(raw, "emoji", str) or "",
    "venue": lambda raw: f"Place: {_venue(raw)}",  # it comes with a location, for older bots
    "location": lambda raw: f"Location: {_spot(raw)}",
    "contact": _contact,
    "poll": _poll,
    "dice": _dice,
    "checklist": _checklist,
    "game": lambda raw: f"Game: {need(raw, 'title', str)}",
    "invoice": lambda raw: f"Invoice: {need(raw, 'title', str)}",
    "rich_message": _rich,
}
"""What else a message may hold: https://core.telegram.org/bots/api#message"""
