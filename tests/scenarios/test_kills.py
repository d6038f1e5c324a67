"""A bot that is killed again and again answers each message once, on all platforms at once."""

from __future__ import annotations

import asyncio
import random

import pytest

from bot.cli.demo.child import Child
from bot.cli.demo.play import CROWD, HOME, OPENING, WORK
from bot.cli.demo.stage import play, raised, settings
from bot.discovery import installed_simulators
from bot.records import PartState
from bot.stores.sqlite import SqliteStore

KILLS = 4


async def ambiguous(database, platform):
    async with SqliteStore(database, read_only=True) as store:
        parts = await store.outbox(platform, "default", list(PartState), limit=10_000)
    return sum(part.ambiguous > 0 for part in parts)


@pytest.mark.timeout(120)
async def test_killed_at_random_moments_it_loses_nothing_and_says_nothing_twice(tmp_path):
    """People whom it knows talk all the while; the process dies under them."""
    async with raised(installed_simulators()) as stages:
        bot = Child(settings(stages.values()), tmp_path)
        async with bot.running(stages):
            for stage in stages.values():
                await play(stage, (*OPENING, *CROWD), 0.0)
                await stage.all_answered(20)
            talk = [asyncio.create_task(play(s, (*WORK, *HOME), 0.25)) for s in stages.values()]
            for _ in range(KILLS):
                await asyncio.sleep(random.uniform(0.1, 0.8))
                await bot.kill()
                await bot.restart(stages)
            await asyncio.gather(*talk)
            for stage in stages.values():
                await stage.all_answered(30)
        for name, stage in stages.items():
            score = stage.score(await ambiguous(bot.database, name))
            assert score.is_perfect, f"{name}: {score}\n{bot.last_words()}"
