"""The contract between Townhall and a platform.

An author writes `listen` and `send`, and pure translation. Everything else has a default.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, Self
from uuid import UUID

from pydantic import Field

from bot.errors import Unconfirmed
from bot.events import Deliver, Position
from bot.memory import Content, Room, Value, uid
from bot.service import Service, Status

if TYPE_CHECKING:
    from bot.runtime import Runtime


class Idempotency(StrEnum):
    """What a platform offers when nobody knows whether it took a part."""

    NONE = "none"
    LOOKUP = "lookup"
    """`Connector.find` can tell."""


class Rate(Value):
    """At most `count` parts in any `seconds` seconds.

    Args:
        kinds: the kinds of rooms that it is about; empty for all.
        per_room: whether each room has its own, threads together with the room they belong to;
            otherwise it is the account's.
    """

    count: int
    seconds: float
    per_room: bool = False
    kinds: tuple[str, ...] = ()


class Capabilities(Value):
    """What a platform can do. Ask for the ability, never for the platform's name.

    Args:
        max_length: the longest text of one part, in the units of `length`.
        length: how the platform counts a text.
        rates: the documented limits; a sender stays below them.
        chain: whether each part of an answer replies to the part before, as a thread of posts.
        typing_seconds: how long one typing signal shows, or None if there is none.
        concurrency: how many parts may be on the wire at once.
    """

    max_length: int
    length: Callable[[str], int] = len
    rates: tuple[Rate, ...] = ()
    idempotency: Idempotency = Idempotency.NONE
    edits: bool = False
    deletes: bool = False
    threads: bool = False
    chain: bool = False
    typing_seconds: float | None = None
    concurrency: int = 32


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
        extra: what rendering adds for this platform.
    """

    delivery: UUID
    ordinal: int
    room: Room
    text: str
    reply_to: str | None = None
    priority: Priority = Priority.REPLY
    extra: dict[str, Any] = Field(default_factory=dict)

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
    """

    message: str


class Identity(Value):
    """Who the account is, as the platform sees it.

    Args:
        warnings: what will not work, and what to do about it.
    """

    key: str
    name: str
    username: str = ""
    warnings: tuple[str, ...] = ()


def account_name(platform: str, account: str) -> str:
    """How an account is called: `discord`, or `discord/sales` where there are several."""
    return platform if account == "default" else f"{platform}/{account}"


class Connector(Service):
    """Speaks for one account of one platform: it listens, it sends.

    Args:
        account: the name of the account, `default` unless the settings name several.
    """

    platform: ClassVar[str]
    capabilities: Capabilities
    supports_notifications: ClassVar[bool] = True

    @classmethod
    async def start(cls, runtime: Runtime, account: str = "default") -> Self:
        """A connector that has opened what it needs; the supervisor then calls `run`."""
        connector = cls(runtime, account)
        await connector.open()
        return connector

    def __init__(self, runtime: Runtime, account: str = "default") -> None:
        self.account = account
        super().__init__(runtime)
        self.report(Status.DOWN, "logging in")

    @property
    def name(self) -> str:
        """How health, logs and the registry call it: `discord`, or `discord/sales`."""
        return account_name(self.platform, self.account)

    @property
    def on_ambiguous(self) -> str:
        """What to do with a part of which the platform cannot tell: `resend` or `hold`."""
        return str(getattr(self.config, "on_ambiguous", "resend"))

    @abstractmethod
    async def listen(self, deliver: Deliver) -> None:
        """Read events until cancelled; `await deliver(...)` returns when they are stored.

        Call `self.report(Status.UP)` once logged in: until then health says otherwise.

        Raises:
            Unauthorized: the platform refuses the credentials; the connector stays down.
            Unavailable: it cannot be reached; the supervisor tries again with backoff.
        """

    @abstractmethod
    async def send(self, part: Part) -> Receipt:
        """Send one part.

        Raises:
            RateLimited, Unavailable: surely not sent; it is tried again.
            Unconfirmed: nobody knows.
            Rejected: never will be.
            Unauthorized: the credentials are refused.
        """

    async def login(self) -> Identity:
        """Prove the credentials and say who we are. Called by `townhall check`.

        Raises:
            Unauthorized, Unavailable: as `listen`.
        """
        return Identity(key=self.account, name=self.name)

    async def find(self, part: Part) -> Receipt | None:
        """Look for a part of unknown outcome on the platform; None if it surely is not there.

        Raises:
            Unconfirmed: it cannot be told.
        """
        raise Unconfirmed(f"{self.platform} cannot tell whether {part.id} arrived")

    @classmethod
    def message_of(cls, link: str) -> str | None:  # noqa: ARG003 - for those who have links
        """The reference of the message behind a link of this platform; None if it is none."""
        return None

    @classmethod
    def capabilities_for(cls, room: Room) -> Capabilities:  # noqa: ARG003 - for those who differ
        """What can be done in `room`, where rooms of one platform differ."""
        return cls.capabilities

    def room(self, key: str) -> Room:
        """A room that the store does not know, from its key."""
        return Room(platform=self.platform, account=self.account, key=key)

    async def typing(self, room: Room) -> None:
        """Show that an answer is being made. Not stored; failures do not matter."""

    async def position(self, stream: str) -> str | None:
        """How far `stream` was read, as the last `Event.position` of that stream said."""
        return await self.runtime.store.position(self.platform, self.account, stream)

    async def positions(self) -> tuple[Position, ...]:
        """How far each stream of this account was read."""
        return await self.runtime.store.positions(self.platform, self.account)

    async def rooms(self) -> tuple[Room, ...]:
        """The rooms of this account that the store knows."""
        return await self.runtime.store.rooms(self.platform, self.account)

    async def run(self) -> None:
        """Listen for as long as the supervisor lets us."""
        await self.listen(self.runtime.deliver)

    async def send_message(self, room: Room | str, content: Content | str) -> UUID:
        """Put a message in the outbox; the id of its delivery.

        Args:
            room: a room, or its key.
        """
        if isinstance(room, str):
            room = await self._room(room)
        return await self.runtime.send(room, content)

    async def notify(self, message: Content | str) -> None:
        """Send `message` to the account's default rooms, as the setting `..._ROOMS` names them."""
        for key in getattr(self.config, "rooms", ()):
            await self.send_message(key, message)

    async def _room(self, key: str) -> Room:
        known = await self.runtime.store.room(uid("room", self.platform, self.account, key))
        return known or self.room(key)
