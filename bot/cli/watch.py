"""Watching a campaign: bars on a terminal, lines elsewhere. Who stops watching stops nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, TaskID, TextColumn
from rich.progress import Progress as Bars

from bot.audience import hidden
from bot.campaign import OPEN, CampaignState, Progress, RecipientState
from bot.cli.report.words import headline, plain
from bot.cli.signals import until_signalled
from bot.web.address import Nobody

Ask = Callable[[], Awaitable[Progress]]
Show = Callable[[Progress, str], None]
"""Shows how far a campaign is, and what else there is to say."""

LOOK_SECONDS = 0.5
SILENT_SECONDS = 10.0
"""Where lines are printed, how long there is none while only numbers change."""

MINUTE, HOUR, DAY = 60, 3_600, 86_400


async def watch(
    ask: Ask, *, console: Console | None = None, every: float = LOOK_SECONDS
) -> Progress | None:
    """Show how a campaign gets on until it is over, or Ctrl-C; the last that was seen of it.

    Args:
        ask: tells how far it is.
        every: how often to ask, in seconds.

    Raises:
        TownhallError: what `ask` raises; but for a bot that does not answer it waits.
    """
    console = console or Console(highlight=False)
    seen: Progress | None = None
    with until_signalled(), (_bars if console.is_terminal else _lines)(console) as show:
        while seen is None or not seen.campaign.is_over:
            if seen:
                await asyncio.sleep(every)
            try:
                seen = await ask()
            except Nobody:
                if seen is None:
                    raise
                show(seen, "the bot does not answer; waiting for it")
            else:
                show(seen, "")
    if seen:
        console.print(_end(seen), markup=False, soft_wrap=True)
    return seen


def _end(seen: Progress) -> str:
    campaign = seen.campaign
    if campaign.is_over:
        why = f": {plain(hidden(campaign.reason))}" if campaign.reason else ""
        return f"{campaign.state}{why}"
    return f"The campaign goes on. Look again: townhall campaigns show {campaign.id}"


@contextmanager
def _bars(console: Console) -> Iterator[Show]:
    """A bar for each account."""
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=None, complete_style="green", finished_style="green"),
        TextColumn("{task.completed:,.0f}/{task.total:,.0f}", justify="right", markup=False),
        TextColumn("{task.fields[facts]}", markup=False),
    )
    rows: dict[str, TaskID] = {}
    with Bars(*columns, console=console, expand=True) as bars:

        def show(seen: Progress, trouble: str) -> None:
            if not rows:
                bars.console.print(headline(seen.campaign), style="bold", markup=False)
            for account, counts in sorted(seen.counts.items()):
                row = rows.setdefault(account, _row(bars, account))
                facts = trouble or _facts(seen, account)
                done, total = _settled(counts), sum(counts.values())
                bars.update(row, completed=done, total=total, facts=facts)

        yield show


def _row(bars: Bars, account: str) -> TaskID:
    return bars.add_task(account, total=0, facts="")


@contextmanager
def _lines(console: Console) -> Iterator[Show]:
    """A line for each account, when there is news of it."""
    told: dict[str, tuple[float, str, str]] = {}

    def show(seen: Progress, trouble: str) -> None:
        at = asyncio.get_running_loop().time()
        for account, counts in sorted(seen.counts.items()):
            done, total = _settled(counts), sum(counts.values())
            facts = trouble or _facts(seen, account)
            news = trouble or f"{seen.campaign.state} {seen.waits.get(account)} {done == total}"
            line = f"{account} {done:,}/{total:,}  {facts}".rstrip()
            before, old_news, old_line = told.get(account, (0.0, "", ""))
            if news != old_news or (line != old_line and at - before >= SILENT_SECONDS):
                told[account] = at, news, line
                console.print(line, markup=False, soft_wrap=True)

    yield show


def _settled(counts: dict[str, int]) -> int:
    """How many recipients nothing more will happen to."""
    return sum(counts.values()) - sum(counts.get(state, 0) for state in OPEN)


def _facts(seen: Progress, account: str) -> str:
    """The rest of an account's line: rate, time left, what went wrong, why nothing moves."""
    campaign, counts = seen.campaign, seen.counts[account]
    is_moving = campaign.state is CampaignState.RUNNING and _settled(counts) < sum(counts.values())
    facts = [
        f"{counts[state]:,} {name}"
        for state, name in (
            (RecipientState.FAILED, "failed"),
            (RecipientState.AMBIGUOUS, "unknown"),
            (RecipientState.SKIPPED, "skipped"),
        )
        if counts.get(state)
    ]
    if is_moving:
        facts.insert(0, f"{seen.per_second.get(account, 0.0):,.1f}/s")
        if (left := seen.eta.get(account)) is not None:
            facts.insert(1, f"{duration(left)} left")
    elif not campaign.is_over and campaign.state is not CampaignState.RUNNING:
        facts.append(plain(f"{campaign.state} {hidden(campaign.reason)}".rstrip()))
    if waits := seen.waits.get(account):
        facts.append(f"waits: {plain(waits)}")
    return "  ".join(facts)


def duration(seconds: float) -> str:
    """A length of time in the two units that matter."""
    left = round(seconds)
    if left < MINUTE:
        return f"{left} s"
    if left < HOUR:
        return f"{left // MINUTE} min {left % MINUTE} s"
    if left < DAY:
        return f"{left // HOUR} h {left % HOUR // MINUTE} min"
    return f"{left // DAY} d {left % DAY // HOUR} h"
