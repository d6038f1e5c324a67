"""What the store holds of campaigns: the part of its port that only notifications use."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from bot.audience import Account, Audience
from bot.campaign import Campaign, CampaignState, Dead, Recipient, RecipientState, Sweep
from bot.memory import Room
from bot.records import PartState
from bot.value import Value

Tallies = Mapping[Account, Mapping[RecipientState, int]]


class Slice(Value):
    """A stretch of an audience that is frozen in one commit.

    Args:
        ordinal: its place in the audience, from 1.
        source: what the audience is drawn from here: its addresses, a topic, or an account's rooms.
        account: whose; nothing for addresses.
        after: where it begins, in the order of its source.
        until: where it ends; None at the end of the source.
        is_last: whether the audience ends with it.
    """

    ordinal: int
    source: str
    account: Account | None = None
    topic: str = ""
    after: str = ""
    until: str | None = None
    is_last: bool = False


class Weight(NamedTuple):
    """How many recipients of an account there are in a slice.

    Args:
        skipped: how many of them are known not to take messages.
    """

    account: Account
    recipients: int
    skipped: int


class Fate(NamedTuple):
    """How far a part of a delivery came.

    Args:
        message: the platform's reference of what it became.
    """

    delivery: UUID
    ordinal: int
    state: PartState
    message: str | None
    reason: str | None
    due: datetime | None


class CampaignWrites(ABC):
    """The writes of a commit that are about campaigns."""

    @abstractmethod
    def put_account(self, platform: str, account: str) -> None:
        """Make an account known, so that it can be in an audience."""

    @abstractmethod
    def put_campaign(self, campaign: Campaign) -> None:
        """Store a campaign or its new state; not if another one has its key."""

    @abstractmethod
    def freeze(self, campaign: UUID, audience: Audience, slice: Slice) -> None:
        """Make recipients of a slice of the audience, once; it must be the next one."""

    @abstractmethod
    def settle(self, recipients: Sequence[Recipient]) -> None:
        """Store what became of recipients; each is known by its place."""

    @abstractmethod
    def sweep(self, campaign: UUID, sweep: Sweep, until: int) -> None:
        """Do what a sweep says to recipients behind its place, up to another.

        Each one's revision grows, so that it is a new delivery.
        """

    @abstractmethod
    def readmit(self, recipient: Recipient) -> None:
        """Say that its delivery is on its way again, so that its campaign is over no more."""

    @abstractmethod
    def subscribe(self, platform: str, account: str, room: str, topic: str) -> None:
        """Put a room on the list of a topic."""

    @abstractmethod
    def unsubscribe(self, platform: str, account: str, room: str, topic: str) -> None:
        """Take a room off the list of a topic."""

    @abstractmethod
    def bury(self, platform: str, account: str, room: str, reason: str) -> None:
        """Note that a room takes no messages any more."""

    @abstractmethod
    def revive(self, platform: str, account: str, room: str) -> None:
        """Forget that a room took no messages."""

    @abstractmethod
    def withdraw(self, recipient: Recipient) -> None:
        """Take its delivery out of the outbox and queue it again, unless a part was begun.

        Its revision grows, so that what was taken out never comes back.
        """


class CampaignReads(ABC):
    """What can be asked of a store about campaigns."""

    @abstractmethod
    async def campaign(self, id: UUID) -> Campaign | None:
        """The campaign with that id."""

    @abstractmethod
    async def campaign_of(self, key: str) -> Campaign | None:
        """The campaign with that key."""

    @abstractmethod
    async def campaigns(
        self, states: Sequence[CampaignState] = (), *, limit: int = 50
    ) -> list[Campaign]:
        """Campaigns in `states`, or in any, the newest first."""

    @abstractmethod
    async def under_way(self) -> list[UUID]:
        """The campaigns that have something to do by themselves.

        They are to run, something of them is in the outbox, or somebody waits in what is cancelled.
        """

    @abstractmethod
    async def frozen(self, campaign: UUID) -> Slice | None:
        """The last slice of its audience that was frozen."""

    @abstractmethod
    async def slice(
        self, audience: Audience, after: Slice | None = None, *, size: int
    ) -> Slice | None:
        """The slice of an audience that follows another one; None behind the last."""

    @abstractmethod
    async def weigh(self, audience: Audience, slice: Slice, *, since: datetime) -> list[Weight]:
        """How many recipients a slice would make.

        Args:
            since: who is dead for longer counts as alive.
        """

    @abstractmethod
    async def members(
        self, audience: Audience, slice: Slice, *, limit: int
    ) -> list[tuple[str, str, str]]:
        """Platform, account and room of some of a slice."""

    @abstractmethod
    async def recipients(
        self,
        campaign: UUID,
        states: Sequence[RecipientState] = (),
        *,
        account: Account | None = None,
        after: int = 0,
        limit: int = 1000,
    ) -> list[Recipient]:
        """Recipients in `states`, or in any, in the order of their places, from behind `after`."""

    @abstractmethod
    async def recipient_of(self, delivery: UUID, room: Room) -> Recipient | None:
        """Whose delivery to a room it is or was, where a campaign made it.

        It may have been tried anew since: then its `delivery` is another one.
        """

    @abstractmethod
    async def places(self, campaign: UUID) -> tuple[int, int]:
        """Between which places its recipients are: behind the first, up to the second."""

    @abstractmethod
    async def tallies(self, campaign: UUID) -> Tallies:
        """How many recipients of each account are in which state."""

    @abstractmethod
    async def fates(self, deliveries: Sequence[UUID]) -> list[Fate]:
        """How far the parts of deliveries came, each one's in order."""

    @abstractmethod
    async def rooms_of(self, ids: Sequence[UUID]) -> dict[UUID, Room]:
        """Those of the rooms that are known."""

    @abstractmethod
    async def dead(
        self, platform: str, account: str, rooms: Sequence[str] | None = None
    ) -> dict[str, Dead]:
        """Those of the rooms, or all of the account, that take no messages, by their keys."""

    @abstractmethod
    async def topics(self) -> dict[str, int]:
        """How many rooms are on the list of each topic; a tag's name begins with `tag:`."""

    @abstractmethod
    async def subscribers(
        self, topic: str, *, after: tuple[str, str, str] = ("", "", ""), limit: int = 1000
    ) -> list[tuple[str, str, str]]:
        """Platform, account and room of those on a topic's list, from behind `after`."""

    @abstractmethod
    async def subscribed(
        self, topic: str, rooms: Sequence[tuple[str, str, str]]
    ) -> set[tuple[str, str, str]]:
        """Which of the rooms are on a topic's list."""
