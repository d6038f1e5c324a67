"""The nouns: who, where, and what was said."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from hashlib import sha1
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

TOWNHALL = UUID("6f1c1b9e-33a5-5d0e-8a5b-7a9c5f0f4a11")
"""The namespace of every id that we compute."""


@lru_cache(maxsize=16_384)
def uid(*parts: str) -> UUID:
    """A UUIDv5: the same parts give the same id, in any process, for ever."""
    name = "\x1f".join(parts).encode("utf-8", "surrogatepass")
    return UUID(bytes=sha1(TOWNHALL.bytes + name, usedforsecurity=False).digest()[:16], version=5)


def now() -> datetime:
    """The current time, aware of its zone."""
    return datetime.now(UTC)


def legible(text: str) -> str:
    """The text with each lone surrogate replaced: nothing can store or send half a character."""
    return (
        text
        if text.isascii()
        else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    )


Text = Annotated[str, AfterValidator(legible)]


class Value(BaseModel):
    """A frozen noun. Fields that a later version added are ignored, not refused."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class RoomKind(StrEnum):
    """What sort of conversation a room is."""

    DM = "dm"
    GROUP = "group"
    CHANNEL = "channel"
    THREAD = "thread"


class World(Value):
    """A server or workspace that holds rooms.

    Args:
        key: the platform's own id.
    """

    platform: str
    account: str
    key: str
    name: str = ""

    @property
    def id(self) -> UUID:
        """Our id, computed from the platform's."""
        return uid("world", self.platform, self.account, self.key)


class Room(Value):
    """A conversation, as one account sees it.

    Args:
        key: the address in the platform's own ids, as the connector writes and reads it.
        parent: the key of the room that a thread or topic belongs to.
    """

    platform: str
    account: str
    key: str
    kind: RoomKind = RoomKind.GROUP
    name: str = ""
    parent: str | None = None
    world: World | None = None

    @property
    def id(self) -> UUID:
        """Our id, computed from the platform's."""
        return uid("room", self.platform, self.account, self.key)

    @property
    def is_private(self) -> bool:
        """Whether only the bot and one person are here."""
        return self.kind is RoomKind.DM


class Entity(Value):
    """A person or a bot.

    Args:
        key: the platform's own id.
        name: the name to show.
        username: the handle to mention them by, without its sign.
        locale: the language they set on the platform, as an IETF tag.
    """

    platform: str
    key: str
    name: str = ""
    username: str = ""
    is_bot: bool = False
    locale: str | None = None

    @property
    def id(self) -> UUID:
        """Our id, computed from the platform's."""
        return uid("entity", self.platform, self.key)


class Attachment(Value):
    """A file that came with a message, by reference.

    Args:
        key: what the platform knows it by (never an address that holds a token).
        size: in bytes.
    """

    key: str
    name: str = ""
    media_type: str = ""
    size: int | None = None
    description: str = ""


class Button(Value):
    """Something to press under a message.

    Args:
        value: what comes back when it is pressed.
        url: what opens instead.
    """

    label: str
    value: str = ""
    url: str | None = None


class Content(Value):
    """What was said.

    Args:
        actions: the names of the actions asked for.
        in_reply_to: the `Memory.id` that this answers.
        values: anything that an action hands to the next one.
    """

    text: Text = ""
    attachments: tuple[Attachment, ...] = ()
    buttons: tuple[Button, ...] = ()
    actions: tuple[str, ...] = ()
    in_reply_to: UUID | None = None
    values: dict[str, Any] = Field(default_factory=dict)


class Memory(Value):
    """One thing said in a room, as stored.

    Args:
        id: the UUIDv5 of the message's key, so that it can be computed again anywhere.
        revision: grows with each edit; the newest wins.
        deleted: whether only its tombstone is left.
    """

    id: UUID
    room_id: UUID
    entity_id: UUID
    created_at: datetime
    content: Content
    revision: int = 0
    deleted: bool = False
