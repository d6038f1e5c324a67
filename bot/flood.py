"""Who says too much is answered slowly, and without delaying others."""

from __future__ import annotations

import time
from collections import deque
from uuid import UUID

from bot.events import Event
from bot.memory import Entity, Room
from bot.value import uid

SECONDS = 60.0
"""The length of the window in which a person's events are counted."""

MANY = 10_000
"""How many people are counted at once; whoever was quiet for longest is forgotten first."""


class Flood:
    """Gives each event its lane: that of its room, or, beyond a limit, one of its sender's own.

    Args:
        limit: how many events of one person, in one room of several, go into the room's lane within
            a minute. Those beyond it go into a lane of their own, at this pace.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._seen: dict[tuple[UUID, UUID], deque[float]] = {}

    @property
    def pace(self) -> float:
        """Seconds between two turns of a lane that somebody has to themselves."""
        return SECONDS / self._limit

    def lane(self, event: Event) -> UUID | None:
        """The lane for an event whose turn is due, which is counted."""
        room, sender = event.room, event.sender
        if room is None or sender is None or room.is_private or event.is_asked:
            return room.id if room else None
        place, now = (room.id, sender.id), time.monotonic()
        times = self._seen.pop(place, None) or deque(maxlen=self._limit)
        self._seen[place] = times
        while len(self._seen) > MANY:
            del self._seen[next(iter(self._seen))]
        if len(times) == self._limit and now - times[0] < SECONDS:
            return own_lane(room, sender)
        times.append(now)
        return room.id

    def uncount(self, event: Event, lane: UUID | None) -> None:
        """Say that an event was known already, or was not stored after all.

        Args:
            lane: what `lane` gave for it.
        """
        room, sender = event.room, event.sender
        if room is None or sender is None or lane != room.id or event.is_asked:
            return
        if times := self._seen.get((room.id, sender.id)):
            times.pop()


def own_lane(room: Room, sender: Entity) -> UUID:
    """The lane of what somebody says too much in a room."""
    return uid("flood", str(room.id), str(sender.id))
