"""`townhall campaigns`: look at campaigns, and act on them."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import typer
from pydantic_core import to_json

from bot.audience import hidden
from bot.campaign import Campaign, Progress, Recipient
from bot.cli import report
from bot.cli.broadcast import progress_of
from bot.cli.reach import Ask, Errand, Place
from bot.cli.report.words import headline, public
from bot.cli.setup import run_loop
from bot.cli.watch import watch
from bot.errors import ConfigError

T = TypeVar("T")

PAGE = 5_000
"""Recipients that are asked for at a time."""


def _ask(place: Place, query: Callable[[Ask], Awaitable[T]]) -> T:
    async def run() -> T:
        async with place.reach(Errand.LOOK) as ask:
            return await query(ask)

    return run_loop(run)


def listed(place: Place, limit: int, *, as_json: bool) -> None:
    """Print the newest campaigns."""
    found = _ask(place, lambda ask: ask("GET", f"/api/campaigns?limit={limit}"))
    campaigns = [public(Campaign.model_validate(one)) for one in found]
    if as_json:
        typer.echo(to_json({"campaigns": campaigns}))
        return
    if not campaigns:
        typer.echo("There is no campaign yet.")
        return
    for one in campaigns:
        made = f"{one.created_at.astimezone():%Y-%m-%d %H:%M}"
        whom = ", ".join(one.audience)
        typer.echo(f"{one.id}  {one.state:<9}  {made}  {headline(one)}  to {whom}")


def show(place: Place, name: str, *, follow: bool, as_json: bool) -> None:
    """Print how far a campaign is, or follow it to its end."""

    async def query(ask: Ask) -> None:
        if follow:
            await watch(lambda: progress_of(ask, quote(name, safe="")))
            return
        progress = await progress_of(ask, quote(name, safe=""))
        if as_json:
            typer.echo(_public(progress).model_dump_json())
            return
        pages = _pages(ask, progress.campaign)
        await report.write("table", progress.campaign, progress, pages, sys.stdout)

    _ask(place, query)


def act(place: Place, verb: str, name: str, *, as_json: bool) -> None:
    """Do something to a campaign.

    Raises:
        TownhallError: its state forbids it, or there is none.
    """
    path = f"/api/campaigns/{quote(name, safe='')}/{verb}"
    campaign = public(Campaign.model_validate(_ask(place, lambda ask: ask("POST", path))))
    if as_json:
        typer.echo(campaign.model_dump_json())
    else:
        reason = f" ({campaign.reason})" if campaign.reason else ""
        typer.echo(f"{campaign.state}: {campaign.id}{reason}")


def export(place: Place, name: str, kind: str, output: Path | None) -> None:
    """Write a report of a campaign.

    Raises:
        ConfigError: the file cannot be written.
    """

    async def query(ask: Ask) -> None:
        progress = await progress_of(ask, quote(name, safe=""))
        pages = _pages(ask, progress.campaign)
        if output is None:
            await report.write(kind, progress.campaign, progress, pages, sys.stdout)
            return
        try:
            with output.open("w", encoding="utf-8", newline="") as file:
                await report.write(kind, progress.campaign, progress, pages, file)
        except OSError as error:
            raise ConfigError(f"it cannot be written: {error.strerror}", file=output) from error

    _ask(place, query)


async def _pages(ask: Ask, campaign: Campaign) -> AsyncIterator[Sequence[Recipient]]:
    """All recipients, some at a time."""
    after = 0
    while True:
        path = f"/api/campaigns/{campaign.id}/recipients?after={after}&limit={PAGE}"
        page: list[Any] = await ask("GET", path)
        if not page:
            return
        recipients = [Recipient.model_validate(one) for one in page]
        yield recipients
        after = recipients[-1].place


def _public(progress: Progress) -> Progress:
    waits = {account: hidden(why) for account, why in progress.waits.items()}
    return progress.model_copy(update={"campaign": public(progress.campaign), "waits": waits})
