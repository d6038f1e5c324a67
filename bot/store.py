"""The port of all that is durable.

Writes are collected in a commit and become durable together, or not at all:

    async with store.commit() as c:
        accepted = c.accept(event)
        c.remember(memory)
    if accepted.is_new: ...

Each write is harmless when it is made twice, so a batch can be tried again. What a write answers
can be read once the block has ended.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Self
from uuid import UUID

import structlog

from bot.campaigns import CampaignReads
from bot.cluster import Lease
from bot.commit import Commit
from bot.errors import Fenced, StoreError
from bot.events import Position
from bot.memory import Entity, Memory, Room
from bot.part import Part
from bot.records import (
    Act,
    Delivery,
    EventState,
    Outgoing,
    PartState,
    Step,
    Stored,
)

logger = structlog.get_logger("bot.store")


class Store(CampaignReads, ABC):
    """Opens with `async with`; see the module for how to write."""

    @abstractmethod
    async def __aenter__(self) -> Self:
        """Open it, bring its schema up to date.

        Raises:
            ConfigError: it is not a Townhall database, a newer version's, or held by another.
        """

    @abstractmethod
    async def __aexit__(self, *exc: object) -> None: ...

    @abstractmethod
    def commit(self, lease: Lease | None = None) -> Commit:
        """A block of writes, refused if `lease` is older than the newest that has committed."""

    # events and turns

    @abstractmethod
    async def event(self, key: str) -> Stored | None:
        """The event with that key."""

    @abstractmethod
    async def events_of(self, message: str) -> list[Stored]:
        """What was told of a message, on any account, in order of arrival.

        Args:
            message: the platform's reference, as `Event.message` has it.
        """

    @abstractmethod
    async def events(
        self, states: Sequence[EventState], *, before: int | None = None, limit: int = 100
    ) -> list[Stored]:
        """The events in `states`, the newest first, from before the place `before`."""

    @abstractmethod
    async def pending(
        self, *, after: int = 0, room: UUID | None = None, limit: int = 100
    ) -> list[Stored]:
        """Events that wait for a turn, in order of arrival, from behind `after`.

        Args:
            room: only those of this lane, which is a room's unless `Commit.accept` named another.
        """

    @abstractmethod
    async def pending_rooms(self) -> list[UUID]:
        """The rooms in which events wait for a turn, the longest waiting first."""

    @abstractmethod
    async def steps(self, seq: int) -> list[Step]:
        """The log of a turn, in order."""

    # what is remembered

    @abstractmethod
    async def memory(self, id: UUID) -> Memory | None:
        """A Memory, its tombstone too."""

    @abstractmethod
    async def history(
        self,
        room: UUID,
        *,
        limit: int = 20,
        before: UUID | None = None,
        besides: UUID | None = None,
    ) -> list[Memory]:
        """The newest Memories of a room in the order of their arrival, without tombstones.

        Args:
            before: a Memory; it, and what arrived after it, is left out.
            besides: an entity; what it said is not left out for arriving later.
        """

    @abstractmethod
    async def linked(self, platform: str, account: str, message: str) -> UUID | None:
        """The Memory that a platform's message belongs to."""

    @abstractmethod
    async def messages(self, memory: UUID) -> list[str]:
        """The platform's references of the messages that make up a Memory."""

    @abstractmethod
    async def room(self, id: UUID) -> Room | None:
        """A room."""

    @abstractmethod
    async def rooms(self, platform: str, account: str) -> tuple[Room, ...]:
        """The rooms of an account."""

    @abstractmethod
    async def entity(self, id: UUID) -> Entity | None:
        """A person or bot."""

    @abstractmethod
    async def position(self, platform: str, account: str, stream: str) -> str | None:
        """How far a stream was read."""

    @abstractmethod
    async def positions(self, platform: str, account: str) -> tuple[Position, ...]:
        """How far each stream of an account was read."""

    @abstractmethod
    async def note(self, platform: str, account: str, name: str) -> str | None:
        """A note that `Commit.keep` wrote."""

    # the outbox

    @abstractmethod
    async def delivery(self, id: UUID) -> Delivery | None:
        """A delivery."""

    @abstractmethod
    async def deliveries_of(self, message: str) -> list[Delivery]:
        """The deliveries of which a part became that message, on any account.

        Args:
            message: the platform's reference, as `Receipt.message` has it.
        """

    @abstractmethod
    async def outgoing(
        self, states: Sequence[PartState], *, before: int | None = None, limit: int = 100
    ) -> list[Outgoing]:
        """The parts of all accounts in `states`, the newest first, from before `before`."""

    @abstractmethod
    async def outbox(
        self,
        platform: str,
        account: str,
        states: Sequence[PartState],
        *,
        after: int = 0,
        room: UUID | None = None,
        limit: int = 100,
    ) -> list[Outgoing]:
        """Parts of an account in `states`, in order of sending, from behind `after`."""

    @abstractmethod
    async def outbox_rooms(
        self, platform: str, account: str, states: Sequence[PartState]
    ) -> list[UUID]:
        """The rooms of an account that have parts in `states`, the longest waiting first."""

    @abstractmethod
    async def parts(self, delivery: UUID) -> list[Outgoing]:
        """The parts of a delivery, in order."""

    @abstractmethod
    async def acts(self, *, subject: str | None = None, limit: int = 100) -> list[Act]:
        """What people did, the newest first; to one subject, or to all."""

    @abstractmethod
    async def counts(self) -> dict[str, int]:
        """How many there are: `events.pending`, `parts.sent`, `parts.ever_ambiguous`, ..."""


async def is_of_another(store: Store, message: str, part: Part) -> bool:
    """Whether a message of the account of `part` is known to be another part: two may say the same.

    Args:
        message: the platform's reference, as `Receipt.message` has it.
    """
    account = part.room.platform, part.room.account
    for delivery in await store.deliveries_of(message):
        if (delivery.room.platform, delivery.room.account) == account:
            for out in await store.parts(delivery.id):
                is_there = out.receipt and message in (out.receipt.message, *out.receipt.more)
                if is_there and out.part.id != part.id:
                    return True
    return False


STORE_PAUSE = 1.0
"""How long to wait for a store that cannot write, in seconds."""


async def persist(
    store: Store, write: Callable[[Commit], None], lease: Lease | None = None
) -> None:
    """One commit, tried until the store takes it: for what must not be forgotten once it happened.

    Args:
        write: makes the writes; called again for each try.

    Raises:
        Fenced: somebody else does this work now.
    """
    while True:
        try:
            async with store.commit(lease) as commit:
                write(commit)
        except Fenced:
            raise
        except StoreError as error:
            logger.error("the store cannot write; trying again", error=str(error))  # noqa: TRY400 - no news in the trace
            await asyncio.sleep(STORE_PAUSE)
        else:
            return
