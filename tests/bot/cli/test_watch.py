"""Watching a campaign: what is shown, and who ends what."""

from __future__ import annotations

import asyncio
import os
import signal
from io import StringIO

import pytest
from rich.console import Console

from bot.campaign import Campaign, CampaignState, Progress
from bot.cli.watch import duration, watch
from bot.content import Content
from bot.errors import TownhallError
from bot.web.address import Nobody

CAMPAIGN = Campaign(content=Content(text="News"), audience=("all",), state=CampaignState.RUNNING)
DONE = CAMPAIGN.model_copy(update={"state": CampaignState.DONE})


def seen(sent, *, of=100, campaign=CAMPAIGN, **fields):
    """So many of a hundred have it, five never will."""
    counts = {"telegram": {"sent": sent, "failed": 5, "queued": of - sent - 5}}
    return Progress(campaign=campaign, counts=counts, **fields)


def asking(*answers):
    """Gives one answer after the other; errors are raised."""
    left = list(answers)

    async def ask():
        answer = left.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return ask


async def watched(*answers, terminal=False):
    file = StringIO()
    console = Console(file=file, force_terminal=terminal, width=100, highlight=False)
    last = await watch(asking(*answers), console=console, every=0.001)
    return last, file.getvalue()


async def test_a_file_gets_lines():
    """Few of them: when there is news, and at the end."""
    moving = {"per_second": {"telegram": 29.8}, "eta": {"telegram": 75.0}}
    answers = [seen(n, **moving) for n in range(1, 50)]
    last, text = await watched(*answers, seen(95, campaign=DONE))
    lines = text.splitlines()
    assert lines[0] == "telegram 6/100  29.8/s  1 min 15 s left  5 failed"
    assert lines[1:] == ["telegram 100/100  5 failed", "done"]
    assert last.campaign.is_over


async def test_a_terminal_gets_bars():
    """With the title above them."""
    _, text = await watched(seen(10), seen(95, campaign=DONE), terminal=True)
    assert "News" in text
    assert "━" in text
    assert "100/100" in text


async def test_it_says_why_nothing_moves():
    """By the account that waits."""
    paused = CAMPAIGN.model_copy(update={"state": CampaignState.PAUSED, "reason": "20 rejections"})
    waiting = seen(1, waits={"telegram": "quiet hours until 07:00"})
    _, text = await watched(waiting, seen(1, campaign=paused), seen(95, campaign=DONE))
    assert "waits: quiet hours until 07:00" in text
    assert "paused 20 rejections" in text


async def test_it_waits_for_a_bot_that_is_restarted():
    """The campaign goes on when the bot does; one that never answered is an error."""
    _, text = await watched(seen(1), Nobody("gone"), seen(95, campaign=DONE))
    assert "the bot does not answer" in text
    assert text.endswith("done\n")
    for error in (Nobody("gone"), TownhallError("no such campaign")):
        with pytest.raises(TownhallError):
            await watched(error)


async def test_to_stop_watching_stops_nothing():
    """Ctrl-C ends the watching, and says how to look again."""
    file = StringIO()

    async def ask():
        os.kill(os.getpid(), signal.SIGINT)
        return seen(1)

    async with asyncio.timeout(10):
        last = await watch(ask, console=Console(file=file, width=100), every=60)
    assert last.campaign.state is CampaignState.RUNNING
    assert f"The campaign goes on. Look again: townhall campaigns show {CAMPAIGN.id}" in (
        file.getvalue()
    )


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.4, "0 s"),
        (59.6, "1 min 0 s"),
        (3_599, "59 min 59 s"),
        (5_400, "1 h 30 min"),
        (9e4, "1 d 1 h"),
    ],
)
def test_lengths_of_time_are_told_in_two_units(seconds, words):
    """More would only be noise."""
    assert duration(seconds) == words
