"""Who subscribed to what."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable
from itertools import islice
from typing import TYPE_CHECKING

from bot.audience import Accounts, Kind, parse, shown
from bot.campaign import Imported
from bot.errors import TownhallError
from bot.memory import Room
from bot.services.notification.addresses import Addresses

if TYPE_CHECKING:
    from bot.runtime import Runtime

TOPIC = re.compile(r"(?:tag:)?[\w.-]{1,64}")
CHUNK = 1_000
"""How many addresses are imported in one commit."""

Place = tuple[str, str, str]
"""Platform, account and room."""


class Subscriptions:
    """The lists of topics."""

    def __init__(self, runtime: Runtime, accounts: Accounts, addresses: Addresses) -> None:
        self._runtime, self._store = runtime, runtime.store
        self._accounts, self._addresses = accounts, addresses

    async def subscribe(self, room: Room, topic: str) -> bool:
        """See `NotificationService.subscribe`."""
        place = (room.platform, room.account, room.key)
        known = await self._store.subscribed(checked(topic), [place])
        async with self._store.commit(self._runtime.inbox.lease) as c:
            c.put_room(room)
            c.subscribe(*place, checked(topic))
            c.revive(*place)
        return not known

    async def unsubscribe(self, room: Room, topic: str) -> bool:
        """See `NotificationService.unsubscribe`."""
        place = (room.platform, room.account, room.key)
        known = await self._store.subscribed(checked(topic), [place])
        async with self._store.commit(self._runtime.inbox.lease) as c:
            c.unsubscribe(*place, checked(topic))
        return bool(known)

    async def import_rows(self, rows: Iterable[tuple[int, str]], topic: str) -> Imported:
        """See `NotificationService.import_rows`."""
        topic, left = checked(topic), iter(rows)
        added, known, bad = 0, 0, list[tuple[int, str, str]]()
        while chunk := list(islice(left, CHUNK)):
            places = dict.fromkeys([one async for one in self._places(chunk, bad)])
            there = await self._store.subscribed(topic, list(places))
            async with self._store.commit(self._runtime.inbox.lease) as c:
                for place in places.keys() - there:
                    c.subscribe(*place, topic)
            added += len(places) - len(there)
            known += len(chunk) - (len(places) - len(there))
        return Imported(added=added, known=known - len(bad), bad=tuple(bad))

    async def _places(
        self, rows: Iterable[tuple[int, str]], bad: list[tuple[int, str, str]]
    ) -> AsyncIterator[Place]:
        for number, text in rows:
            try:
                member = parse(text)
                if member.kind is not Kind.ADDRESS:
                    raise TownhallError(f"{shown(text)!r} is no address, as telegram:-1001234 is")  # noqa: TRY301 - as those that `parse` raises
                yield self._accounts.address(await self._addresses.member(member))
            except TownhallError as error:
                bad.append((number, shown(text), str(error)))


def checked(topic: str) -> str:
    """A topic's name, as it is stored.

    Raises:
        TownhallError: it cannot be one.
    """
    name = topic.strip().lower()
    if not TOPIC.fullmatch(name):
        raise TownhallError(f"{topic!r} is no topic: use letters, digits, dots and dashes")
    return name
