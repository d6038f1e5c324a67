"""Who says too much is answered slowly, and without delaying others."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Container
from dataclasses import dataclass
from uuid import UUID

from bot.events import Event
from bot.memory import Entity, Room
from bot.records import Stored
from bot.store import Store
from bot.value import uid

SECONDS = 60.0
"""In this time, a person may be answered as often as the limit says."""

MANY = 10_000
"""How many people are counted at once; whoever was quiet for longest is forgotten first."""

LOOK_SECONDS = 0.5
"""How often what waits for its sender's earlier events looks whether they are answered."""

LOOK_AT = 100
"""How many of the events in a room's lane are looked at for that."""


@dataclass(slots=True)
class Talker:
    """Somebody who speaks in a room of several.

    Args:
        room: the room's lane.
        lane: one of their own.
        used: how many answers they used up; they come back one after the other.
        at: when that was so.
        before: how many of their events wait in the room's lane, or are in hand there.
        behind: how many wait in their own lane.
    """

    room: UUID
    lane: UUID
    used: float = 0.0
    at: float = 0.0
    before: int = 0
    behind: int = 0


class Flood:
    """Gives each event its lane: that of its room, or one of its sender's own.

    A person has so many answers, and gets them back one by one within a minute. What is beyond them
    goes into a lane of their own and waits there; so does what finds as many of its sender's still
    waiting in the room's lane, and all that they say until their own lane is empty.

    Args:
        limit: how many answers a person gets in a minute, in one room of several.
        lanes: those in which something waits.
    """

    def __init__(self, limit: int, lanes: Container[UUID] = ()) -> None:
        self._limit, self._lanes = limit, lanes
        self._pace = SECONDS / limit
        self._talkers: dict[tuple[UUID, UUID], Talker] = {}

    def lane(self, event: Event) -> UUID | None:
        """The lane for an event whose turn is due, which is counted until `end` or `uncount`."""
        if (talker := self._talker(event)) is None:
            return event.room.id if event.room else None
        if self._is_too_much(talker):
            talker.behind += 1
            return talker.lane
        talker.used += 1
        talker.before += 1
        return talker.room

    def uncount(self, event: Event, lane: UUID | None) -> None:
        """Say that an event was known already, or was not stored after all.

        Args:
            lane: what `lane` gave for it.
        """
        if talker := self._talker(event):
            if lane == talker.lane:
                talker.behind -= 1
            elif lane:
                talker.before -= 1
                talker.used -= 1

    def end(self, event: Event) -> None:
        """Say that an event came to its end; somebody's own lane begins after the room's."""
        if talker := self._talker(event):
            if talker.before > 0:
                talker.before -= 1
            elif talker.behind > 0:  # what an earlier process left is not counted
                talker.behind -= 1

    async def wait(self, event: Event, nap: Callable[[float], Awaitable[None]]) -> None:
        """Return when an event in its sender's own lane may be answered, and use up an answer."""
        if talker := self._talker(event):
            while talker.before > 0 and talker.room in self._lanes:
                await nap(LOOK_SECONDS)
            talker.before = 0
            while (excess := self._used(talker) - self._limit + 1) > 0:
                await nap(excess * self._pace)
            talker.used += 1

    def _talker(self, event: Event) -> Talker | None:
        """Who speaks; None where nobody can say too much."""
        room, sender = event.room, event.sender
        if room is None or sender is None or room.is_private or event.is_asked:
            return None
        place = (room.id, sender.id)
        talker = self._talkers.pop(place, None) or Talker(room.id, own_lane(room, sender))
        self._talkers[place] = talker
        if len(self._talkers) > MANY:
            del self._talkers[next(iter(self._talkers))]
        return talker

    def _is_too_much(self, talker: Talker) -> bool:
        if talker.behind > 0 or talker.before >= self._limit:
            return True
        return self._used(talker) > self._limit - 1 or talker.lane in self._lanes

    def _used(self, talker: Talker) -> float:
        """How many answers somebody used up and has not got back by now."""
        now = time.monotonic()
        talker.used = max(talker.used - (now - talker.at) / self._pace, 0.0)
        talker.at = now
        return talker.used


async def has_earlier(store: Store, stored: Stored) -> bool:
    """Whether something that its sender said before waits in the room's lane, by what is stored."""
    room, sender = stored.event.room, stored.event.sender
    if room is None or sender is None:
        return False
    waiting = await store.pending(room=room.id, limit=LOOK_AT)
    earlier = [one.event.sender for one in waiting if one.seq < stored.seq]
    return len(earlier) == LOOK_AT or any(one and one.id == sender.id for one in earlier)


def own_lane(room: Room, sender: Entity) -> UUID:
    """The lane of what somebody says too much in a room."""
    return uid("flood", str(room.id), str(sender.id))
