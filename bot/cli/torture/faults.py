"""All that goes wrong, by name."""

from __future__ import annotations

import random
import resource
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.cli.torture import machine, weather
from bot.cli.torture.weather import MINUTE, Strike, storm, verb
from bot.testing.faults import cut, late, lose, refuse, tear

KILLS = ("killed", "killed while starting", "killed while stopping")
LASTING = ("down for a minute", "503 for a minute")
"""What is endured by programmes of `MANY_KILLS` only."""
MANY_KILLS = 50


@dataclass(frozen=True, slots=True)
class Kind:
    """A fault.

    Args:
        strike: lets it begin and end.
        disorders: whether the platform tells things out of order, so that answers may be, too.
    """

    strike: Strike
    disorders: bool = False


FAULTS: Mapping[str, Kind] = {
    "killed": Kind(machine.killed),
    "killed while starting": Kind(machine.killed_while_starting),
    "killed while stopping": Kind(machine.killed_while_stopping),
    "killed, platforms down": Kind(weather.killed_while_down),
    "killed, database locked": Kind(machine.killed_while_locked),
    "stopped": Kind(machine.stopped),
    "frozen": Kind(machine.frozen),
    "disk full": Kind(machine.disk_full),
    "database locked": Kind(machine.database_locked),
    "second bot": Kind(machine.second_bot),
    "clock put forward": Kind(machine.clock_forward),
    "clock put back": Kind(machine.clock_back),
    "platforms down": Kind(weather.platforms_down(weather.DOWN_SECONDS)),
    "down for a minute": Kind(weather.platforms_down(MINUTE)),
    "connections cut": Kind(verb("disconnect")),
    "requests cut": Kind(storm(cut)),
    "answers lost": Kind(storm(lose, 0.2)),
    "answers torn": Kind(storm(tear, 0.2)),
    "slow answers": Kind(storm(late(1.0))),
    "503": Kind(storm(refuse(503))),
    "503 for a minute": Kind(storm(refuse(503), 1.0, MINUTE)),
    "429": Kind(weather.too_many),
    "429, nothing told": Kind(storm(refuse(429))),
    "frame cut": Kind(verb("cut_next")),
    "session invalid": Kind(verb("invalidate_session")),
    "resume refused": Kind(verb("refuse_resume")),
    "asked to reconnect": Kind(verb("ask_to_reconnect")),
    "zombie": Kind(weather.zombie),
    "told twice": Kind(weather.told_twice),
    "told out of order": Kind(verb("swap_next"), disorders=True),
}
"""Everything but what only some systems can do to a process: see `possible`."""


def possible() -> dict[str, Kind]:
    """The faults that can be made on this system."""
    return {
        name: kind
        for name, kind in FAULTS.items()
        if name != "disk full" or hasattr(resource, "prlimit")
    }


def programme(kills: int, seed: int) -> Iterator[str]:
    """Every fault once, and that many kills between them, in random order.

    The first kills are one of each kind.
    """
    chance = random.Random(f"programme {seed}")  # noqa: S311 - no secret
    left_out = KILLS if kills >= MANY_KILLS else KILLS + LASTING
    others = [name for name in possible() if name not in left_out]
    kinds = chance.sample(KILLS, len(KILLS)) + chance.choices(KILLS, k=kills)
    names = [*others, *[KILLS[0]] * kills]
    chance.shuffle(names)
    for name in names:
        yield kinds.pop(0) if name in KILLS else name
