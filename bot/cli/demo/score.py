"""What became of what people said, by what the simulators saw."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.testing.simulator import Said


@dataclass(frozen=True, slots=True)
class Score:
    """The figures of a platform.

    Args:
        asked: how many messages the bot had to answer.
        duplicates: answers beyond the first to a message, and those to what was not for the bot.
        lost: messages without an answer.
        out_of_order: answers that came after the answer to a later message of the room.
        ambiguous: parts of which nobody could know whether they had arrived, as the bot counts.
        latencies: from each message to its answer, in seconds, sorted.
    """

    asked: int
    duplicates: int
    lost: int
    out_of_order: int
    latencies: tuple[float, ...]
    ambiguous: int = 0

    @property
    def answered(self) -> int:
        """How many messages were answered."""
        return self.asked - self.lost

    @property
    def is_perfect(self) -> bool:
        """Whether each was answered once, in order, as far as the platform lets anyone."""
        return not self.lost and not self.out_of_order and self.duplicates <= self.ambiguous

    def percentile(self, share: float) -> float:
        """The latency in ms that `share` of the answers, from 0 to 1, stay within."""
        if not self.latencies:
            return 0.0
        place = max(math.ceil(share * len(self.latencies)) - 1, 0)
        return round(self.latencies[place] * 1000, 1)

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "in": self.asked,
            "answered": self.answered,
            "duplicates": self.duplicates,
            "lost": self.lost,
            "out_of_order": self.out_of_order,
            "ambiguous": self.ambiguous,
            "p50_ms": self.percentile(0.5),
            "p99_ms": self.percentile(0.99),
        }


def score(rooms: Iterable[Sequence[Said]], asked: Collection[str], *, ambiguous: int = 0) -> Score:
    """The figures of a platform.

    Args:
        rooms: what was said in each room, in order.
        asked: the messages that the bot has to answer.
    """
    found = [_score(said, asked) for said in rooms]
    return Score(
        asked=sum(one.asked for one in found),
        duplicates=sum(one.duplicates for one in found),
        lost=sum(one.lost for one in found),
        out_of_order=sum(one.out_of_order for one in found),
        latencies=tuple(sorted(seconds for one in found for seconds in one.latencies)),
        ambiguous=ambiguous,
    )


def _score(said: Sequence[Said], asked: Collection[str]) -> Score:
    questions = [one for one in said if one.message in asked]
    answers = _answers(said, questions)
    first: dict[int, Said] = {}
    for place, answer in answers:
        first.setdefault(place, answer)
    latencies = tuple(first[place].at - questions[place].at for place in first if place >= 0)
    return Score(
        asked=len(questions),
        duplicates=len(answers) - len(latencies),
        lost=len(questions) - len(latencies),
        out_of_order=_inversions([place for place in first if place >= 0]),
        latencies=latencies,
    )


def _answers(said: Sequence[Said], questions: Sequence[Said]) -> list[tuple[int, Said]]:
    """Each answer of the bot, with the place of its question; -1 if it answers none.

    Where the platform's answers name what they answer, what names nothing or the bot's own words
    continues the answer before it. Where they do not, the first answer is to the first question.
    """
    by_bot = [one for one in said if one.by_bot]
    if not any(one.reply_to for one in by_bot):
        return [(n if n < len(questions) else -1, one) for n, one in enumerate(by_bot)]
    places = {question.message: n for n, question in enumerate(questions)}
    people = {one.message for one in said if not one.by_bot}
    return [(places.get(one.reply_to, -1), one) for one in by_bot if one.reply_to in people]


def _inversions(places: Iterable[int]) -> int:
    latest, count = -1, 0
    for place in places:
        count += place < latest
        latest = max(latest, place)
    return count
