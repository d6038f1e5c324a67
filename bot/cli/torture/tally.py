"""What became of each question, by what the simulator of a platform saw."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field

from bot.cli.torture.clerk import ASKED
from bot.testing.simulator import Said

ANSWERED = re.compile(r"\[(\d+):(\d+):(\w+)\]")

Place = tuple[int, int]
"""A question's number, and a line of its answer."""


@dataclass(slots=True)
class Question:
    """What a person asked.

    Args:
        place: the how-manieth question of its room it is.
        lines: how many lines the answer must have.
        heard: those that were said.
        decisions: which decisions they came from; there must be one.
    """

    number: int
    room: str
    place: int
    lines: int
    heard: set[int] = field(default_factory=set)
    decisions: set[str] = field(default_factory=set)


class Tally:
    """Hears all that is said on a platform.

    Attributes:
        questions: by number.
        repeated: how many messages of the bot said nothing new, by their first line.
        out_of_order: how many lines came after a later one of their room.
    """

    def __init__(self) -> None:
        self.questions: dict[int, Question] = {}
        self.repeated: Counter[Place] = Counter()
        self.out_of_order = 0
        self._forgiven: set[int] = set()
        self._asked: defaultdict[str, int] = defaultdict(int)
        self._latest: defaultdict[str, Place] = defaultdict(lambda: (-1, -1))

    def hear(self, said: Said) -> None:
        """Take in what was said."""
        if said.by_bot:
            self._hear_bot(said)
        elif found := ASKED.search(said.text):
            number = int(found[1])
            place = self._asked[said.room]
            self.questions[number] = Question(number, said.room, place, int(found[2]))
            self._asked[said.room] += 1

    @property
    def waiting(self) -> set[int]:
        """The questions without a whole answer."""
        open_ = {n for n, one in self.questions.items() if len(one.heard) < one.lines}
        return open_ - self._forgiven

    @property
    def twice(self) -> int:
        """How many questions were answered by two decisions."""
        return sum(len(one.decisions) > 1 for one in self.questions.values())

    def forgive(self, lost: Collection[int]) -> None:
        """Wait for these answers no longer."""
        self._forgiven.update(lost)

    def _hear_bot(self, said: Said) -> None:
        new = False
        lines = [(int(n), int(line), decision) for n, line, decision in ANSWERED.findall(said.text)]
        for number, line, decision in lines:
            question = self.questions[number]
            question.decisions.add(decision)
            if line not in question.heard:
                new = True
                question.heard.add(line)
                self._note_order(said.room, (question.place, line))
        if lines and not new:
            self.repeated[lines[0][:2]] += 1

    def _note_order(self, room: str, here: Place) -> None:
        self.out_of_order += here < self._latest[room]
        self._latest[room] = max(here, self._latest[room])
