"""The nouns of notifications: a message to many, who gets it, and how far it came."""

from __future__ import annotations

from datetime import datetime, time
from enum import StrEnum
from uuid import UUID, uuid4

from pydantic import AwareDatetime, Field

from bot.content import Content, Verb
from bot.part import Part, Priority
from bot.value import Value, now, uid


class CampaignState(StrEnum):
    """How far a campaign is."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    CANCELLED = "cancelled"


class RecipientState(StrEnum):
    """What became of one recipient."""

    QUEUED = "queued"
    SENDING = "sending"
    """In the outbox."""
    SENT = "sent"
    FAILED = "failed"
    SKIPPED = "skipped"
    AMBIGUOUS = "ambiguous"
    """Nobody knows whether it arrived, and it must not be sent twice."""
    RETRACTED = "retracted"


OPEN = (RecipientState.QUEUED, RecipientState.SENDING)


class Quiet(Value):
    """Hours in which nobody is written to.

    Args:
        ends: before `begins` where it is on the next day.
        zone: where, as in `Europe/Berlin`.
    """

    begins: time
    ends: time
    zone: str = "UTC"


class Sweep(Value):
    """Recipients that are being brought from some states into another, many at a time.

    Args:
        after: how far it came: those behind this place are left.
    """

    states: tuple[RecipientState, ...]
    to: RecipientState
    verb: Verb = Verb.SAY
    reason: str = ""
    after: int = 0


class Campaign(Value):
    """One message to an audience.

    Args:
        audience: its members, each as a text; see `bot/audience.py`.
        without: members that are left out.
        title: for people who look at the list.
        key: two campaigns with the same key are one.
        by: who asked for it.
        starts_at: not before this.
        over: how many seconds to spread it over; 0 is as fast as the platforms allow.
        reason: why it is paused or cancelled.
        retracting: whether it is being taken back.
        retracted: whether it was, or is being: nobody is to get it any more.
        sweeps: what is to be done to its recipients before anything else, in this order.
    """

    id: UUID = Field(default_factory=uuid4)
    content: Content
    audience: tuple[str, ...]
    without: tuple[str, ...] = ()
    title: str = ""
    key: str | None = None
    state: CampaignState = CampaignState.DRAFT
    priority: Priority = Priority.BULK
    created_at: datetime = Field(default_factory=now)
    by: str = ""
    starts_at: AwareDatetime | None = None
    over: float = Field(default=0.0, ge=0)
    quiet: Quiet | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    reason: str = ""
    retracting: bool = False
    retracted: bool = False
    sweeps: tuple[Sweep, ...] = ()

    @property
    def is_moving(self) -> bool:
        """Whether recipients are taken up, now or later."""
        return self.state in (CampaignState.RUNNING, CampaignState.SCHEDULED)

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen by itself."""
        return self.state in (CampaignState.DONE, CampaignState.CANCELLED)


class Recipient(Value):
    """A room that a campaign goes to.

    Args:
        place: grows in the order of sending.
        room: the `Room.key`, or an address that its connector makes a room of.
        since: when it came into its state.
        messages: the platform's references of what was sent.
        verb: what is being done: `SAY`, or `DELETE` and `EDIT` to take it back.
        revision: grows each time that it is tried anew or taken back.
    """

    place: int
    campaign: UUID
    platform: str
    account: str
    room: str
    state: RecipientState = RecipientState.QUEUED
    reason: str = ""
    since: datetime = Field(default_factory=now)
    messages: tuple[str, ...] = ()
    verb: Verb = Verb.SAY
    revision: int = 0

    @property
    def delivery(self) -> UUID:
        """The delivery to it: the same in every process."""
        return self.deliveries(1)[0]

    @property
    def tried(self) -> list[UUID]:
        """Every delivery to it until now, the newest last."""
        return self.model_copy(update={"revision": 0}).deliveries(self.revision + 1)

    def deliveries(self, count: int) -> list[UUID]:
        """That delivery, and those that would follow it."""
        who = (str(self.campaign), self.platform, self.account, self.room)
        revisions = range(self.revision, self.revision + count)
        return [uid("campaign", *who, str(one)) for one in revisions]


class Dead(Value):
    """A room that does not take messages any more.

    Args:
        since: when that was found out.
    """

    room: str
    reason: str
    since: datetime


class Progress(Value):
    """How far a campaign came, each by the name of the account.

    Args:
        counts: how many recipients are in which state.
        per_second: how many were settled a second, lately.
        eta: the seconds that are left, by the limits of the platform; None where nobody can tell.
        waits: why nothing moves.
    """

    campaign: Campaign
    counts: dict[str, dict[str, int]] = Field(default_factory=dict)
    per_second: dict[str, float] = Field(default_factory=dict)
    eta: dict[str, float | None] = Field(default_factory=dict)
    waits: dict[str, str] = Field(default_factory=dict)


class Preview(Value):
    """What a campaign would be. Nothing of it is stored.

    Args:
        counts: recipients, by the name of the account; those that would be skipped too.
        seconds: the least time that it takes, by the limits of the platform.
        parts: the messages as they will be, by platform.
        losses: what cannot be shown, by platform.
        unknown: members of the audience that name nobody.
        skipped: how many are known not to take messages.
        cost: what the platform takes for it, where it takes something.
    """

    counts: dict[str, int] = Field(default_factory=dict)
    seconds: dict[str, float] = Field(default_factory=dict)
    parts: dict[str, tuple[Part, ...]] = Field(default_factory=dict)
    losses: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    skipped: dict[str, int] = Field(default_factory=dict)
    cost: dict[str, str] = Field(default_factory=dict)


class Imported(Value):
    """What became of rows that were imported.

    Args:
        known: those that were there before.
        bad: line number, line, and what is wrong with it.
    """

    added: int = 0
    known: int = 0
    bad: tuple[tuple[int, str, str], ...] = ()
