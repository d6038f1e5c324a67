"""The nouns: who, where, and what was said."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from functools import cached_property
from uuid import UUID

from bot.content import Content
from bot.value import Value, uid


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

    @cached_property
    def id(self) -> UUID:
        """Our id, computed from the platform's."""
        return uid("world", self.platform, self.account, self.key)


class Room(Value):
    """A conversation, as one account sees it.

    Args:
        key: the address in the platform's own ids, as the connector writes and reads it.
        handle: its public name on the platform, without its sign.
        parent: the key of the room that a thread or topic belongs to.
        closed: why nothing can be said here any more (we were removed or blocked); empty if it can
            again, None while nothing is told of it.
    """

    platform: str
    account: str
    key: str
    kind: RoomKind = RoomKind.GROUP
    name: str = ""
    handle: str = ""
    parent: str | None = None
    world: World | None = None
    closed: str | None = None

    @cached_property
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
        locale: the language they set on the platform, as an IETF tag; None while it is not told.
        avatar: the address of their picture; None while it is not told, empty if there is none.
    """

    platform: str
    key: str
    name: str = ""
    username: str = ""
    is_bot: bool = False
    locale: str | None = None
    avatar: str | None = None

    @cached_property
    def id(self) -> UUID:
        """Our id, computed from the platform's."""
        return uid("entity", self.platform, self.key)


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
