"""The figures of the demo, for people."""

from __future__ import annotations

from collections.abc import Iterator

from rich.box import SIMPLE_HEAD
from rich.table import Column, Table

from bot.cli.demo.show import Figures

TITLES = (
    *("in", "answered", "duplicates", "lost", "out of\norder", "ambiguous"),
    *("median\nms", "p99\nms"),
)


def table(figures: Figures) -> Table:
    """One line per platform."""
    numbers = (Column(title, justify="right") for title in TITLES)
    found = Table(Column("platform"), *numbers, box=SIMPLE_HEAD, padding=(0, 0, 0, 1))
    for name, one in figures.platforms.items():
        style = None if one.is_perfect else "red"
        found.add_row(name, *map(str, one.as_json().values()), style=style)
    return found


def remarks(figures: Figures) -> Iterator[str]:
    """What to know about the numbers."""
    times = "once" if figures.restarts == 1 else f"{figures.restarts} times"
    yield (
        f"In {figures.seconds:.1f} s the bot was killed and started again {times}. It was away for"
        f" {figures.away:.1f} s, which the latencies include: who spoke then had to wait."
    )
    again = sum(one.duplicates for one in figures.platforms.values())
    if not figures.is_perfect:
        yield "Not every message was answered once, in order."
    elif again:
        yield (
            f"Every message was answered once, in order, but for {again} said again: it was on the"
            " wire when the bot was killed, and the platform tells nobody what arrived."
        )
    else:
        yield "Every message was answered once, in order."
