"""The newest of a list, of those that are asked for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from bot.memory import Room
from bot.records import Outgoing, Stored

PAGE = 500
"""How many are read at a time."""

P = TypeVar("P", Stored, Outgoing)


@dataclass(frozen=True, slots=True)
class Where:
    """What is looked at: all, or only that of a platform, an account, a room.

    Args:
        room: the key of the room.
    """

    platform: str | None = None
    account: str | None = None
    room: str | None = None

    def __bool__(self) -> bool:
        """Whether anything is left out."""
        return any((self.platform, self.account, self.room))

    def has_event(self, one: Stored) -> bool:
        """Whether an event came from there."""
        return self._has(one.event.platform, one.event.account, one.event.room)

    def has_part(self, out: Outgoing) -> bool:
        """Whether a part goes there."""
        room = out.part.room
        return self._has(room.platform, room.account, room)

    def _has(self, platform: str, account: str, room: Room | None) -> bool:
        return (
            self.platform in (None, platform)
            and self.account in (None, account)
            and self.room in (None, room and room.key)
        )


async def newest(
    read: Callable[..., Awaitable[list[P]]], has: Callable[[P], bool], limit: int
) -> tuple[list[P], int | None]:
    """The last `limit` that `has` says yes to, in order; and how many there are, if no more.

    Args:
        read: the newest first, `limit` of them, from before the place `before`.
    """
    found: list[P] = []
    before: int | None = None
    while len(found) <= limit:
        page = await read(before=before, limit=PAGE)
        found += filter(has, page)
        if len(page) < PAGE:
            break
        before = page[-1].seq
    return found[:limit][::-1], len(found) if len(found) <= limit else None
