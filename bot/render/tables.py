"""Tables where there are none: in columns as letters of one width, or cell after cell."""

from __future__ import annotations

from dataclasses import dataclass, field
from unicodedata import category, east_asian_width


@dataclass(slots=True)
class Cells:
    """The texts of a table, the heads first.

    Args:
        sides: where each column leans, as in `right`; empty for left.
    """

    rows: list[list[str]] = field(default_factory=list)
    sides: list[str] = field(default_factory=list)


def aligned(cells: Cells) -> str:
    """The table in columns, with a line under the heads."""
    widths = [max(map(_width, column)) for column in zip(*cells.rows, strict=True)]
    head, *rows = [_row(row, widths, cells.sides) for row in cells.rows]
    return "\n".join([head, "  ".join("-" * width for width in widths), *rows])


def plain(cells: Cells) -> str:
    """The table row by row."""
    return "\n".join(" | ".join(row) for row in cells.rows)


def _row(row: list[str], widths: list[int], sides: list[str]) -> str:
    padded = map(_padded, row, widths, sides)
    return "  ".join(padded).rstrip()


def _padded(text: str, width: int, side: str) -> str:
    room = width - _width(text)
    before = {"right": room, "center": room // 2}.get(side, 0)
    return " " * before + text + " " * (room - before)


def _width(text: str) -> int:
    """How many columns a text takes: two for a wide letter, none for what joins another."""
    return sum(_columns(letter) for letter in text)


def _columns(letter: str) -> int:
    if category(letter) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if east_asian_width(letter) in "WF" else 1
