"""The report of an ordeal, for people."""

from __future__ import annotations

from collections.abc import Iterator

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Column, Table

from bot.cli.torture.figures import Report, Row

TITLES = (
    *("times", "asked", "lost", "done\ntwice", "said\ntwice", "out of\norder"),
    *("ambi-\nguous", "held", "half\nin s", "all\nin s"),
)
PIPED = 120
"""The least columns where it is no terminal."""


def show(report: Report) -> None:
    """Print it."""
    console = Console(highlight=False, markup=False)
    if not console.is_terminal:
        console.width = max(console.width, PIPED)
    if report.rows:
        console.print(table(report))
    left = f" {report.left} without an answer at the end." if report.complete else ""
    console.print(
        f"{report.asked} questions in {report.seconds:.0f} s.{left}"
        f" Again with --seed {report.seed}."
    )
    for row in report.rows.values():
        for wrong in row.wrong:
            console.print(f"{row.fault}: {wrong}", style="red")
    for line in _verdict(report):
        console.print(line)
    if not report.is_well:
        console.print("Not well.", style="red")
        console.print(report.last_words)


def _verdict(report: Report) -> Iterator[str]:
    if not report.complete:
        yield f"Interrupted after {report.suffered} of {report.planned} faults."
    elif report.is_well:
        yield "All is well: what was said twice is what nobody could know to be there."
    if report.held:
        yield (
            f"{report.held} of the questions {'wait' if report.held > 1 else 'waits'} for a person,"
            " who alone can find out whether they were answered or done; a bot of your own lists"
            " such with `townhall ambiguous list`."
        )


def table(report: Report) -> Table:
    """One line per fault, which fits into 80 columns."""
    numbers = (Column(title, justify="right", no_wrap=True) for title in TITLES)
    fault = Column("fault", no_wrap=True)
    found = Table(fault, *numbers, box=SIMPLE_HEAD, padding=0, show_edge=False)
    for name, row in report.rows.items():
        found.add_row(name, *_cells(row), style=None if row.is_well else "red")
    return found


def _cells(row: Row) -> tuple[str, ...]:
    seconds = sorted(row.seconds)
    counts = (row.times, row.asked, row.lost, row.twice, row.repeated, row.out_of_order)
    times = (seconds[len(seconds) // 2], seconds[-1])
    return (*map(str, (*counts, row.ambiguous, row.held)), *(f"{one:.1f}" for one in times))
