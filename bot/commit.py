"""Writes that become durable together."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import datetime
from typing import Self
from uuid import UUID

from bot.campaigns import CampaignWrites
from bot.events import Event, Position
from bot.memory import Entity, Memory, Room
from bot.part import Part, Receipt
from bot.records import Accepted, Act, Delivery, EventState, PartState, Step


class Commit(CampaignWrites, ABC):
    """Writes that become durable together when the block ends."""

    @abstractmethod
    def accept(
        self,
        event: Event,
        state: EventState,
        *,
        lane: UUID | None = None,
        reason: str | None = None,
    ) -> Accepted:
        """Store an event, once per key. Its room must be known: see `put_room`.

        Args:
            lane: where it waits for its turn, if not in its room.
            reason: why no turn is due.
        """

    @abstractmethod
    def attempt(self, seq: int, *, by: int = 1, reason: str | None = None) -> None:
        """Count one more begun turn of an event; -1 takes it back.

        Args:
            reason: what went wrong with the last one, which is among its setbacks from then on.
        """

    @abstractmethod
    def step(self, seq: int, step: Step) -> None:
        """Write a line of a turn's log, over the one of the same ordinal."""

    @abstractmethod
    def finish(self, seq: int, state: EventState, reason: str | None = None) -> None:
        """Say what became of an event; what was needed to answer goes with its end."""

    @abstractmethod
    def reopen(self, seq: int, lane: UUID) -> None:
        """Let an event that was given up wait for a turn again, with all its attempts.

        What was started and not finished is forgotten, so that it is run again.

        Args:
            lane: where it waits, wherever it did before.
        """

    @abstractmethod
    def audit(self, act: Act) -> None:
        """Write down what a person did."""

    @abstractmethod
    def redact(self, platform: str, account: str, message: str) -> None:
        """Take the words out of all events that told of a message."""

    @abstractmethod
    def prune(self, before: datetime, rows: int) -> None:
        """Forget events that were handled, and deliveries that were sent, before a time.

        Memories and links stay; so does all that is not at its end, or was given up.

        Args:
            rows: how many of each at most, the oldest first.
        """

    @abstractmethod
    def remember(self, memory: Memory) -> None:
        """Store a Memory; the newest revision wins, and a tombstone is never undone.

        An edit keeps the first `created_at`, and a tombstone keeps no content.
        """

    @abstractmethod
    def put_room(self, room: Room) -> None:
        """Store a room, its world with it, or update what is known of them.

        What is not told this time (an empty name, no world, a `closed` of None) stays as it was.
        """

    @abstractmethod
    def succeed(self, old: Room, new: Room) -> None:
        """Say that `old` lives on as `new`: its Memories and what still waits move there.

        What a campaign has queued for it moves, too, and `old` is closed.
        """

    @abstractmethod
    def put_entity(self, entity: Entity) -> None:
        """Store a person, or update what is known of them.

        What is not told this time (an empty name, a locale or avatar of None) stays as it was.
        """

    @abstractmethod
    def link(self, platform: str, account: str, message: str, memory: UUID) -> None:
        """Join a platform's message to a Memory; several messages may make up one Memory."""

    @abstractmethod
    def unlink(self, platform: str, account: str, message: str) -> None:
        """Forget which Memory a platform's message belonged to."""

    @abstractmethod
    def move(self, platform: str, account: str, position: Position) -> None:
        """Remember how far a stream was read."""

    @abstractmethod
    def keep(self, platform: str, account: str, name: str, value: str | None) -> None:
        """Write a note of an account's connector over the one of that name; None forgets it."""

    @abstractmethod
    def enqueue(
        self, delivery: Delivery, parts: Sequence[Part], *, departing: bool = False
    ) -> None:
        """Put a delivery and its parts in the outbox, once per id.

        Args:
            departing: whether the first part leaves as soon as this is durable, so that it is
                marked `SENDING` from the beginning.
        """

    @abstractmethod
    def mark(
        self,
        part: Part,
        state: PartState,
        *,
        receipt: Receipt | None = None,
        reason: str | None = None,
        due: datetime | None = None,
    ) -> None:
        """Move a part on its way.

        `SENDING` counts an attempt; `AMBIGUOUS` counts one more unknown outcome; `SENT` links the
        receipt's message to the delivery's Memory.
        """

    @abstractmethod
    def abandon(self, delivery: UUID, reason: str, *, state: PartState = PartState.FAILED) -> None:
        """Mark what is still queued of a delivery as failed, or as held."""

    @abstractmethod
    async def __aenter__(self) -> Self: ...

    @abstractmethod
    async def __aexit__(self, *exc: object) -> None:
        """Make it durable, unless the block raised.

        Raises:
            Fenced: a newer lease of the same name has committed.
            StoreFull: the disk has no room; nothing was written.
            StoreError: anything else; nothing was written.
        """
