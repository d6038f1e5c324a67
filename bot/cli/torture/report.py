"""The report of an ordeal, for people."""

from __future__ import annotations

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Column, Table

from bot.cli.torture.figures import Report, Row

TITLES = (
    *("times", "asked", "lost", "answered\ntwice", "said\ntwice", "out of\norder"),
    *("ambiguous", "held"),
    *("recovery\nmedian s", "longest\ns"),
)


def show(report: Report) -> None:
    """Print it."""
    console = Console(highlight=False, markup=False)
    console.print(table(report))
    console.print(
        f"{report.asked} questions in {report.seconds:.0f} s. {report.left} without an answer at"
        f" the end. Again with --seed {report.seed}."
    )
    for row in report.rows.values():
        for wrong in row.wrong:
            console.print(f"{row.fault}: {wrong}", style="red")
    if report.is_well:
        console.print("All is well: what was said twice is what nobody could know to be there.")
    else:
        console.print("Not well.", style="red")
        console.print(report.last_words)


def table(report: Report) -> Table:
    """One line per fault."""
    numbers = (Column(title, justify="right") for title in TITLES)
    found = Table(Column("fault"), *numbers, box=SIMPLE_HEAD, padding=(0, 0, 0, 1))
    for name, row in report.rows.items():
        found.add_row(name, *_cells(row), style=None if row.is_well else "red")
    return found


def _cells(row: Row) -> tuple[str, ...]:
    seconds = sorted(row.seconds)
    counts = (row.times, row.asked, row.lost, row.twice, row.repeated, row.out_of_order)
    times = (seconds[len(seconds) // 2], seconds[-1])
    return (*map(str, (*counts, row.ambiguous, row.held)), *(f"{one:.2f}" for one in times))
