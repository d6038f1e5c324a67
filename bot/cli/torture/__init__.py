"""`townhall torture`: a bot under the worst that a machine and a platform can do."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Iterable
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
    """Torture a bot; the exit code."""
    seed = secrets.randbelow(1_000_000) if seed is None else seed
    typer.echo(f"seed {seed}", err=True)
    found: list[Report] = []
    run_loop(partial(_torture, list(programme(kills, seed)), seed, found.append))
    for report in found:
        if as_json:
            typer.echo(orjson.dumps(report.as_json()).decode())
        else:
            show(report)
    if not found:
        return ENDED_BY_SIGNAL
    return 0 if found[0].is_well else 1


async def _torture(names: Iterable[str], seed: int, keep: Callable[[Report], None]) -> None:
    with until_signalled():
        keep(await suffer(names, seed, lambda line: typer.echo(line, err=True)))


async def suffer(names: Iterable[str], seed: int, tell: Tell = lambda _: None) -> Report:
    """Let a bot suffer these faults, one after the other, and count.

    Args:
        tell: told of each fault.
    """
    begun, report = time.monotonic(), Report(seed)
    async with Ordeal.begun(seed) as ordeal:
        async with ordeal.crowd.talking(PAUSE):
            for name in names:
                row = report.rows.setdefault(name, Row(name, disorders=FAULTS[name].disorders))
                await _strike(ordeal, name, row)
                tell(_line(row))
        report.left = len(await ordeal.answered())
        await asyncio.sleep(CALM)
        report.asked = (await ordeal.figures()).asked
        report.last_words = "" if report.is_well else ordeal.bot.last_words()
    report.seconds = time.monotonic() - begun
    return report


def _line(row: Row) -> str:
    return f"{row.fault}: {row.seconds[-1]:.2f} s to recover{'' if row.is_well else ', NOT WELL'}"


async def _strike(ordeal: Ordeal, name: str, row: Row) -> None:
    before = await ordeal.figures()
    try:
        await FAULTS[name].strike(ordeal)
    except TownhallError as error:
        row.wrong.append(str(error))
    ended = time.monotonic()
    left = await ordeal.answered()
    row.wrong += ordeal.where(left)
    row.add(before, await ordeal.figures(), len(left), time.monotonic() - ended)
    if left:
        await ordeal.begin_again(left)
