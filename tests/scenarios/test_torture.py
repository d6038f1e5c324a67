"""A bot under load on all platforms at once, of which one thing after the other goes wrong."""

from __future__ import annotations

import pytest

from bot.cli.torture import suffer
from bot.cli.torture.faults import FAULTS, KILLS, programme

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


@pytest.mark.timeout(120)
@pytest.mark.parametrize("faults", [MACHINE + GATEWAY, WIRE])
async def test_whatever_befalls_it_every_question_is_answered_once_and_in_order(faults):
    """Said twice is only what nobody could know to be there, and the bot counts that itself."""
    report = await suffer(faults, SEED)
    assert report.is_well, (report.as_json(), report.last_words)


def test_a_seed_gives_the_same_faults_again():
    """All of them, and as many kills as asked for."""
    names = list(programme(7, SEED))
    assert names == list(programme(7, SEED))
    assert sum(name in KILLS for name in names) == 7
    assert set(names) <= set(FAULTS)
