"""The figures of an ordeal."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Collection
from dataclasses import asdict, dataclass, field
from typing import Any

from bot.cli.torture.tally import Place


@dataclass(frozen=True, slots=True)
class Figures:
    """What was seen and counted up to some moment.

    Args:
        asked: how many questions were asked.
        lost: how many of them have no whole answer.
        twice: how many were decided, or stamped, twice.
        out_of_order: how many lines came after a later one of their room.
        repeated: how many messages said again what was said already, by their first line.
        ambiguous: how often nobody could know what had happened, as the bot counts.
        repeatable: how often a message may have been said again for that reason.
        held: what waits for a person because of that.
    """

    asked: int = 0
    lost: int = 0
    twice: int = 0
    out_of_order: int = 0
    repeated: Counter[Place] = field(default_factory=Counter)
    ambiguous: Counter[Place] = field(default_factory=Counter)
    repeatable: Counter[Place] = field(default_factory=Counter)
    held: frozenset[Place] = frozenset()

    @property
    def unexplained(self) -> Counter[Place]:
        """The repetitions that are more than the bot can have been in doubt about."""
        return self.repeated - self.repeatable


@dataclass(slots=True)
class Row:
    """What came of a fault.

    Args:
        disorders: whether the platform told things out of order, so that answers may be, too.
        repeated: how many messages said again what was said already.
        unexplained: how many of these the bot knew, or could have known, to have arrived.
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

    def suffered(self, wrong: Collection[str], lost: int, seconds: float) -> None:
        """One more time."""
        self.times += 1
        self.wrong += wrong
        self.lost += lost
        self.seconds.append(seconds)

    @property
    def is_well(self) -> bool:
        """Whether all was well, as far as the platforms let anyone."""
        in_order = self.disorders or not self.out_of_order
        return in_order and not (self.lost or self.twice or self.unexplained or self.wrong)


@dataclass(slots=True)
class Report:
    """What came of all of them.

    Args:
        planned: how many faults there are to be.
        complete: whether all were suffered, and their consequences waited for.
        left: how many questions were without an answer at the end.
        last_words: the end of the bot's log, where something is wrong.
    """

    seed: int
    planned: int = 0
    complete: bool = False
    rows: dict[str, Row] = field(default_factory=dict)
    seconds: float = 0.0
    left: int = 0
    last_words: str = ""
    _seen: Figures = field(default_factory=Figures)
    _doubts: defaultdict[Place, deque[Row]] = field(default_factory=lambda: defaultdict(deque))

    def begin(self, now: Figures) -> None:
        """What was until now is due to no fault."""
        self._seen = now

    def add(self, row: Row, now: Figures) -> None:
        """What is new is due to this fault, or to the one that left the bot in doubt about it."""
        before, self._seen = self._seen, now
        row.asked += now.asked - before.asked
        row.twice += now.twice - before.twice
        row.out_of_order += now.out_of_order - before.out_of_order
        for place in (now.ambiguous - before.ambiguous).elements():
            row.ambiguous += 1
            self._doubts[place].append(row)
        for place in now.held - before.held:
            (self._doubts[place] or [row])[0].held += 1
        unexplained = now.unexplained - before.unexplained
        for place, times in (now.repeated - before.repeated).items():
            self._repeat(place, times, unexplained[place], row)

    def _repeat(self, place: Place, times: int, unexplained: int, row: Row) -> None:
        culprit = row
        for _ in range(times):
            culprit = self._doubts[place].popleft() if self._doubts[place] else row
            culprit.repeated += 1
        culprit.unexplained += unexplained

    @property
    def asked(self) -> int:
        """How many questions were asked."""
        return self._seen.asked

    @property
    def suffered(self) -> int:
        """How many faults there were."""
        return sum(row.times for row in self.rows.values())

    @property
    def held(self) -> int:
        """How many questions wait for a person."""
        return len({number for number, _ in self._seen.held})

    @property
    def is_well(self) -> bool:
        """Whether nothing was lost, nor said twice that need not be."""
        return not self.left and all(row.is_well for row in self.rows.values())

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "seed": self.seed,
            "well": self.is_well,
            "complete": self.complete,
            "seconds": round(self.seconds, 1),
            "asked": self.asked,
            "left": self.left,
            "held": self.held,
            "faults": {name: _row(row) for name, row in self.rows.items()},
        }


def _row(row: Row) -> dict[str, Any]:
    rounded = [round(one, 2) for one in row.seconds]
    return {name: value for name, value in asdict(row).items() if name != "fault"} | {
        "seconds": rounded,
        "well": row.is_well,
    }
