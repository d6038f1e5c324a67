"""Discord, through discord.py."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

from bot.capabilities import Capabilities, Idempotency, Markup, Rate, utf16
from bot.connector import Connector, Identity
from bot.content import Attachment, Verb
from bot.errors import Rejected, StoreError, Unavailable
from bot.events import Deliver, Event
from bot.memory import Room, RoomKind
from bot.part import Part, Receipt
from bot.race import first_to_end, meanwhile
from connectors.discord.catch_up import CatchUp
from connectors.discord.config import DiscordConfig
from connectors.discord.feed import Feed, Item, Listing, Session, Storing
from connectors.discord.pace import Pace
from connectors.discord.translate import PLATFORM, Known, link, linked

if TYPE_CHECKING:
    from bot.runtime import Runtime
    from connectors.discord.client import Client
    from connectors.discord.doorbell import Doorbell
    from connectors.discord.way_out import WayOut

FAREWELL = 1.0
"""Seconds at the end in which what was heard may be stored."""


class DiscordService(Connector):
    """One bot account on Discord.

    Attributes:
        client: the `discord.Client`, for handlers of your own.
    """

    service_type = platform = PLATFORM
    capability_description = "Reads and writes messages on Discord: servers, threads, DMs."
    config_type = DiscordConfig
    config: DiscordConfig
    client: Client
    # https://discord.com/developers/docs/topics/rate-limits#global-rate-limit has the one rate that
    # is documented, 50 a second; some are left to what else is asked: history, commands, typing.
    # The limits of routes are told with each answer, and the library keeps them.
    # The other numbers: https://discord.com/developers/docs/resources/message#create-message and
    # https://discord.com/developers/docs/components/reference
    capabilities = Capabilities(
        max_length=2000,
        # Discord says "2000 characters" and seems to count code points. UTF-16 units are never
        # fewer, and are what its apps count: a text within the limit by them is within it anyhow.
        length=utf16,
        markup=Markup.DISCORD,
        rates=(Rate(count=45, seconds=1.0),),
        idempotency=Idempotency.LOOKUP,
        verbs=frozenset({Verb.SAY, Verb.EDIT, Verb.DELETE, Verb.REACT, Verb.UNREACT}),
        edits=True,
        deletes=True,
        threads=True,
        files=10,
        buttons=25,
        button_value=100,
        selects=True,
        cards=10,
        personas=True,
        private=True,
        typing_seconds=10.0,
        concurrency=32,
    )

    def __init__(self, runtime: Runtime, account: str = "default") -> None:
        super().__init__(runtime, account)
        if not self.config.limits:
            self.capabilities = self.capabilities.model_copy(update={"rates": ()})
        self._known = Known(account)
        self._store = Storing(self.report)
        self._feed = Feed(self._known, self.report)
        self._catch_up = CatchUp(
            self._history,
            self._known,
            self._store,
            days=self.config.follow_days,
            logger=runtime.logger,
        )
        self._pace = Pace(self._spares)
        self._entering = asyncio.Lock()
        self._way_out: WayOut
        self._doorbell: Doorbell

    @asynccontextmanager
    async def lifetime(self) -> AsyncIterator[None]:
        """A client, closed at the end."""
        from connectors.discord.doorbell import Doorbell
        from connectors.discord.way_out import WayOut

        api, known = self.config.api_url, self._known
        self._way_out = out = WayOut(self.runtime, self._logged_in, api, lambda: known.me)
        self._doorbell = Doorbell(self._feed, known, out.answers, out.commands)
        self.client = self._new_client()
        try:
            yield
        finally:
            await self._doorbell.close()
            await out.answers.close()
            await self.client.close()

    # in

    async def listen(self, deliver: Deliver) -> None:
        """See `Connector.listen`."""
        client = await self._logged_in()
        self._store.start(deliver, await self.positions())
        self._catch_up.remember(await self.rooms())
        async with meanwhile(self._register()):
            try:
                await first_to_end(self._converse(client), self._pump(), *self._catch_up.readers())
            finally:
                await client.leave()
                await self._store_the_rest()

    @classmethod
    def link_of(cls, room: Room, message: str) -> str | None:
        """See `Connector.link_of`."""
        return link(room, message)

    @classmethod
    def message_of(cls, link: str) -> str | None:
        """See `Connector.message_of`."""
        return linked(link)

    @classmethod
    def capabilities_for(cls, room: Room) -> Capabilities:
        """See `Connector.capabilities_for`: a thread holds no threads, and a DM no webhooks."""
        less: dict[str, bool] = {}
        if room.is_private:
            less = {"threads": False, "personas": False}
        elif room.kind is RoomKind.THREAD:
            less = {"threads": False}
        return cls.capabilities.model_copy(update=less) if less else cls.capabilities

    async def login(self) -> Identity:
        """See `Connector.login`; the gateway is not opened."""
        async with self._new_client() as client:
            await self._enter(client)
            return _identity(client)

    def fetch(self, attachment: Attachment) -> AbstractAsyncContextManager[AsyncIterable[bytes]]:
        """See `Connector.fetch`."""
        from connectors.discord.files import fetch

        return fetch(self.client, self.runtime.media, self.config.api_url, attachment)

    # out

    async def send(self, part: Part) -> Receipt:
        """See `Connector.send`.

        The nonce makes Discord answer a repetition with the first message, so the library, which
        repeats by itself after a 5xx, repeats nothing that people see.
        """
        return await self._way_out.send(part)

    async def find(self, part: Part) -> Receipt | None:
        """See `Connector.find`."""
        return await self._way_out.find(part)

    async def change(self, part: Part) -> None:
        """See `Connector.change`."""
        await self._way_out.change(part)

    async def dismiss(self, event: Event) -> None:
        """See `Connector.dismiss`."""
        await self._way_out.dismiss(event)

    async def room_of(self, address: str) -> Room | None:
        """See `Connector.room_of`: a channel's id, perhaps with its server's before it."""
        guild, slash, channel = address.rpartition("/")
        if not channel.isdecimal():
            return None
        if slash and await self._way_out.guild_of(channel) != guild:
            return None
        return self.room(channel)

    async def typing(self, room: Room) -> None:
        """See `Connector.typing`."""
        await self._way_out.typing(room.key)

    # within

    async def _converse(self, client: Client) -> None:
        from connectors.discord.errors import foreign_errors

        with foreign_errors(writing=False):
            await client.connect()

    async def _register(self) -> None:
        if self.config.commands:
            await self._way_out.commands.register()

    async def _pump(self) -> None:
        while True:
            items = await self._feed.run_of_items()
            await self._handle(items)
            self._feed.forget(len(items))

    async def _handle(self, items: Sequence[Item]) -> None:
        match items[0]:
            case Session():
                self._catch_up.begin()
            case Listing() as listing:
                await self._catch_up.look_at(listing)
            case _:
                events = (item for item in items if isinstance(item, Event))
                now = [one for one in events if not self._catch_up.hold(one)]
                await self._store(now)
                self._way_out.answers.stored(now)

    async def _store_the_rest(self) -> None:
        """What was heard and waits goes to the store, unless that takes too long."""
        with suppress(TimeoutError, StoreError):
            async with asyncio.timeout(FAREWELL):
                await self._store(self._catch_up.last_words(self._feed.rest()))

    def _new_client(self) -> Client:
        from connectors.discord.client import Client

        config = self.config
        return Client(
            self._doorbell, api_url=config.api_url.rstrip("/"), gateway_url=config.gateway_url
        )

    async def _logged_in(self) -> Client:
        async with self._entering:
            if not self._known.me:
                await self._enter(self.client)
                identity = _identity(self.client)
                self._known.me = identity.key
                for warning in identity.warnings:
                    self.runtime.logger.warning("discord.limited", name=self.name, why=warning)
        return self.client

    async def _enter(self, client: Client) -> None:
        from connectors.discord.errors import foreign_errors

        try:
            with foreign_errors(writing=False):
                await client.login(self.config.token.get_secret_value())
        except Rejected as error:
            raise Unavailable(
                f"{self.config.api_url} does not answer as Discord's API does: {error}."
                " Is DISCORD_API_URL right, version included?"
            ) from error

    def _spares(self, room: Room) -> bool:
        sender = self.runtime.outbox.sender(room)
        return sender is None or sender.spares(room)

    async def _history(self, room: str, after: str | None) -> list[dict[str, Any]]:
        if self.config.limits:
            await self._pace.turn(self._known.rooms[room])
        return await self._way_out.history(room, after)


def _identity(client: Client) -> Identity:
    from connectors.discord.client import MISSING_CONTENT

    user = client.user
    assert user is not None
    return Identity(
        key=str(user.id),
        name=user.display_name,
        username=user.name,
        warnings=() if client.reads_content else (MISSING_CONTENT,),
    )
