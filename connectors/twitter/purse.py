"""What X costs: the prices, what was spent, and how much may still be.

X charges for each resource that it returns and for each thing that is written, a resource once a
day by UTC (docs.x.com/x-api/getting-started/pricing). People and media that come along with a post
are counted too: X does not say that they are free.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Protocol

from pydantic import ValidationError
from structlog.typing import FilteringBoundLogger

from bot.content import Verb
from bot.errors import RateLimited, StoreError
from bot.part import Part
from bot.value import Value, now
from connectors.twitter.length import has_link

PRICES: Mapping[str, float] = {
    "owned": 0.001,
    "post": 0.005,
    "user": 0.010,
    "dm": 0.010,
    "media": 0.005,
    "profile": 0.005,
    "create": 0.015,
    "link": 0.200,
    "reply": 0.010,
    "message": 0.015,
    "interaction": 0.015,
    "delete": 0.010,
}
"""US dollars, as X published them in June 2026 (docs.x.com/x-api/getting-started/pricing)."""

READ_SHARE = 0.7
"""How much of a budget may go into reading and broadcasts; the rest is kept for replies."""

HEAD_START = 0.1
"""How much of a day's share may be spent at its very beginning."""

SLOWEST = 900.0
"""Seconds; however little money is left, looks are not further apart while there is some."""

NOTE = "spent"


def priced(lines: Iterable[str]) -> dict[str, float]:
    """Prices written as `post=0.005`.

    Raises:
        ValueError: one is no price, or is the price of nothing that we know.
    """
    found = {}
    for line in lines:
        name, _, value = map(str.strip, line.partition("="))
        if name not in PRICES:
            raise ValueError(f"must name one of {', '.join(PRICES)}, as in post=0.005")
        try:
            found[name] = float(value)
        except ValueError:
            raise ValueError(f"must give {name} a price, as in {name}=0.005") from None
        if not 0 <= found[name] < math.inf:
            raise ValueError(f"must give {name} a price that is not negative")
    return found


class OutOfBudget(RateLimited):
    """What the settings allow is spent: it goes on with the next day or month."""


class Notes(Protocol):
    """Where something is written down durably; every `Connector` is one."""

    async def note(self, name: str) -> str | None:
        """What was written."""
        ...  # pragma: no cover

    async def keep(self, name: str, value: str | None) -> None:
        """Write it."""
        ...  # pragma: no cover


class Spent(Value):
    """What was spent in a day and in its month, both by UTC, in US dollars.

    Args:
        day: as 2026-01-31.
    """

    day: str = ""
    today: float = 0.0
    this_month: float = 0.0

    def on(self, day: str) -> Spent:
        """The same, seen on another day: what is over counts no more."""
        if day == self.day:
            return self
        return Spent(day=day, this_month=self.this_month if day[:7] == self.day[:7] else 0.0)

    def plus(self, cost: float) -> Spent:
        """The same after spending more, or less where it is negative: never less than nothing."""
        today, month = max(self.today + cost, 0.0), max(self.this_month + cost, 0.0)
        return self.model_copy(update={"today": today, "this_month": month})


def dollars(cost: float) -> str:
    """In words, rounded up to the tenth of a cent: `$0.015`, but `$60.00`."""
    up = math.ceil(round(cost * 1000, 6)) / 1000
    return f"${up:,.3f}".removesuffix("0")


def kind_of(part: Part) -> str:
    """What a part is, by the names of `PRICES`."""
    if part.verb is not Verb.SAY:
        return "delete" if part.verb is Verb.DELETE else "interaction"
    if part.room.key.startswith("dm/"):
        return "message"
    if has_link(part.text):
        return "link"
    return "reply" if part.reply_to else "create"


class Purse:
    """The money of one account.

    Args:
        day, month: how much may be spent, in US dollars; None for any amount.
        prices: those that differ from `PRICES`.
    """

    def __init__(
        self,
        notes: Notes,
        logger: FilteringBoundLogger,
        *,
        day: float | None = None,
        month: float | None = None,
        prices: Mapping[str, float] = PRICES,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._notes, self._logger, self._clock = notes, logger, clock
        self.day, self.month, self.prices = day, month, {**PRICES, **prices}
        self._spent = Spent()
        self._paid: set[str] = set()

    async def open(self) -> None:
        """Read what was spent before."""
        try:
            self._spent = Spent.model_validate_json(await self._notes.note(NOTE) or "{}")
        except ValidationError:
            self._logger.warning("what was spent on x before is not known")

    @property
    def spent(self) -> Spent:
        """What was spent today and this month."""
        today = self._clock().date().isoformat()
        if today != self._spent.day:
            self._spent = self._spent.on(today)
            self._paid.clear()
        return self._spent

    def __str__(self) -> str:
        spent = self.spent
        return f"${spent.today:,.3f} spent today, ${spent.this_month:,.2f} this month"

    def left(self, share: float = READ_SHARE) -> float:
        """How much of that share of the budgets is left, in US dollars."""
        spent = self.spent
        limits = ((self.day, spent.today), (self.month, spent.this_month))
        return min(
            (limit * share - used for limit, used in limits if limit is not None), default=math.inf
        )

    def room(self, *kinds: str, along: Iterable[str] = (), most: int = 1, least: int = 1) -> int:
        """How many may be read, at most `most`.

        Args:
            kinds: what each of them is, and what comes with it.
            along: what may come with it: so much is expected, unless that leaves nothing.

        Raises:
            OutOfBudget: not even `least`.
        """
        price = sum(self.prices[kind] for kind in kinds)
        dearest, left = price + sum(self.prices[kind] for kind in along), self.left()
        if price and left < least * price:
            raise self._exhausted(least * price, READ_SHARE)
        affordable = most if dearest == 0 or left == math.inf else int(left / dearest)
        return min(most, max(affordable, least))

    def check(self, kind: str, *, is_reply: bool) -> None:
        """See whether something may be written; a reply may use what nothing else may.

        Raises:
            OutOfBudget: it may not.
        """
        share = 1.0 if is_reply else READ_SHARE
        if self.left(share) < self.prices[kind]:
            raise self._exhausted(self.prices[kind], share, room=not is_reply)

    async def pay(self, kind: str, ids: Iterable[str] = ("",)) -> None:
        """Note what was spent.

        Args:
            kind: a name in `PRICES`.
            ids: of what was read, which X counts once a day; without them, it was written.
        """
        await self.pay_all({kind: ids})

    async def pay_all(self, bought: Mapping[str, Iterable[str]]) -> None:
        """Note what was spent at once for several kinds; see `pay`."""
        spent, cost = self.spent, 0.0
        for kind, ids in bought.items():
            new = set(ids) - self._paid
            self._paid |= new - {""}
            cost += self.prices[kind] * len(new)
        if cost:
            await self._spend(spent, cost)

    async def refund(self, kind: str) -> None:
        """Take back what was paid for something that was surely not written."""
        if cost := self.prices[kind]:
            await self._spend(self.spent, -cost)

    async def _spend(self, spent: Spent, cost: float) -> None:
        self._spent = spent.plus(cost)
        try:
            await self._notes.keep(NOTE, self._spent.model_dump_json())
        except StoreError as error:
            # It is done and paid for; only a restart would not know. A full store says so itself.
            self._logger.debug("what was spent on x is not stored", why=str(error))

    def pause(self) -> float:
        """Seconds to wait so that what is left of the day's budget lasts for the day."""
        if self.day is None:
            return 0.0
        share = self.day * READ_SHARE
        moment = self._clock()
        passed = (moment - _midnight(moment)) / timedelta(days=1)
        early = self.spent.today - share * (HEAD_START + (1 - HEAD_START) * passed)
        if early <= 0:
            return 0.0
        return min(SLOWEST, early / share * 86_400) if share else SLOWEST

    def summary(self) -> str:
        """What a day with a hundred mentions costs, and what may be spent."""
        one = self.prices["owned"] + self.prices["user"] + self.prices["reply"]
        limits = [
            f"${limit:,.2f} a {name}"
            for name, limit in (("day", self.day), ("month", self.month))
            if limit is not None
        ]
        return (
            "X is paid per use: a day with 100 mentions, each by another person and answered once, "
            f"costs about ${one * 100:,.2f}, a direct message with its answer about "
            f"${self.prices['dm'] + self.prices['message']:.3f}, a post with a link "
            f"${self.prices['link']:.2f}. Looking costs nothing while there is nothing new. "
            + (
                f"At most {' and '.join(limits)} is spent."
                if limits
                else "Nothing limits it: set TWITTER_BUDGET_DAY or TWITTER_BUDGET_MONTH."
            )
        )

    def _exhausted(self, cost: float, share: float, *, room: bool = False) -> OutOfBudget:
        moment = self._clock()
        is_month = self.month is not None and self.month * share - self.spent.this_month < cost
        name = "TWITTER_BUDGET_MONTH" if is_month else "TWITTER_BUDGET_DAY"
        until = _next_month(moment) if is_month else _midnight(moment) + timedelta(days=1)
        return OutOfBudget(
            f"{name} leaves too little to go on before {until:%Y-%m-%d %H:%M} UTC",
            retry_after=(until - moment).total_seconds() + 1,
            room=room,
        )


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def _next_month(moment: datetime) -> datetime:
    return (_midnight(moment).replace(day=1) + timedelta(days=32)).replace(day=1)
