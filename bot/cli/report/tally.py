"""What a report says of all recipients together, counted while they pass by."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from bot.audience import hidden
from bot.campaign import Recipient, RecipientState
from bot.connector import account_name

Pages = AsyncIterable[Sequence[Recipient]]

STEPS = (1, 5, 15, 60, 300, 900, 3_600, 14_400, 86_400)
"""Lengths of time to count by, in seconds; each is some times the one before."""

MOST_SLOTS = 20_000
"""So many counts are kept of times, before they are made of longer ones."""

MOST_REASONS = 1_000
"""So many reasons are told apart."""

OTHER = "other reasons"

MOST_NAMED = 200
"""So many of those who did not get it are named."""

UNSENT = (RecipientState.FAILED, RecipientState.AMBIGUOUS, RecipientState.SKIPPED)


class Timeline:
    """How many were sent when, by account.

    Attributes:
        step: how many seconds are counted together.
    """

    def __init__(self) -> None:
        self.step = STEPS[0]
        self._counts: Counter[tuple[str, int]] = Counter()

    def add(self, account: str, at: datetime) -> None:
        """Count one."""
        self._counts[account, int(at.timestamp()) // self.step] += 1
        if len(self._counts) > MOST_SLOTS and self.step < STEPS[-1]:
            self._widen(next(step for step in STEPS if step > self.step))

    def within(self, most: int) -> dict[str, Counter[int]]:
        """For each account how many were sent by the time they began, in few enough steps.

        Args:
            most: how many steps there may be from the first to the last.
        """
        while self._counts and self.step < STEPS[-1] and self._span() > most:
            self._widen(next(step for step in STEPS if step > self.step))
        found: dict[str, Counter[int]] = {}
        for (account, slot), count in self._counts.items():
            found.setdefault(account, Counter())[slot * self.step] = count
        return found

    def _span(self) -> int:
        slots = [slot for _, slot in self._counts]
        return max(slots) - min(slots) + 1

    def _widen(self, step: int) -> None:
        counts: Counter[tuple[str, int]] = Counter()
        for (account, slot), count in self._counts.items():
            counts[account, slot * self.step // step] += count
        self._counts, self.step = counts, step


@dataclass(slots=True)
class Tally:
    """The figures of a report.

    Attributes:
        reasons: how many did not get it, by state, account and reason.
        unsent: the first of those who did not get it.
    """

    timeline: Timeline = field(default_factory=Timeline)
    reasons: Counter[tuple[RecipientState, str, str]] = field(default_factory=Counter)
    unsent: list[Recipient] = field(default_factory=list)

    @classmethod
    async def of(cls, pages: Pages) -> Self:
        """Read all of them once."""
        tally = cls()
        async for page in pages:
            for one in page:
                tally.add(one)
        return tally

    def add(self, one: Recipient) -> None:
        """Count a recipient."""
        account = account_name(one.platform, one.account)
        if one.state is RecipientState.SENT:
            self.timeline.add(account, one.since)
        elif one.state in UNSENT:
            why = one.state, account, hidden(one.reason) or "no reason is known"
            if why not in self.reasons and len(self.reasons) >= MOST_REASONS:
                why = one.state, account, OTHER
            self.reasons[why] += 1
            if len(self.unsent) < MOST_NAMED:
                self.unsent.append(one)
