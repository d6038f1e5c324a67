"""The report for a terminal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import IO

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.audience import hidden
from bot.campaign import Campaign, Progress, RecipientState
from bot.cli.report.tally import Tally
from bot.cli.report.words import headline, plain

STYLES = {
    RecipientState.SENT: "green",
    RecipientState.FAILED: "red",
    RecipientState.AMBIGUOUS: "yellow",
    RecipientState.SKIPPED: "dim",
}


def show(campaign: Campaign, progress: Progress, tally: Tally, file: IO[str]) -> None:
    """Print what is known of a campaign."""
    console = Console(file=file, highlight=False, markup=False)
    title = Text(headline(campaign), "bold")
    console.print(title, Text(plain(f"{_state(campaign)}  {hidden(campaign.reason)}".rstrip())))
    console.print(f"{campaign.id}  to {plain(hidden(', '.join(campaign.audience)))}", style="dim")
    console.print(accounts(progress))
    if tally.reasons:
        console.print(reasons(tally))


def _state(campaign: Campaign) -> str:
    """With the time at which it begins, by this machine's clock, as long as it has not."""
    if campaign.starts_at is None or campaign.started_at:
        return campaign.state
    return f"{campaign.state} for {campaign.starts_at.astimezone():%Y-%m-%d %H:%M %Z}"


def accounts(progress: Progress) -> Table:
    """How many recipients are in which state, by account; states that nobody is in are left out."""
    shown = [s for s in RecipientState if any(one.get(s) for one in progress.counts.values())]
    table = Table(box=box.SIMPLE_HEAD, show_footer=len(progress.counts) > 1)
    table.add_column("account", "all")
    totals = {s: sum(one.get(s, 0) for one in progress.counts.values()) for s in shown}
    for state in shown:
        style = STYLES.get(state, "")
        table.add_column(state, f"{totals[state]:,}", justify="right", style=style)
    table.add_column("recipients", f"{sum(totals.values()):,}", justify="right")
    if progress.waits:
        table.add_column("waits for")
    for account, counts in sorted(progress.counts.items()):
        cells = [f"{counts.get(s, 0):,}" for s in shown]
        table.add_row(
            account, *cells, f"{sum(counts.values()):,}", plain(progress.waits.get(account, ""))
        )
    return table


def reasons(tally: Tally, most: int = 20) -> Table:
    """Why some did not get it, the most frequent first."""
    table = Table(box=box.SIMPLE_HEAD)
    for name in ("state", "account", "why"):
        table.add_column(name)
    table.add_column("recipients", justify="right")
    found = tally.reasons.most_common()
    for (state, account, why), count in found[:most]:
        table.add_row(Text(state, STYLES.get(state, "")), account, Text(plain(why)), f"{count:,}")
    if rest := sum(_counts(found[most:])):
        table.add_row("", "", f"{len(found) - most} other reasons", f"{rest:,}")
    return table


def _counts(found: Iterable[tuple[object, int]]) -> Iterable[int]:
    return (count for _, count in found)
