"""`townhall demo`: a bot on all platforms, on one machine."""

from __future__ import annotations

import sys
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

import orjson
import typer
from rich.console import Console

from bot.cli.demo.figures import remarks, table
from bot.cli.demo.live import watch
from bot.cli.demo.show import Figures, Show
from bot.cli.setup import run_loop
from bot.cli.signals import ENDED_BY_SIGNAL, until_signalled

PAUSE = 0.12
"""Seconds between two lines where nobody watches."""

Run = Callable[[Show], Coroutine[Any, Any, Figures | None]]


def demo(*, headless: bool, as_json: bool) -> int:
    """Run the demo; the exit code."""
    is_live = not (headless or as_json) and sys.stdin.isatty() and sys.stdout.isatty()
    figures: list[Figures] = []
    run_loop(partial(_demo, watch if is_live else _play, figures.append))
    for one in figures:
        _print(one, as_json=as_json)
    if not figures:
        return 0 if is_live else ENDED_BY_SIGNAL
    return 0 if figures[0].is_perfect else 1


async def _demo(run: Run, keep: Callable[[Figures], None]) -> None:
    with until_signalled():
        async with Show.open() as show:
            if figures := await run(show):
                keep(figures)


async def _play(show: Show) -> Figures:
    await show.play(PAUSE)
    figures = await show.finish()
    if not figures.is_perfect:
        typer.echo(show.bot.last_words(), err=True)
    return figures


def _print(figures: Figures, *, as_json: bool) -> None:
    if as_json:
        typer.echo(orjson.dumps(figures.as_json()).decode())
        return
    console = Console(highlight=False)
    console.print(table(figures))
    for remark in remarks(figures):
        console.print(remark, markup=False)
