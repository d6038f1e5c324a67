"""A bot that is killed again and again answers each question once, on all platforms at once."""

from __future__ import annotations

import pytest

from bot.cli.torture import suffer

KILLED = ("killed", "killed while starting", "killed", "killed while stopping", "killed")


@pytest.mark.long
@pytest.mark.timeout(120)
async def test_killed_at_random_moments_it_loses_nothing_and_says_nothing_twice():
    """People talk all the while; said twice is only what nobody could know to be there."""
    report = await suffer(KILLED, 5)
    assert report.is_well, (report.as_json(), report.last_words)
