"""Whoever tries again waits for a while."""

from __future__ import annotations

from statistics import median

import pytest

from bot.retry import pause


@pytest.mark.parametrize(("tries", "widest"), [(1, 0.5), (3, 2.0), (5, 8.0), (1000, 30.0)])
def test_pauses_grow_are_spread_and_end_at_the_longest(tries, widest):
    """Of many who failed at once, few come back at once; nobody waits for ever."""
    found = [pause(tries, longest=30.0) for _ in range(400)]
    assert min(found) < 0.1 * widest
    assert 0.35 * widest < median(found) < 0.65 * widest
    assert 0.9 * widest < max(found) <= widest
