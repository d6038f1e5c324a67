"""Discord, through discord.py."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from bot.capabilities import Capabilities, Idempotency, Rate
from bot.connector import Connector, Identity
from bot.errors import DeliveryError, Rejected, Unavailable, Unconfirmed
from bot.events import Deliver, Event
from bot.memory import Room
from bot.part import Part, Receipt
from bot.race import first_to_end
from bot.value import now
from connectors.discord.catch_up import PAGE, CatchUp
from connectors.discord.config import DiscordConfig
from connectors.discord.feed import Feed, Item, Listing, Session, Storing
from connectors.discord.translate import PLATFORM, Known, linked, moment

if TYPE_CHECKING:
    from bot.runtime import Runtime
    from connectors.discord.client import Client

NONCE_LASTS = 120.0
"""Seconds for which we trust Discord to know a nonce; it says "the past few minutes":
https://discord.com/developers/docs/resources/message#create-message"""


def _utf16(text: str) -> int:
    # Discord says "2000 characters" and seems to count code points. UTF-16 units are never fewer,
    # and they are what its apps count, so a text within the limit by them is within it anyhow.
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


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
    # is documented. The limits of routes are told with each answer, and the library keeps them.
    capabilities = Capabilities(
        max_length=2000,
        length=_utf16,
        rates=(Rate(count=50, seconds=1.0),),
        idempotency=Idempotency.LOOKUP,
        edits=True,
        deletes=True,
        threads=True,
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
        self._entering = asyncio.Lock()

    @asynccontextmanager
    async def lifetime(self) -> AsyncIterator[None]:
        """A client, closed at the end."""
        self.client = self._new_client()
        try:
            yield
        finally:
            await self.client.close()

    # in

    async def listen(self, deliver: Deliver) -> None:
        """See `Connector.listen`."""
        client = await self._logged_in()
        self._store.start(deliver, await self.positions())
        self._catch_up.remember(await self.rooms())
        try:
            await first_to_end(self._converse(client), self._pump(), *self._catch_up.readers())
        finally:
            await client.leave()

    @classmethod
    def message_of(cls, link: str) -> str | None:
        """See `Connector.message_of`."""
        return linked(link)

    async def login(self) -> Identity:
        """See `Connector.login`; the gateway is not opened."""
        async with self._new_client() as client:
            await self._enter(client)
            return _identity(client)

    # out

    async def send(self, part: Part) -> Receipt:
        """See `Connector.send`.

        The nonce makes Discord answer a repetition with the first message, so the library, which
        repeats by itself after a 5xx, repeats nothing that people see.
        """
        from discord import MessageReference

        from connectors.discord.errors import foreign_errors

        client, channel = await self._logged_in(), _number(part.room)
        answered = part.reply_to and MessageReference(
            message_id=int(part.reply_to), channel_id=channel, fail_if_not_exists=False
        )
        with foreign_errors(writing=True):
            sent = await client.get_partial_messageable(channel).send(
                part.text,
                nonce=part.nonce,
                reference=answered or None,  # type: ignore[arg-type] # None is its default
                mention_author=bool(answered),  # as a person's answer does
            )
        return Receipt(message=str(sent.id))

    async def find(self, part: Part) -> Receipt | None:
        """See `Connector.find`: what we said in the room lately, or since what it answers.

        Where None is answered and the part is young, sending it again is safe: Discord still
        knows its nonce.

        Raises:
            Unavailable: Discord cannot be asked now.
        """
        said = await self._history(part.room.key, part.reply_to)
        mine = [one for one in said if one["author"]["id"] == self._known.me]
        for one in mine:
            if one.get("nonce") == part.nonce:
                return Receipt(message=str(one["id"]))
        return _same_words(part, mine)

    async def typing(self, room: Room) -> None:
        """See `Connector.typing`."""
        from connectors.discord.errors import foreign_errors

        with contextlib.suppress(DeliveryError), foreign_errors(writing=False):
            client = await self._logged_in()
            await client.http.send_typing(_number(room))

    # within

    async def _converse(self, client: Client) -> None:
        from connectors.discord.errors import foreign_errors

        with foreign_errors(writing=False):
            await client.connect()

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
                await self._store([one for one in events if not self._catch_up.hold(one)])

    def _new_client(self) -> Client:
        from connectors.discord.client import Client

        config = self.config
        return Client(
            self._feed, api_url=config.api_url.rstrip("/"), gateway_url=config.gateway_url
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

    async def _history(self, room: str, after: str | None) -> list[dict[str, Any]]:
        from connectors.discord.errors import foreign_errors

        client = await self._logged_in()
        with foreign_errors(writing=False):
            channel, beyond = int(room), int(after) if after else None
            page: list[Any] = await client.http.logs_from(channel, PAGE, after=beyond)
            return sorted(page, key=lambda one: int(one["id"]))


def _same_words(part: Part, mine: Sequence[dict[str, Any]]) -> Receipt | None:
    """The message that says the same, where that is proof.

    Raises:
        Unconfirmed: it says the same and answers nothing, so it may be an older one.
    """
    for one in reversed(mine):
        answered = (one.get("message_reference") or {}).get("message_id")
        if one["content"].strip() != part.text.strip() or answered != part.reply_to:
            continue
        if part.reply_to:
            return Receipt(message=str(one["id"]))
        if now().timestamp() - moment(one["id"]) / 1000 > NONCE_LASTS:
            raise Unconfirmed(f"{one['id']} says the same, but may be an older message")
    return None


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


def _number(room: Room) -> int:
    if not room.key.isdecimal():
        raise Rejected(f"{room.key!r} is not the id of a Discord channel")
    return int(room.key)
