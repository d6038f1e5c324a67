"""An update on its way to events."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.connector import Identity, account_name
from bot.events import Event, EventKind
from connectors.telegram.translate.places import PLATFORM
from connectors.telegram.translate.reading import Json, Nonsense, need


@dataclass(frozen=True, slots=True)
class Told:
    """Who was told something, by which way, and the number of the update that tells it."""

    number: int
    account: str
    me: Identity
    how: str

    @property
    def holder(self) -> str:
        """Who has the files that come with it."""
        return account_name(PLATFORM, self.account)

    def event(self, kind: EventKind, at: datetime, *ids: object, **more: Any) -> Event:
        """An event of this account."""
        return Event(
            kind=kind,
            platform=PLATFORM,
            account=self.account,
            ids=tuple(map(str, ids)),
            at=at,
            how=self.how,
            **more,
        )


def moment(raw: Json, name: str = "date") -> datetime:
    """A time, which Telegram gives in seconds since 1970.

    Raises:
        Nonsense: it is none.
    """
    seconds = need(raw, name, int)
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        raise Nonsense(f"{name} must be a time, not {seconds}") from None
