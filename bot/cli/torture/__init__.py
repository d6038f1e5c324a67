"""`townhall torture`: a bot under the worst that a machine and a platform can do."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Sequence
from functools import partial

import orjson
import typer

from bot.cli.setup import run_loop
from bot.cli.signals import ENDED_BY_SIGNAL, until_signalled
from bot.cli.torture.faults import FAULTS, programme
from bot.cli.torture.figures import Report, Row
from bot.cli.torture.ordeal import Ordeal
from bot.cli.torture.report import show
from bot.errors import TownhallError

PAUSE = 0.15
"""Seconds between two questions on a platform."""
CALM = 0.5
"""How long to listen for what should not be said, at the end."""

Tell = Callable[[str], None]


def torture(kills: int, seed: int | None, *, as_json: bool) -> int:
    """Torture a bot; the exit code. Who interrupts it sees what came of it so far."""
    report = Report(secrets.randbelow(1_000_000) if seed is None else seed)
    typer.echo(f"seed {report.seed}", err=True)
    run_loop(partial(_torture, list(programme(kills, report.seed)), report))
    if as_json:
        typer.echo(orjson.dumps(report.as_json()).decode())
    else:
        show(report)
    if not report.complete:
        return ENDED_BY_SIGNAL
    return 0 if report.is_well else 1


async def _torture(names: Sequence[str], report: Report) -> None:
    with until_signalled():
        await _suffer(names, report, lambda line: typer.echo(line, err=True))


async def suffer(names: Sequence[str], seed: int) -> Report:
    """Let a bot suffer these faults, one after the other, and count."""
    report = Report(seed)
    await _suffer(names, report, lambda _: None)
    return report


async def _suffer(names: Sequence[str], report: Report, tell: Tell) -> None:
    """Fill a report as it happens.

    Args:
        tell: told of each fault.
    """
    begun, report.planned = time.monotonic(), len(names)
    try:
        async with Ordeal.begun(report.seed) as ordeal:
            try:
                await _strike_all(ordeal, names, report, tell)
            finally:
                report.last_words = "" if report.is_well else ordeal.bot.last_words()
    finally:
        report.seconds = time.monotonic() - begun


async def _strike_all(ordeal: Ordeal, names: Sequence[str], report: Report, tell: Tell) -> None:
    report.begin(await ordeal.figures())
    async with ordeal.crowd.talking(PAUSE):
        for name in names:
            row = await _strike(ordeal, name, report)
            tell(f"{name}: {row.seconds[-1]:.2f} s to recover{'' if row.is_well else ', NOT WELL'}")
    report.left = len(await ordeal.answered())
    await asyncio.sleep(CALM)
    report.add(row, await ordeal.figures())
    report.complete = True


async def _strike(ordeal: Ordeal, name: str, report: Report) -> Row:
    wrong = []
    try:
        await FAULTS[name].strike(ordeal)
    except TownhallError as error:
        wrong.append(str(error))
    ended = time.monotonic()
    left = await ordeal.answered()
    seconds = time.monotonic() - ended
    row = report.rows.setdefault(name, Row(name, disorders=FAULTS[name].disorders))
    row.suffered([*wrong, *ordeal.where(left)], len(left), seconds)
    report.add(row, await ordeal.figures())
    if left:
        await ordeal.begin_again(left)
    return row
