"""A bot under load on all platforms at once, of which one thing after the other goes wrong."""

from __future__ import annotations

import pytest

from bot.cli.torture import suffer
from bot.cli.torture.faults import FAULTS, KILLS, LASTING, MANY_KILLS, programme

SEED = 5

MACHINE = (
    "second bot",
    "frozen",
    "stopped",
    "clock put forward",
    "clock put back",
    "disk full",
)
WIRE = ("requests cut", "answers lost", "answers torn", "503", "429", "connections cut")
GATEWAY = ("told twice", "frame cut", "asked to reconnect", "session invalid", "resume refused")
LOCKED = ("database locked", "killed, database locked")
AWAY = ("told out of order", "zombie", "slow answers", "platforms down", "killed, platforms down")
LIMITED = ("429, nothing told",)
"""A minute is a good guess then, and nothing but waiting."""

SUFFERED = (LIMITED, MACHINE + GATEWAY, WIRE, LOCKED, AWAY)


@pytest.mark.long
@pytest.mark.timeout(150)
@pytest.mark.parametrize("faults", SUFFERED, ids=lambda faults: faults[0])
async def test_whatever_befalls_it_every_question_is_answered_once_and_in_order(faults):
    """Said twice is only what nobody could know to be there, and the bot counts that itself."""
    report = await suffer(faults, SEED)
    assert report.is_well, (report.as_json(), report.last_words)


def test_all_faults_are_suffered_here_but_those_that_last():
    """Kills have a test of their own, `test_kills.py`."""
    here = {name for faults in SUFFERED for name in faults}
    assert here == set(FAULTS) - set(KILLS) - set(LASTING)


def test_a_seed_gives_the_same_faults_again():
    """All of them, and as many kills as asked for."""
    names = list(programme(7, SEED))
    assert names == list(programme(7, SEED))
    assert sum(name in KILLS for name in names) == 7
    assert set(names) <= set(FAULTS)


@pytest.mark.parametrize("seed", range(5))
def test_the_first_kills_are_one_of_each_kind(seed):
    """However few there are."""
    names = [name for name in programme(5, seed) if name in KILLS]
    assert set(names[: len(KILLS)]) == set(KILLS)


def test_what_lasts_a_minute_is_for_those_who_have_time():
    """Who asks for few kills waits for no such thing."""
    assert not set(LASTING) & set(programme(MANY_KILLS - 1, SEED))
    assert set(LASTING) < set(programme(MANY_KILLS, SEED))
