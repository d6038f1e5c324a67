"""From a Content to parts in the outbox, and to the sender of the account."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from uuid import UUID, uuid4

import structlog

from bot.capabilities import Capabilities
from bot.cluster import Lease
from bot.content import Content
from bot.errors import ConfigError
from bot.memory import Entity, Memory, Room
from bot.part import Part, Priority
from bot.records import Delivery
from bot.render import render
from bot.sender import Sender
from bot.store import Commit, Store

logger = structlog.get_logger("bot.outbox")


class Outbox:
    """Where everything that leaves comes together.

    Args:
        capabilities: what can be done in a room.
        me: who the bot is in a room.
    """

    def __init__(
        self,
        store: Store,
        capabilities: Callable[[Room], Capabilities],
        me: Callable[[Room], Entity],
        lease: Lease | None = None,
    ) -> None:
        self.store, self.lease = store, lease
        self.capabilities, self.me = capabilities, me
        self.senders: dict[tuple[str, str], Sender] = {}

    def add(
        self, commit: Commit, delivery: Delivery, *, reply_to: str | None = None
    ) -> tuple[Part, ...]:
        """Write a delivery, its parts and the Memory of what it says into `commit`.

        Args:
            reply_to: the platform's reference of the message that it answers.
        """
        parts = render(delivery, self.capabilities(delivery.room), reply_to=reply_to)
        if not parts:
            logger.warning("nothing in it can be sent", room=delivery.room.key, key=delivery.event)
        else:
            commit.remember(self._said(delivery))
            commit.enqueue(delivery, parts)
        return parts

    def _said(self, delivery: Delivery) -> Memory:
        return Memory(
            id=delivery.memory,
            room_id=delivery.room.id,
            entity_id=self.me(delivery.room).id,
            created_at=delivery.created_at,
            content=delivery.content,
        )

    async def send(
        self, room: Room, content: Content, *, priority: Priority = Priority.NORMAL
    ) -> UUID:
        """Say something of our own accord; the id of the delivery, once it is stored.

        Whoever gives up waiting does not stop it halfway.

        Raises:
            ConfigError: no connector speaks for the room's account.
        """
        if (room.platform, room.account) not in self.senders:
            raise ConfigError(
                f"no connector speaks for {room.platform}/{room.account}",
                fix=f"Set up {room.platform} first; `townhall check` says what it needs.",
            )
        return await asyncio.shield(self._send(room, content, priority))

    async def _send(self, room: Room, content: Content, priority: Priority) -> UUID:
        delivery = Delivery(id=uuid4(), room=room, content=content, priority=priority)
        async with self.store.commit(self.lease) as c:
            c.put_room(room)
            parts = self.add(c, delivery)
        self.put(parts)
        return delivery.id

    def put(self, parts: Iterable[Part]) -> None:
        """Hand parts that have just been committed to their senders."""
        for part in parts:
            if sender := self.senders.get((part.room.platform, part.room.account)):
                sender.put([part])
