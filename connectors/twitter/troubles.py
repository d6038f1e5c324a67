"""What does not work at the moment, told once and shown in health."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.service import Status
from connectors.twitter.errors import OutOfCredit, WrongClock
from connectors.twitter.purse import OutOfBudget

if TYPE_CHECKING:
    from bot.service import Service

BUY = "Buy credits in the X developer console."
SET_CLOCK = "Set this machine's clock, and let it follow a time server (NTP)."
RAISE = "Raise TWITTER_BUDGET_DAY or TWITTER_BUDGET_MONTH, or wait."


class Troubles:
    """The troubles of one account, by what has them."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._known: dict[str, Exception] = {}

    def note(self, name: str, error: Exception) -> None:
        """Something failed; logged if it is news. Money is lacking everywhere or nowhere."""
        is_money = isinstance(error, OutOfCredit | OutOfBudget)
        is_known = name in self._known or (
            is_money and any(type(one) is type(error) for one in self._known.values())
        )
        if not is_known:
            self._service.runtime.logger.warning("x cannot be read", stream=name, why=str(error))
        self._known[name] = error
        self._tell()

    def clear(self, name: str) -> None:
        """It works."""
        if self._known.pop(name, None):
            self._service.runtime.logger.info("x can be read again", stream=name)
        self._tell()

    def _tell(self) -> None:
        if not self._known:
            self._service.report(Status.UP)
            return
        reasons: dict[str, list[str]] = {}
        for name, error in self._known.items():
            reasons.setdefault(str(error), []).append(name)
        why = "; ".join(f"{', '.join(names)}: {reason}" for reason, names in reasons.items())
        fixes = map(fix, self._known.values())
        self._service.report(Status.DEGRADED, why, next(filter(None, fixes), ""))


def fix(error: Exception) -> str:
    """What a person can do about it."""
    if isinstance(error, OutOfCredit):
        return BUY
    if isinstance(error, WrongClock):
        return SET_CLOCK
    return RAISE if isinstance(error, OutOfBudget) else ""
