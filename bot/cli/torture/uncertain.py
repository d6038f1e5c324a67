"""What nobody could know, as the bot's own store has it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Self

from bot.capabilities import Idempotency
from bot.cli.torture.clerk import ASKED
from bot.cli.torture.tally import ANSWERED, Place
from bot.discovery import installed_connectors
from bot.part import Part
from bot.records import EventState, Outgoing, PartState
from bot.stores.sqlite import SqliteStore

MANY = 1_000_000
"""More rows than there are."""
ACTION = -1
"""In place of a line: what the question asked for, besides words."""
NOWHERE = (0, 0)
"""The place of what answers no question."""


class Uncertain:
    """What was sent or done, and may have been so more than once.

    Attributes:
        times: how often it was unknown, by the first line of a part, or the action.
        repeatable: how often a part may have been said again for that reason: never where the
            platform can be asked whether it is there.
        held: what waits for a person: an action was cut short, or a part is held.
    """

    def __init__(self) -> None:
        self.times: Counter[Place] = Counter()
        self.repeatable: Counter[Place] = Counter()
        self.held: set[Place] = set()

    @classmethod
    async def of(cls, database: Path) -> Self:
        """Ask the store."""
        found = cls()
        async with SqliteStore(database, read_only=True) as store:
            for out in await store.outgoing(list(PartState), limit=MANY):
                if out.ambiguous:
                    found._add(out)
            for one in await store.events([EventState.AMBIGUOUS], limit=MANY):
                content = one.event.content
                asked = ASKED.search(content.text) if content else None
                place = (int(asked[1]), ACTION) if asked else NOWHERE
                found.times[place] += 1
                found.held.add(place)
        return found

    @property
    def excused(self) -> set[int]:
        """The questions that wait for a person."""
        return {number for number, _ in self.held}

    def _add(self, out: Outgoing) -> None:
        line = ANSWERED.search(out.part.text)
        place = (int(line[1]), int(line[2])) if line else NOWHERE
        self.times[place] += out.ambiguous
        if not _can_be_asked(out.part):
            self.repeatable[place] += out.ambiguous
        if out.state is PartState.HELD:
            self.held.add(place)


def _can_be_asked(part: Part) -> bool:
    """Whether the platform can tell if a part is there."""
    capabilities = installed_connectors()[part.room.platform].capabilities_for(part.room)
    return capabilities.idempotency is not Idempotency.NONE
