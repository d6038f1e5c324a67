"""The contract between Townhall and a platform.

An author writes `listen` and `send`, and pure translation. Everything else has a default.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import AsyncIterable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, ClassVar, Self
from uuid import UUID

from bot.capabilities import Capabilities
from bot.content import Attachment, Content, MediaKind
from bot.errors import Rejected, Unconfirmed
from bot.events import Deliver, Event, Position
from bot.memory import Entity, Room
from bot.part import Part, Receipt
from bot.service import Service, Status
from bot.value import Value, uid

if TYPE_CHECKING:
    from bot.runtime import Runtime


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
    public: ClassVar[str] = ""
    """The key of the one room that everybody on the platform reads, where there is one: what is
    for the whole platform goes there, and to no other room."""

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

    async def find(self, part: Part) -> Receipt | None:  # noqa: ARG002 - others look for it
        """Look for a part of unknown outcome on the platform; None if it surely is not there.

        Raises:
            Unconfirmed: it cannot be told.
        """
        raise Unconfirmed(f"{self.platform} cannot tell whether it arrived")

    async def change(self, part: Part) -> None:
        """Do what `part.verb` says to the message `part.target`: edit, delete, react, repost.

        Called for the verbs in `capabilities.verbs` but `SAY`. What is done already, or can no
        longer be done because the message is gone, is no error.

        Raises:
            RateLimited, Unavailable, Unconfirmed, Rejected, Unauthorized: as `send`.
        """
        raise Rejected(f"{self.platform} cannot {part.verb}")

    def fetch(self, attachment: Attachment) -> AbstractAsyncContextManager[AsyncIterable[bytes]]:
        """The bytes of a file that this account told us of, in pieces.

        Raises:
            Rejected: it is gone, too large, or not ours to read.
            Unavailable: not now.
        """
        raise Rejected(f"{self.platform} has no file {attachment.key}")

    async def avatar(self, entity: Entity) -> Attachment | None:
        """Somebody's picture, or None if there is none that we may see."""
        return Attachment.web(entity.avatar, kind=MediaKind.IMAGE) if entity.avatar else None

    async def dismiss(self, event: Event) -> None:
        """A turn ended without an answer to an event that had `via`: stop showing that we think.

        Not stored; failures do not matter.
        """

    @classmethod
    def link_of(cls, room: Room, message: str) -> str | None:  # noqa: ARG003 - for those who have links
        """The address of a message for a person's browser; None where there is none.

        Args:
            message: the platform's reference.
        """
        return None

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

    async def room_of(self, address: str) -> Room | None:
        """The room that a person means by an address: its key, or for instance `@name`.

        None if there is none; asking may take a look at the platform.
        """
        return self.room(address)

    def cost_of(self, parts: Sequence[Part], times: int) -> str:  # noqa: ARG002 - for those billed
        """What the platform takes for sending these so many times, in words, if it does."""
        return ""

    async def typing(self, room: Room) -> None:
        """Show that an answer is being made. Not stored; failures do not matter."""

    async def position(self, stream: str) -> str | None:
        """How far `stream` was read, as the last `Event.position` of that stream said."""
        return await self.runtime.store.position(self.platform, self.account, stream)

    async def positions(self) -> tuple[Position, ...]:
        """How far each stream of this account was read."""
        return await self.runtime.store.positions(self.platform, self.account)

    async def note(self, name: str) -> str | None:
        """A note of this account, as `keep` wrote it."""
        return await self.runtime.store.note(self.platform, self.account, name)

    async def keep(self, name: str, value: str | None) -> None:
        """Write a note of this account, durably; None forgets it.

        Raises:
            StoreError: nothing was written.
        """
        await self.runtime.keep(self.platform, self.account, name, value)

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
