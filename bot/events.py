"""What a platform tells us."""

from __future__ import annotations

from collections.abc import Awaitable
from enum import StrEnum
from functools import cached_property
from typing import Any, Protocol
from uuid import UUID

from pydantic import AwareDatetime, Field

from bot.content import Content
from bot.memory import Entity, Memory, Room
from bot.value import Value, uid


class EventKind(StrEnum):
    """The kinds of events. Only some are answered; see `Event.is_answerable`."""

    MESSAGE = "message"
    EDIT = "edit"
    DELETE = "delete"
    REACTION = "reaction"
    UNREACTION = "unreaction"
    COMMAND = "command"
    BUTTON = "button"
    MEMBERSHIP = "membership"
    PROFILE = "profile"
    """Somebody's name or picture changed."""
    UNKNOWN = "unknown"
    """Something that the platform has added since; kept as it came."""
    MALFORMED = "malformed"


ANSWERABLE = frozenset({EventKind.MESSAGE, EventKind.COMMAND, EventKind.BUTTON})


class Presence(StrEnum):
    """What became of the sender of a `MEMBERSHIP` event in its room."""

    JOINED = "joined"
    LEFT = "left"
    REMOVED = "removed"
    """By somebody else; in a private room, the person blocked us."""


class Call(Value):
    """An action that was asked for by a platform's own kind of command.

    Args:
        arguments: by the names of the action's signature.
    """

    name: str
    arguments: dict[str, Any] = Field(default_factory=dict)


class Position(Value):
    """How far we have read one of a platform's streams, stored with the event that got us there.

    Args:
        stream: the stream's name, for instance a room's key.
        value: the platform's own id or offset.
    """

    stream: str
    value: str


class Event(Value):
    """One thing that a platform told us.

    Args:
        ids: the platform's own ids that tell this event from every other of its kind. Where a
            message id is only unique in its chat, the chat is among them.
        revision: tells two edits of one message apart; grows.
        at: when it happened, by the platform's clock.
        message: the platform's reference of the message, unique on the account.
        reply_to: the reference of the message that this one answers.
        addressed: whether it speaks to the bot (a mention, a reply to it, a DM, a command).
        position: how far this event brings us; stored in the same commit.
        target: the reference of the message that it is about, where it brings none of its own, as a
            reaction does.
        about: the Memory of that message; it is found out when the event is stored.
        answers: likewise, that of the message that this one answers.
        moved_from: the key that the room had before; what is stored of it moves along.
        group: what several messages have in common that make up one Memory, as the photos of an
            album do; unique on the account.
        call: the action asked for, where the platform has commands of its own. Its text says the
            same as a person would have typed it.
        presence: what became of the sender, where this tells of a membership.
        is_own: whether a membership, or a reaction, is our own.
        via: what the connector needs to answer by the same way, as an interaction's token; it is
            handed back with each `Part` of the answer, and never shown.
        responses: what to answer, where somebody has decided already.
        raw: the payload as it came, kept for what could not be understood.
        problem: why it could not be understood.
        how: how we were told: `polling`, `webhook`, `gateway`, `stream`, `history` (read back after
            we were away); empty where there is only one way.
    """

    kind: EventKind
    platform: str
    account: str
    ids: tuple[str, ...]
    at: AwareDatetime
    revision: int = 0
    room: Room | None = None
    sender: Entity | None = None
    content: Content | None = None
    message: str | None = None
    reply_to: str | None = None
    addressed: bool = False
    position: Position | None = None
    target: str | None = None
    about: UUID | None = None
    answers: UUID | None = None
    moved_from: str | None = None
    group: str | None = None
    call: Call | None = None
    presence: Presence | None = None
    is_own: bool = False
    via: dict[str, str] | None = Field(default=None, repr=False)
    responses: tuple[Content, ...] = ()
    raw: Any = None
    problem: str | None = None
    how: str = ""

    @cached_property
    def key(self) -> str:
        """Two events with the same key are the same event, told twice."""
        where = f"{self.platform}:{self.account}:{self.kind}:{_joined(self.ids)}"
        return f"{where}:{self.revision}" if self.revision else where

    @cached_property
    def memory_id(self) -> UUID | None:
        """The id of the Memory that this event makes, changes or is about."""
        if self._is_wish:
            return uid("event", self.key)
        if self.about:
            return self.about
        reference = self.group or self.message
        return message_id(self.platform, self.account, reference) if reference else None

    @property
    def is_answerable(self) -> bool:
        """Whether a turn is due: a person or program said something new in a room."""
        return self.kind in ANSWERABLE and self.room is not None and self.content is not None

    @property
    def is_asked(self) -> bool:
        """Whether our own code asks for an answer, and no person: see `process_actions`."""
        return bool(self.responses) or (self.kind is EventKind.COMMAND and self.about is not None)

    @property
    def _is_wish(self) -> bool:
        """Whether a person pressed or commanded something, and no message says so."""
        if self.kind is EventKind.COMMAND:
            return not (self.message or self.about)
        return self.kind is EventKind.BUTTON

    def memory(self) -> Memory | None:
        """The Memory that this event leaves, or None where it leaves none."""
        gone = self.kind is EventKind.DELETE
        if not self._is_wish and ((self.about and not gone) or not self.message):
            return None
        if not (self.room and self.memory_id):
            return None
        if not gone and (self.content is None or self.sender is None):
            return None
        content = self.content or Content()
        if answered := self._answered:
            content = content.model_copy(update={"in_reply_to": answered})
        return Memory(
            id=self.memory_id,
            room_id=self.room.id,
            entity_id=self.sender.id if self.sender else uid("entity", self.platform, ""),
            created_at=self.at,
            content=content,
            revision=self.revision,
            deleted=gone,
        )

    @property
    def _answered(self) -> UUID | None:
        if self.reply_to:
            return self.answers or message_id(self.platform, self.account, self.reply_to)
        return self.about


def _joined(ids: tuple[str, ...]) -> str:
    """Ids as one; of several, none looks like two."""
    if len(ids) == 1:
        return ids[0]
    return "/".join(one.replace("%", "%25").replace("/", "%2F") for one in ids)


def message_id(platform: str, account: str, message: str) -> UUID:
    """The `Memory.id` of a platform's message.

    Args:
        message: the platform's reference, unique on the account.
    """
    return uid("message", platform, account, message)


class Deliver(Protocol):
    """How a connector hands events over."""

    def __call__(self, *events: Event) -> Awaitable[None]:
        """Return once all of `events` are stored, in one commit: acknowledge after it."""
        ...  # pragma: no cover
