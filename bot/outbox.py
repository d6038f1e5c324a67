"""From a Content to parts in the outbox, and to the sender of the account."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from uuid import UUID, uuid4

import structlog

from bot.capabilities import Capabilities
from bot.cluster import Lease
from bot.commit import Commit
from bot.content import Content, Verb
from bot.errors import ConfigError
from bot.events import Event
from bot.memory import Entity, Memory, Room
from bot.part import Part, Priority
from bot.records import Delivery
from bot.render import render
from bot.sender import Sender
from bot.store import Store
from bot.value import now, uid_at

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
        self._own: dict[tuple[str, str], UUID] = {}

    def add(
        self,
        commit: Commit,
        delivery: Delivery,
        *,
        event: Event | None = None,
        targets: Sequence[str] = (),
    ) -> tuple[Part, ...]:
        """Write a delivery, its parts and the Memory of what it says into `commit`.

        Args:
            event: what it answers.
            targets: the platform's references of the messages that its verb is about.
        """
        parts = self.rendered(delivery, event=event, targets=targets)
        self.enqueue(commit, delivery, parts)
        return parts

    def rendered(
        self, delivery: Delivery, *, event: Event | None = None, targets: Sequence[str] = ()
    ) -> tuple[Part, ...]:
        """The parts of a delivery; see `add`."""
        parts = render(
            delivery,
            self.capabilities(delivery.room),
            reply_to=event.message if event else None,
            via=event.via if event else None,
            targets=targets,
        )
        if not parts:
            logger.warning(
                "nothing in it can be sent",
                room=delivery.room.key,
                verb=delivery.content.verb,
                key=delivery.event,
            )
        return parts

    def enqueue(
        self,
        commit: Commit,
        delivery: Delivery,
        parts: Sequence[Part],
        *,
        departing: bool = False,
    ) -> None:
        """Write a delivery with parts and the Memory of what it says into `commit`.

        Args:
            departing: see `departing`.
        """
        if parts:
            if said := self._said(delivery):
                commit.remember(said)
            commit.enqueue(delivery, parts, departing=departing)

    def departing(self, parts: Sequence[Part]) -> Departure:
        """Hand parts for one room to their sender once the block has stored them."""
        return Departure(self, parts)

    def sender(self, room: Room) -> Sender | None:
        """Who sends to a room."""
        return self.senders.get((room.platform, room.account))

    async def targets(self, content: Content, event: Event | None = None) -> tuple[str, ...]:
        """The platform's references of the messages that the verb of `content` is about.

        An edit is about one message of each part, which has the part's words.
        """
        if content.verb is Verb.SAY or content.target is None:
            return ()
        if event and event.message and content.target == event.memory_id:
            return (event.message,)
        messages = await self.store.messages(content.target)
        if content.verb is not Verb.EDIT or not messages:
            return tuple(messages)
        further = {
            message
            for one in {d.id for m in messages for d in await self.store.deliveries_of(m)}
            for out in await self.store.parts(one)
            for message in (out.receipt.more if out.receipt else ())
        }
        return tuple(one for one in messages if one not in further)

    def _said(self, delivery: Delivery) -> Memory | None:
        """What is remembered of a delivery: words of ours, or what became of a message."""
        verb, at, content = delivery.content.verb, delivery.created_at, delivery.content
        if verb in (Verb.REACT, Verb.UNREACT, Verb.REPOST):
            return None
        if verb is not Verb.SAY:
            content = content.model_copy(update={"verb": Verb.SAY, "target": None})
        return Memory(
            id=delivery.memory,
            room_id=delivery.room.id,
            entity_id=self._me(delivery.room),
            created_at=at,
            content=content,
            revision=0 if verb is Verb.SAY else round(at.timestamp() * 1000),
            deleted=verb is Verb.DELETE,
        )

    def _me(self, room: Room) -> UUID:
        """The id of the bot in a room, which is the same in all rooms of an account."""
        account = (room.platform, room.account)
        if account not in self._own:
            self._own[account] = self.me(room).id
        return self._own[account]

    async def send(
        self, room: Room, content: Content, *, priority: Priority = Priority.NORMAL
    ) -> UUID:
        """Say something of our own accord; the id of the delivery, once it is stored.

        Whoever gives up waiting does not stop it halfway.

        Raises:
            ConfigError: no connector speaks for the room's account.
            StoreError: nothing was stored.
        """
        if (room.platform, room.account) not in self.senders:
            raise ConfigError(
                f"no connector speaks for {room.platform}/{room.account}",
                fix=f"Set up {room.platform} first; `townhall check` says what it needs.",
            )
        return await asyncio.shield(self._send(room, content, priority))

    async def _send(self, room: Room, content: Content, priority: Priority) -> UUID:
        new = uid_at(now(), "sent", str(uuid4()))
        delivery = Delivery(id=new, room=room, content=content, priority=priority)
        targets = await self.targets(content)
        parts = self.rendered(delivery, targets=targets)
        async with (
            self.departing(parts) as departing,
            self.store.commit(self.lease) as c,
        ):
            c.put_room(room)
            self.enqueue(c, delivery, parts, departing=departing)
        return delivery.id

    def put(self, parts: Iterable[Part]) -> None:
        """Hand parts that have just been committed to their senders."""
        for part in parts:
            if sender := self.sender(part.room):
                sender.put([part])


class Departure:
    """A block that stores parts for one room; see `Outbox.departing`.

    Gives whether the first leaves from there at once: then it is to be stored as being sent, which
    spares a commit on its way.
    """

    def __init__(self, outbox: Outbox, parts: Sequence[Part]) -> None:
        self._outbox, self._parts = outbox, parts
        self._sender: Sender | None = None

    async def __aenter__(self) -> bool:
        sender = self._outbox.sender(self._parts[0].room) if self._parts else None
        if sender and sender.reserve(self._parts[0]):
            self._sender = sender
        return self._sender is not None

    async def __aexit__(self, kind: type[BaseException] | None, *exc: object) -> None:
        sender, parts = self._sender, self._parts
        if sender is None:
            if kind is None:
                self._outbox.put(parts)
        elif kind is None:
            if not sender.launch(parts):
                await sender.recall(parts[0])
        elif issubclass(kind, asyncio.CancelledError):
            await sender.recall(parts[0])  # the store may be writing it
        else:
            sender.release(parts[0])
