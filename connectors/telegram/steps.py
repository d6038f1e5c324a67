"""A part, call by call: Telegram takes a text, a file or an album of files of like kinds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.part import Part
from connectors.telegram.outgoing import Fields, is_caption, keyboard, place, words
from connectors.telegram.uploads import UNTITLED, Item, together


@dataclass(frozen=True, slots=True)
class Step:
    """One call, and what is left of the part after it.

    Args:
        files: how many of the part's files it sends.
        is_main: whether it says the part's text.
        rest: None if this was all.
    """

    method: str
    fields: Fields
    files: int
    is_main: bool
    rest: Part | None


def step(part: Part, items: Sequence[Item]) -> Step:
    """The first call for a part.

    A text too long to go with a file is a message of its own, the first; or the last where there
    are buttons, since what they are below is read last.

    Args:
        items: its files.
    """
    if not items:
        return _text(part)
    has_text, has_keys = bool(part.text.strip()), bool(part.buttons or part.selects)
    fits = has_text and items[0].kind != UNTITLED and is_caption(part)
    if has_text and not fits and not has_keys:
        return _text(part)
    count = together(items)
    if has_keys and len(items) > 1:  # an album cannot have buttons; what comes last has them
        return _files(part, items[: min(count, len(items) if has_text else len(items) - 1)])
    return _files(part, items[:count], captioned=fits, keys=has_keys and (fits or not has_text))


def _text(part: Part) -> Step:
    fields = {**place(part), **words(part, "text"), "reply_markup": keyboard(part)}
    rest = _rest(part, 0, said=True, shown=True) if part.attachments else None
    return Step("sendMessage", fields, 0, is_main=True, rest=rest)


def _files(
    part: Part, items: Sequence[Item], *, captioned: bool = False, keys: bool = False
) -> Step:
    caption = words(part, "caption") if captioned else {}
    method, fields = album(items, caption) if len(items) > 1 else single(items[0], caption)
    fields = {**place(part), **fields, "reply_markup": keyboard(part) if keys else None}
    rest = _rest(part, len(items), said=captioned, shown=keys)
    return Step(method, fields, len(items), is_main=captioned, rest=rest)


def single(item: Item, caption: Fields) -> tuple[str, Fields]:
    """The method that sends one file, and its fields."""
    return f"send{item.kind.title()}", {item.kind: item.input(), **item.details, **caption}


def album(items: Sequence[Item], caption: Fields) -> tuple[str, Fields]:
    """Likewise for files that are shown together; the text of the first is that of all."""
    media = [one.medium({} if number else caption) for number, one in enumerate(items)]
    return "sendMediaGroup", {"media": media}


def _rest(part: Part, count: int, *, said: bool, shown: bool) -> Part | None:
    left = {
        "attachments": part.attachments[count:],
        "text": "" if said else part.text,
        "buttons": () if shown else part.buttons,
        "selects": () if shown else part.selects,
        "reply_to": None,
    }
    rest = part.model_copy(update=left)
    return rest if rest.attachments or rest.text.strip() else None
