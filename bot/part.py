"""What leaves: one platform message, and the proof that it was taken."""

from __future__ import annotations

from enum import StrEnum
from uuid import UUID

from pydantic import Field

from bot.content import Attachment, Button, Card, Persona, Select, Verb
from bot.memory import Room
from bot.value import Value, uid


class Priority(StrEnum):
    """Who goes first when slots are scarce; the order of definition is the order of service."""

    REPLY = "reply"
    URGENT = "urgent"
    NORMAL = "normal"
    BULK = "bulk"


class Part(Value):
    """One platform message of a delivery.

    Args:
        delivery: the delivery that it belongs to.
        ordinal: its place in it, from 0.
        reply_to: the platform's reference of the message that it answers.
        verb: what to do; all but `SAY` are harmless when done twice.
        target: the platform's reference of the message that the verb is about.
        markup: whether `text` is in the platform's markup; otherwise it is literal.
        via: what came with the event that it answers; see `Event.via`.
    """

    delivery: UUID
    ordinal: int
    room: Room
    text: str
    reply_to: str | None = None
    priority: Priority = Priority.REPLY
    markup: bool = False
    verb: Verb = Verb.SAY
    target: str | None = None
    attachments: tuple[Attachment, ...] = ()
    buttons: tuple[Button, ...] = ()
    selects: tuple[Select, ...] = ()
    cards: tuple[Card, ...] = ()
    thread: str = ""
    persona: Persona | None = None
    private: bool = False
    via: dict[str, str] | None = Field(default=None, repr=False)

    @property
    def id(self) -> UUID:
        """The same part has the same id in every process."""
        return uid("part", str(self.delivery), str(self.ordinal))

    @property
    def nonce(self) -> str:
        """A token for the platform to recognise the part by: 25 characters, as Discord allows."""
        return self.id.hex[:25]


class Receipt(Value):
    """The proof that the platform took a part.

    Args:
        message: the platform's reference of the message, unique on the account.
        more: those of further messages, where the platform made several of one part.
    """

    message: str
    more: tuple[str, ...] = ()
