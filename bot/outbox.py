"""From a Content to parts in the outbox, and to the sender of the account."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from uuid import UUID, uuid4

import structlog

from bot.cluster import Lease
from bot.connector import Capabilities, Part, Priority
from bot.errors import ConfigError
from bot.memory import Content, Entity, Memory, Room, now, uid
from bot.render import render
from bot.sender import Sender
from bot.store import Commit, Delivery, Store

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
        self,
        commit: Commit,
        room: Room,
        content: Content,
        *,
        id: UUID,
        event: str | None = None,
        reply_to: str | None = None,
        priority: Priority = Priority.REPLY,
    ) -> tuple[Part, ...]:
        """Write a delivery, its parts and its Memory into `commit`.

        Args:
            id: the delivery's; the same id is one delivery.
            event: the key of the event that it answers.
            reply_to: the platform's reference of the message that it answers.
        """
        memory = Memory(
            id=uid("said", str(id)),
            room_id=room.id,
            entity_id=self.me(room).id,
            created_at=now(),
            content=content,
        )
        delivery = Delivery(
            id=id,
            room=room,
            content=content,
            created_at=memory.created_at,
            priority=priority,
            event=event,
            memory=memory.id,
        )
        parts = render(delivery, self.capabilities(room), reply_to=reply_to)
        if parts:
            commit.remember(memory)
            commit.enqueue(delivery, parts)
        else:
            logger.warning(
                "nothing to send: no text that can be seen", room=room.key, event_key=event
            )
        return parts

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
        delivery = uuid4()
        async with self.store.commit(self.lease) as c:
            c.put_room(room)
            parts = self.add(c, room, content, id=delivery, priority=priority)
        self.put(parts)
        return delivery

    def put(self, parts: Iterable[Part]) -> None:
        """Hand parts that have just been committed to their senders."""
        for part in parts:
            if sender := self.senders.get((part.room.platform, part.room.account)):
                sender.put([part])
