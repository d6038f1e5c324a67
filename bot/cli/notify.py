"""`townhall notify`: say something now, and tell by the exit status who got it."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, replace
from typing import Any

import typer

from bot.audience import hidden
from bot.campaign import OPEN, Campaign, CampaignState, Progress, Recipient, RecipientState
from bot.cli.broadcast import TO, Wish, failed, progress_of
from bot.cli.output import Output, fitted
from bot.cli.reach import Ask, Errand, Place
from bot.cli.setup import run_loop
from bot.cli.signals import ENDED_BY_SIGNAL, until_signalled
from bot.connector import account_name
from bot.errors import ConfigError, TownhallError
from bot.service import WAIT, ServiceState, Status
from bot.web.files import Files

ALL_SENT, SOME_FAILED, NOTHING_SENT, BAD_USAGE = range(4)
"""The exit statuses."""

LOOK_SECONDS = 0.1
"""Between two looks at how far it is."""
SETTLED_SECONDS = 1.0
"""Where the counts stood still for so long, all of the audience is in them."""
NAMED = 10
"""So many of those who did not get it are named."""


class Misused(TownhallError):
    """What was asked for makes no sense."""


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be said, and how long to try.

    Args:
        output: what came by standard input, if the message did.
        patience: seconds; what has not left by then is not sent.
    """

    place: Place
    wish: Wish
    output: Output | None
    patience: float


def notify(place: Place, wish: Wish, patience: float) -> int:
    """Send it and wait; the exit status."""
    try:
        with Output.of(wish.message) as output:
            return run_loop(lambda: _notify(Job(place, wish, output, patience)))
    except (ConfigError, Misused) as error:
        failed(error)
        return BAD_USAGE
    except TownhallError as error:
        failed(error)
        return NOTHING_SENT


async def _notify(job: Job) -> int:
    status = ENDED_BY_SIGNAL
    with until_signalled():
        status = await _say(job)
    return status  # noqa: RET504 - a signal ends the block before it is assigned


async def _say(job: Job) -> int:
    async with job.place.reach(Errand.SEND) as ask:
        campaign = await _order(job, ask)
        try:
            progress = await _end(ask, campaign, job.patience)
        except asyncio.CancelledError:  # whoever says stop wants nothing of it sent later
            await ask("POST", f"/api/campaigns/{campaign.id}/cancel")
            raise
        status = _status(progress)
        if status != ALL_SENT:
            await _explain(ask, progress)
        return status


async def _order(job: Job, ask: Ask) -> Campaign:
    """Make a campaign of it.

    Raises:
        Misused: it is refused.
    """
    wish = replace(job.wish, to=job.wish.to or await _default(ask))
    files = Files(job.place.path())
    try:
        order = await _worded(wish, job.output, files, ask)
        return Campaign.model_validate(await ask("POST", "/api/campaigns", order))
    except TownhallError as error:
        raise Misused(str(error)) from error


async def _default(ask: Ask) -> tuple[str, ...]:
    """The rooms that the settings name.

    Raises:
        ConfigError: they name none.
    """
    if found := await ask("GET", "/api/audience"):
        return tuple(found)
    raise ConfigError(
        "nobody is named, and no setting of the bot names default rooms",
        fix=f"{TO}\n  Or set TELEGRAM_ROOMS, DISCORD_ROOMS or TWITTER_ROOMS; a bot that runs"
        " reads them at its start.",
    )


async def _worded(wish: Wish, output: Output | None, files: Files, ask: Ask) -> dict[str, Any]:
    if output is None:
        return wish.order(files)
    order = replace(wish, message="…").order(files)
    preview = await ask("POST", "/api/campaigns/preview", order)
    return order | fitted(output, order, tuple(preview["counts"]), files)


async def _end(ask: Ask, campaign: Campaign, patience: float) -> Progress:
    """How it ended; what has not left in time is withdrawn, and it is told what it waited for."""
    deadline, hope = time.monotonic() + patience, Hope(ask)
    while True:
        progress = await progress_of(ask, campaign.id)
        if progress.campaign.is_over:
            return progress
        is_stuck = progress.campaign.state is CampaignState.PAUSED or await hope.is_lost(progress)
        if is_stuck or time.monotonic() > deadline:
            break
        await asyncio.sleep(LOOK_SECONDS)
    await ask("POST", f"/api/campaigns/{campaign.id}/cancel")
    ended = await progress_of(ask, campaign.id)
    waits = {name: hidden(why) for name, why in progress.waits.items()} | hope.lost
    if reason := hidden(progress.campaign.reason):
        waits["campaign"] = reason
    return ended.model_copy(update={"waits": waits})


class Hope:
    """Whether those who have not got it may yet: not where their account is down for good.

    Attributes:
        lost: by the name of such an account, why, and what to do about it.
    """

    def __init__(self, ask: Ask) -> None:
        self.lost: dict[str, str] = {}
        self._ask, self._counts, self._since = ask, dict[str, dict[str, int]](), 0.0

    async def is_lost(self, progress: Progress) -> bool:
        """Whether nobody of them may; more of the audience may be counted up to now."""
        if progress.counts != self._counts:
            self._counts, self._since = progress.counts, time.monotonic()
        waiting = {name for name, one in progress.counts.items() if any(map(one.get, OPEN))}
        if not waiting or time.monotonic() - self._since < SETTLED_SECONDS:
            return False
        health = await self._ask("GET", "/api/health")
        failed = {name for name in waiting if _has_failed(health.get(name, {}))}
        self.lost = {name: _why(health[name]) for name in failed}
        return failed == waiting


def _has_failed(health: dict[str, Any]) -> bool:
    """Whether a person has to do something before the service works: it gave up, or knows what."""
    if health.get("state") == ServiceState.RUNNING:
        return bool(health["status"] == Status.DOWN and health["fix"] != WAIT)
    return health.get("state") == ServiceState.FAILED


def _why(health: dict[str, Any]) -> str:
    return "\n  ".join(filter(None, (health["why"], health["fix"])))


def _status(progress: Progress) -> int:
    counts = progress.counts.values()
    total = sum(sum(one.values()) for one in counts)
    sent = sum(one.get(RecipientState.SENT, 0) for one in counts)
    if not sent:
        return NOTHING_SENT
    return ALL_SENT if sent == total else SOME_FAILED


async def _explain(ask: Ask, progress: Progress) -> None:
    """Print who did not get it, and why."""
    for name, why in progress.waits.items():
        typer.echo(f"{name}: {why}", err=True)
    states = [one for one in RecipientState if one is not RecipientState.SENT]
    query = "&".join([f"limit={NAMED}", *(f"state={one}" for one in states)])
    found = await ask("GET", f"/api/campaigns/{progress.campaign.id}/recipients?{query}")
    for one in map(Recipient.model_validate, found):
        address = f"{account_name(one.platform, one.account)}:{hidden(one.room)}"
        why = f": {hidden(one.reason)}" if one.reason else ""
        typer.echo(f"{address} {one.state}{why}", err=True)
    typer.echo(f"  See: townhall campaigns show {progress.campaign.id}", err=True)
