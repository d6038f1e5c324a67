"""`townhall render`: a message as each platform would show it, and what it would lose."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import typer
from pydantic_core import to_json
from rich.console import Console
from rich.text import Text

from bot.connector import Connector
from bot.content import Content
from bot.discovery import installed_connectors
from bot.errors import ConfigError
from bot.memory import Room
from bot.part import Part, Priority
from bot.records import Delivery
from bot.render import losses, render
from bot.settings import DEFAULT_ACCOUNT
from bot.value import uid


def preview(file: str, platforms: Sequence[str], *, plain: bool, as_json: bool) -> None:
    """Print it.

    Args:
        file: of CommonMark; `-` is standard input.
        platforms: those that are meant; all without any.
        plain: whether the text is literal.

    Raises:
        ConfigError: the file cannot be read, or there is no such platform.
    """
    content = Content(text=_read(file), markdown=not plain)
    kinds = installed_connectors()
    for unknown in set(platforms) - set(kinds):
        raise ConfigError(f"there is no platform {unknown}", fix=f"There are {', '.join(kinds)}.")
    shown = {name: kind for name, kind in kinds.items() if not platforms or name in platforms}
    found = {name: (_parts(content, kind), _losses(content, kind)) for name, kind in shown.items()}
    if as_json:
        typer.echo(
            to_json({name: {"parts": p, "losses": lost} for name, (p, lost) in found.items()})
        )
        return
    console = Console(highlight=False, markup=False)
    for name, (parts, lost) in found.items():
        show_messages(console, name, parts, lost)


def _parts(content: Content, kind: type[Connector]) -> tuple[Part, ...]:
    room = Room(platform=kind.platform, account=DEFAULT_ACCOUNT, key="preview")
    delivery = Delivery(
        id=uid("preview", kind.platform), room=room, content=content, priority=Priority.BULK
    )
    return render(delivery, kind.capabilities)


def _losses(content: Content, kind: type[Connector]) -> tuple[str, ...]:
    return losses(content, kind.capabilities)


def show_messages(
    console: Console, platform: str, parts: Sequence[Part], lost: Iterable[str]
) -> None:
    """Print a platform's messages, in its own markup, and what is lost."""
    noun = "message" if len(parts) == 1 else "messages"
    console.print(Text(f"{platform}: {len(parts)} {noun}", "bold"))
    for part in parts:
        for line in _lines(part):
            console.print(Text.assemble(("  │ ", "dim"), line), soft_wrap=True)
        console.print()
    for one in lost:
        console.print(f"  ! {one}", style="yellow", soft_wrap=True)
    console.print()


def _lines(part: Part) -> Iterator[str]:
    yield from part.text.splitlines()
    yield from (f"[card] {card.title or card.text}" for card in part.cards)
    yield from (f"[{one.kind}] {one.name or one.key}" for one in part.attachments)
    yield from (f"[button] {one.label}: {one.url or one.value}" for one in part.buttons)
    yield from (
        f"[list] {', '.join(option.label for option in one.options)}" for one in part.selects
    )


def reason(error: OSError | ValueError) -> str:
    """Why a file cannot be read, without its name."""
    return getattr(error, "strerror", None) or "it is no UTF-8 text"


def _read(file: str) -> str:
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise ConfigError(f"it cannot be read: {reason(error)}", file=Path(file)) from error
    if not text.strip():
        raise ConfigError("it is empty: there is nothing to show", file=Path(file))
    return text
