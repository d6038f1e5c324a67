"""From a recipient to a delivery, or to why there is none."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

import structlog

from bot.campaign import Campaign, Dead, Recipient, RecipientState
from bot.connector import Connector
from bot.content import Content, Verb
from bot.errors import DeliveryError, Rejected, StoreError
from bot.foreign import foreign
from bot.memory import Room
from bot.part import Part
from bot.records import Delivery, PartState
from bot.services.notification.queue import Queue
from bot.services.notification.reasons import classed
from bot.services.notification.verdict import ended, twice
from bot.store import Store
from bot.value import now, uid

REVISIONS = 8
"""So often a room may have been queued anew by another address, and is still recognised."""

NOTICE = "(This message was withdrawn.)"
"""What a message becomes that cannot be deleted."""

logger = structlog.get_logger("bot.notification")


class Ready(NamedTuple):
    """A recipient, and what is to be sent to it.

    Args:
        delivery: None where nothing is; the recipient says why.
        targets: the platform's references of the messages that it is about.
        begun: parts that failed, where the first ones of the delivery arrived.
        is_new: whether the store does not know the room.
    """

    recipient: Recipient
    delivery: Delivery | None = None
    targets: tuple[str, ...] = ()
    begun: tuple[Part, ...] = ()
    is_new: bool = False


class Preparing:
    """Prepares recipients of one campaign for one connector.

    Args:
        queue: where those are put off that cannot be looked up now.
        dead_for: how long a room that took no message is left alone.
        is_new: whether no recipient was ever taken up before, so that none was queued anew.
        redacted: see `Settings.redacted`.
    """

    def __init__(
        self,
        store: Store,
        campaign: Campaign,
        connector: Connector,
        queue: Queue,
        *,
        dead_for: timedelta,
        is_new: bool,
        redacted: Callable[[str], str],
    ) -> None:
        self._store, self._campaign, self._connector = store, campaign, connector
        self._queue = queue
        self._dead_for, self._revisions = dead_for, 1 if is_new else REVISIONS
        self._redacted = redacted

    async def all(self, recipients: list[Recipient]) -> list[Ready]:
        """Each of them that can be looked up now, no room twice."""
        platform, account = self._connector.platform, self._connector.account
        ids = [uid("room", platform, account, one.room) for one in recipients]
        rooms = await self._store.rooms_of(ids)
        keys = [one.room for one in recipients]
        dead = await self._store.dead(platform, account, keys)
        readies: list[Ready] = []
        for one, room in zip(recipients, ids, strict=True):
            if ready := await self._one(one, rooms.get(room), dead.get(one.room)):
                readies.append(ready)
            elif self._queue.rests:
                break
        return await self._each_once(readies)

    async def _one(
        self, recipient: Recipient, known: Room | None, dead: Dead | None
    ) -> Ready | None:
        """It, prepared; None if it was put off."""
        try:
            room = known or await self._found(recipient.room)
        except Rejected as error:
            why = classed(self._redacted(str(error)))
            return Ready(ended(recipient, RecipientState.FAILED, why))
        except DeliveryError as error:
            self._queue.put_off(recipient, error)
            return None
        if recipient.room != room.key:
            recipient = recipient.model_copy(update={"room": room.key})
        if recipient.verb is not Verb.SAY:
            return await self._taking_back(recipient, room)
        if why := self._hindrance(room, dead):
            return Ready(ended(recipient, RecipientState.SKIPPED, why))
        delivery = self._delivery(recipient, room, self._campaign.content)
        return await self._begun(recipient) or Ready(recipient, delivery, is_new=known is None)

    async def _found(self, address: str) -> Room:
        """The room that an address means.

        Raises:
            Rejected: there is none, or the connector breaks on it.
            DeliveryError: it cannot be looked up now.
        """
        try:
            room = await foreign(self._connector.room_of(address))
        except Rejected:
            self._queue.answered()
            raise
        except (DeliveryError, StoreError):
            raise
        except Exception as error:
            logger.exception("a connector raised what it should have translated")
            raise Rejected(f"{type(error).__name__}: {error}") from error
        self._queue.answered()
        if room is None:
            raise Rejected("nobody has this address")
        return room

    async def _each_once(self, readies: list[Ready]) -> list[Ready]:
        """Without those whose room got it by another address."""
        saying = [
            one.recipient for one in readies if one.delivery and one.recipient.verb is Verb.SAY
        ]
        ids = {key: one.room for one in saying for key in one.deliveries(self._revisions)}
        there = {ids[fate.delivery] for fate in await self._store.fates(list(ids))}
        kept: list[Ready] = []
        for ready in readies:
            one = ready.recipient
            is_new = bool(ready.delivery) and one.verb is Verb.SAY
            kept.append(Ready(twice(one)) if is_new and one.room in there else ready)
            if is_new:
                there.add(one.room)
        return kept

    def _hindrance(self, room: Room, dead: Dead | None) -> str:
        """Why it is not even tried."""
        if room.closed:
            return f"closed: {room.closed}"
        return dead.reason if dead and now() - dead.since < self._dead_for else ""

    async def _begun(self, recipient: Recipient) -> Ready | None:
        """What is left of a delivery of which something arrived: that is not said twice."""
        if not recipient.messages:
            return None
        before = recipient.model_copy(update={"revision": recipient.revision - 1})
        outs = await self._store.parts(before.delivery)
        failed = tuple(out.part for out in outs if out.state is PartState.FAILED)
        return Ready(before, begun=failed) if failed else None

    async def _taking_back(self, recipient: Recipient, room: Room) -> Ready:
        verbs = self._connector.capabilities_for(room).verbs
        if recipient.verb not in verbs and Verb.EDIT in verbs:
            recipient = recipient.model_copy(update={"verb": Verb.EDIT})
        first = recipient.messages[0] if recipient.messages else ""
        memory = await self._store.linked(recipient.platform, recipient.account, first)
        if recipient.verb not in verbs or memory is None:
            why = "not retracted: it can be neither deleted nor edited"
            return Ready(ended(recipient, RecipientState.SENT, why))
        text = NOTICE if recipient.verb is Verb.EDIT else ""
        content = Content(text=text, verb=recipient.verb, target=memory)
        return Ready(recipient, self._delivery(recipient, room, content), recipient.messages)

    def _delivery(self, recipient: Recipient, room: Room, content: Content) -> Delivery:
        priority = self._campaign.priority
        return Delivery(id=recipient.delivery, room=room, content=content, priority=priority)
