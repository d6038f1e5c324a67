"""The figures of an ordeal."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Figures:
    """What was seen and counted up to some moment.

    Args:
        asked: how many questions were asked.
        lost: how many of them have no whole answer.
        twice: how many were decided, or stamped, twice.
        repeated: how many messages said again what was said already.
        unexplained: how many of these the bot knew to have arrived.
        out_of_order: how many lines came after a later one of their room.
        ambiguous: how often nobody could know what had happened, as the bot counts.
        held: how many questions wait for a person because of that.
    """

    asked: int = 0
    lost: int = 0
    twice: int = 0
    repeated: int = 0
    unexplained: int = 0
    out_of_order: int = 0
    ambiguous: int = 0
    held: int = 0


@dataclass(slots=True)
class Row:
    """What came of a fault.

    Args:
        disorders: whether the platform told things out of order, so that answers may be, too.
        wrong: what the bot should have done, and did not.
        seconds: from the end of each fault to the last answer to what was asked before it.
    """

    fault: str
    disorders: bool = False
    times: int = 0
    asked: int = 0
    lost: int = 0
    twice: int = 0
    repeated: int = 0
    unexplained: int = 0
    out_of_order: int = 0
    ambiguous: int = 0
    held: int = 0
    wrong: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def add(self, before: Figures, after: Figures, lost: int, seconds: float) -> None:
        """One more time."""
        self.times += 1
        self.lost += lost
        self.seconds.append(seconds)
        self.asked += after.asked - before.asked
        self.twice += after.twice - before.twice
        self.repeated += after.repeated - before.repeated
        self.unexplained += after.unexplained - before.unexplained
        self.out_of_order += after.out_of_order - before.out_of_order
        self.ambiguous += after.ambiguous - before.ambiguous
        self.held += after.held - before.held

    @property
    def is_well(self) -> bool:
        """Whether all was well, as far as the platforms let anyone."""
        in_order = self.disorders or not self.out_of_order
        return in_order and not (self.lost or self.twice or self.unexplained or self.wrong)


@dataclass(slots=True)
class Report:
    """What came of all of them.

    Args:
        left: how many questions were without an answer at the end.
        last_words: the end of the bot's log, where something is wrong.
    """

    seed: int
    rows: dict[str, Row] = field(default_factory=dict)
    seconds: float = 0.0
    asked: int = 0
    left: int = 0
    last_words: str = ""

    @property
    def is_well(self) -> bool:
        """Whether nothing was lost, nor said twice that need not be."""
        return not self.left and all(row.is_well for row in self.rows.values())

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "seed": self.seed,
            "well": self.is_well,
            "seconds": round(self.seconds, 1),
            "asked": self.asked,
            "left": self.left,
            "faults": {name: _row(row) for name, row in self.rows.items()},
        }


def _row(row: Row) -> dict[str, Any]:
    rounded = [round(one, 2) for one in row.seconds]
    return {name: value for name, value in asdict(row).items() if name != "fault"} | {
        "seconds": rounded,
        "well": row.is_well,
    }
