"""X as a platform: posts and direct messages in and out.

Mentions, the conversations that the bot takes part in and direct messages come by polling, and at
once by one of X's two streams, where the plan has it. X tells bots of no deletions but those of
their own posts, and of an edit only by the new post that it makes.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from bot.capabilities import Capabilities, Idempotency, Rate
from bot.connector import Connector, Identity
from bot.content import Attachment
from bot.errors import DeliveryError, RateLimited, Unconfirmed
from bot.events import Deliver
from bot.memory import Room
from bot.part import Part, Priority, Receipt
from bot.service import Health, Status
from connectors.twitter import identity, translate
from connectors.twitter.activity import ActivityStream
from connectors.twitter.attachments import private
from connectors.twitter.config import TwitterConfig
from connectors.twitter.conversations import Conversations
from connectors.twitter.filtered import FilteredStream
from connectors.twitter.length import weighted_length
from connectors.twitter.line import Line
from connectors.twitter.media import MOST
from connectors.twitter.outgoing import DM_VERBS, VERBS, Outgoing
from connectors.twitter.polling import Poller
from connectors.twitter.purse import Purse, dollars, kind_of, priced
from connectors.twitter.stream import Stream
from connectors.twitter.subscriptions import Subscriptions
from connectors.twitter.troubles import Troubles, fix

if TYPE_CHECKING:
    from bot.runtime import Runtime
    from connectors.twitter.client import Client


STREAMS: Mapping[str, type[Stream]] = {"filtered": FilteredStream, "activity": ActivityStream}
"""What hears of things at once, by the setting `TWITTER_STREAM`."""


class TwitterService(Connector):
    """Speaks for one account on X.

    Attributes:
        purse: what it may spend.
        conversations: those that it takes part in.
    """

    service_type = platform = "twitter"
    public = translate.TIMELINE
    capability_description = (
        "Reads mentions and direct messages on X, and posts, replies and answers."
    )
    config_type = TwitterConfig
    config: TwitterConfig
    capabilities = Capabilities(
        max_length=280,
        length=weighted_length,
        # docs.x.com/x-api/fundamentals/rate-limits, per user but for the last, which is the app's.
        rates=(
            Rate(count=100, seconds=900, kinds=("thread", "channel")),
            Rate(count=15, seconds=900, kinds=("dm", "group")),
            Rate(count=1_440, seconds=86_400, kinds=("dm", "group")),
            Rate(count=10_000, seconds=86_400),
        ),
        idempotency=Idempotency.LOOKUP,
        edits=True,
        threads=True,
        chain=True,
        verbs=VERBS,
        files=4,
        file_size=MOST,
        concurrency=4,
    )

    def __init__(self, runtime: Runtime, account: str = "default") -> None:
        super().__init__(runtime, account)
        self.client: Client
        self._outgoing: Outgoing
        self.purse = Purse(
            self,
            runtime.logger,
            day=self.config.budget_day,
            month=self.config.budget_month,
            prices=priced(self.config.prices),
        )
        self.conversations = Conversations(self, self.config.conversations)
        self._me: Identity | None = None
        if not self.config.limits:
            self.capabilities = self.capabilities.model_copy(update={"rates": ()})

    @asynccontextmanager
    async def lifetime(self) -> AsyncIterator[None]:
        """The connections to X, and what was noted before."""
        from connectors.twitter.client import Client

        async with Client.open(self.config, self) as self.client:
            self._outgoing = Outgoing(self.client, self.runtime, self._key, self.purse)
            await self.purse.open()
            await self.conversations.open()
            yield

    @classmethod
    def link_of(cls, room: Room, message: str) -> str | None:  # noqa: ARG003 - a post says it all
        """See `Connector.link_of`: direct messages have none."""
        return translate.link(message)

    @classmethod
    def message_of(cls, link: str) -> str | None:
        """See `Connector.message_of`."""
        return translate.linked(link)

    async def login(self) -> Identity:
        """Ask X who we are, what the app may do, and reckon what that costs."""
        me = await identity.ask(self.client)
        await self.purse.pay("user", [me.key])
        await identity.keep(self, self.config, me)
        warnings = (*identity.warnings(self.client.access), self.purse.summary())
        self._me = me.model_copy(update={"warnings": warnings})
        return self._me

    # in

    async def listen(self, deliver: Deliver) -> None:
        """Look at everything that is to be looked at, each at its own pace."""
        me = await self._log_in()
        kind = STREAMS.get(self.config.stream)
        troubles, line = Troubles(self), Line(kind.sources if kind else ())
        poller = Poller(self, me, deliver, troubles, line)
        jobs = [poller.follow(source) for source in poller.sources()]
        if kind:
            jobs.extend(kind(self, me, deliver, troubles, line).jobs())
        if kind is not ActivityStream:
            jobs.append(Subscriptions(self, me).clear())
        try:
            async with asyncio.TaskGroup() as group:
                for job in jobs:
                    group.create_task(job)
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from None

    async def _log_in(self) -> Identity:
        """Who we are: as X said before, so that no start pays for it again."""
        self._me = await identity.known(self, self.config)
        if self._me:
            return self._me
        try:
            me = await self.login()
        except RateLimited as error:
            # Whoever restarts us would ask X again sooner than X wants to be asked.
            self.report(Status.DOWN, str(error), fix(error))
            await asyncio.sleep(error.retry_after)
            raise
        self.report(Status.UP)
        return me

    async def health(self) -> Health:
        """How it fares, and what it spent."""
        health = await super().health()
        return health if health.why else health.model_copy(update={"why": f"{self.purse}"})

    @asynccontextmanager
    async def fetch(self, attachment: Attachment) -> AsyncIterator[AsyncIterable[bytes]]:
        """The bytes of a file: those of posts are public, those of direct messages are not.

        X's endpoint for the latter takes tokens of OAuth 2.0 only; a signature of OAuth 1.0a is
        good at the address itself.
        """
        url, headers = attachment.key, {}
        base = self.config.api_url.rstrip("/")
        if ids := private(url, base):
            endpoint = f"{base}/2/dm_conversations/media/{'/'.join(ids)}"
            url = endpoint if self.config.refresh_token else url
            headers = await self.client.authorization("GET", url)
        get = self.runtime.media.get(url, most=MOST, trusted=(base,), headers=headers)
        async with get as chunks:
            yield chunks

    # out

    @classmethod
    def capabilities_for(cls, room: Room) -> Capabilities:
        """Direct messages are longer, counted plainly, and X cannot tell whether one arrived."""
        if not room.key.startswith(translate.DM):
            return cls.capabilities
        return cls.capabilities.model_copy(
            update={
                "max_length": 10_000,  # docs.x.com, POST /2/dm_conversations/:id/messages
                "length": len,
                "idempotency": Idempotency.NONE,
                "threads": False,
                "chain": False,
                "verbs": DM_VERBS,
                "files": 1,
            }
        )

    def room(self, key: str) -> Room:
        """See `Connector.room`: a conversation of posts, unless the key says otherwise."""
        kind = translate.room_kind(key)
        return Room(platform=self.platform, account=self.account, key=key, kind=kind)

    async def room_of(self, address: str) -> Room | None:
        """See `Connector.room_of`: `@name` is for direct messages, a post's link for answers."""
        if not address.startswith("@"):
            return self.room(translate.linked(address) or address)
        self.purse.room("user")
        person = await identity.find(self.client, address[1:])
        if person is None:
            return None
        await self.purse.pay("user", [person])
        return self.room(translate.direct(await self._key(), person))

    def cost_of(self, parts: Sequence[Part], times: int) -> str:
        """See `Connector.cost_of`."""
        cost = times * sum(self.purse.prices[kind_of(part)] for part in parts)
        return f"about {dollars(cost)} of X's credits" if cost else ""

    async def send(self, part: Part) -> Receipt:
        """Post, answer, or write a direct message, if there is money for it."""
        async with self._paying(part):
            receipt = await self._outgoing.send(part)
        if not receipt.message.startswith(translate.DM):
            key = receipt.message if part.room.key == translate.TIMELINE else part.room.key
            await self.conversations.join(key)
        return receipt

    async def change(self, part: Part) -> None:
        """Delete, like, unlike or repost, if there is money for it."""
        async with self._paying(part):
            await self._outgoing.change(part)

    async def find(self, part: Part) -> Receipt | None:
        """Look for a post among ours."""
        return await self._outgoing.find(part)

    @asynccontextmanager
    async def _paying(self, part: Part) -> AsyncIterator[None]:
        """What is done in the block is paid for, also where nobody knows whether it was done.

        It is paid before, so that what leaves at once does not count on the same money.
        """
        kind = kind_of(part)
        self.purse.check(kind, is_reply=part.priority is Priority.REPLY)
        await self.purse.pay(kind)
        try:
            yield
        except Unconfirmed:
            raise
        except DeliveryError:
            await self.purse.refund(kind)
            raise

    async def _key(self) -> str:
        return (self._me or await self.login()).key
