"""The platforms' own JSON through the real libraries, with the network left out.

"Stored" is a message that is not for the bot: it is read, translated and committed, and the floor
hands it to a handler that does nothing. "Answered" is one with a turn and an answer, which both
sides hand to their library, and which nobody carries away.
"""

from __future__ import annotations

from collections.abc import Iterator

from figures import Figure, beside

LEAST = {"telegram": 0.6, "discord": 0.5}


def figures(times: int) -> Iterator[Figure]:
    """See the module."""
    for platform, least in LEAST.items():
        script = f"parsing_{platform}.py"
        for said, goal in (("stored", least), ("answered", None)):
            ours, floor = beside(times, script, ("townhall", said), ("floor", said))
            name, unit = f"{platform}, {said}", "events/s"
            yield Figure(name, unit, ours["per_second"], floor["per_second"], least=goal)
