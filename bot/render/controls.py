"""Buttons and lists: as many as a platform takes, the others in words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple
from zlib import crc32

from bot.capabilities import Capabilities
from bot.content import Button, Content, Select

INDEX = re.compile(r"#(\d{1,9})\.([0-9a-f]{8})")
"""What is carried for a value that is too long: its place among all that can be pressed, and a
checksum, so that a button that was changed since does not do what took its place."""

ROW = 5
"""A list takes the room of so many buttons, and has at most so many options:
https://discord.com/developers/docs/components/reference (no other platform has lists)."""
OPTIONS = 25


class Controls(NamedTuple):
    """What can be pressed under a message.

    Args:
        lines: what is said in words instead.
    """

    buttons: tuple[Button, ...] = ()
    selects: tuple[Select, ...] = ()
    lines: tuple[str, ...] = ()


def controls(content: Content, capabilities: Capabilities) -> Controls:
    """The buttons and lists of a message on a platform."""
    lists = fitting_lists(content, capabilities)
    carried = iter(_carried(_options(content), capabilities.button_value))
    shown = list(zip(content.buttons, carried, strict=False))
    selects = [(one, tuple(zip(one.options, carried, strict=False))) for one in content.selects]
    others = [pairs for select, pairs in selects if select not in lists]
    pressed = [*shown, *(pair for pairs in others for pair in pairs)]
    room = max(capabilities.buttons - ROW * len(lists), 0)
    asked = [one.placeholder for one, _ in selects if one.placeholder and one not in lists]
    return Controls(
        buttons=tuple(button for _, button in pressed[:room]),
        selects=tuple(_carrying(one, pairs) for one, pairs in selects if one in lists),
        lines=(*asked, *(_line(button) for button, _ in pressed[room:])),
    )


def fitting_lists(content: Content, capabilities: Capabilities) -> list[Select]:
    """The lists that stay lists."""
    if not capabilities.selects:
        return []
    rows = capabilities.buttons // ROW - -(-len(content.buttons) // ROW)
    fit = [s for s in content.selects if len(s.options) <= OPTIONS and not _leads_away(s)]
    return fit[: max(rows, 0)]


def resolve(content: Content, value: str) -> str | None:
    """What a person says by pressing a button of `content`; None if it has no such button.

    Args:
        value: that of the button, or of one choice from a list, as rendering wrote it.
    """
    options = _options(content)
    if index := INDEX.fullmatch(value):
        number = int(index[1])
        is_there = number < len(options) and _short(number, _said(options[number])) == value
        return _said(options[number]) if is_there else None
    return value if any(value == _said(option) for option in options) else None


def _options(content: Content) -> tuple[Button, ...]:
    return (*content.buttons, *(option for select in content.selects for option in select.options))


def _said(button: Button) -> str:
    return button.value or button.label


def _leads_away(select: Select) -> bool:
    return any(option.url for option in select.options)


def _carrying(select: Select, pairs: Iterable[tuple[Button, Button]]) -> Select:
    return select.model_copy(update={"options": tuple(button for _, button in pairs)})


def _carried(options: Iterable[Button], most: int) -> Iterator[Button]:
    """Each with the value that the platform carries; no two of them carry the same."""
    taken: set[str] = set()
    for index, button in enumerate(options):
        value = _said(button)
        is_long = len(value.encode("utf-8", "surrogatepass")) > most
        if not button.url and (is_long or value in taken or INDEX.fullmatch(value)):
            value = _short(index, value)
        taken.add(value)
        yield button if button.url else button.model_copy(update={"value": value})


def _short(index: int, value: str) -> str:
    return f"#{index}.{crc32(value.encode('utf-8', 'surrogatepass')):08x}"


def _line(button: Button) -> str:
    typed = button.url or (button.value if button.value.startswith("/") else "")
    return f"{button.label}: {typed}" if typed else f"• {button.label}"
