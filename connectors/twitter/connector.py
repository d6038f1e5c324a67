"""X as a platform: mentions and legacy direct messages by polling, posts and messages out.

Where reading begins: after the last event that is stored. On an account's first start nothing is
stored, and only what was said in the last hour (`CATCH_UP`) is read. Each poll reads every page
before it delivers anything, oldest first, in one commit that also moves the position: a crash
between two pages loses nothing.

X tells bots of no deletions by polling, and of an edit only by the new post that it makes.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from bot.capabilities import Capabilities, Idempotency, Rate
from bot.connector import Connector, Identity
from bot.errors import RateLimited, Rejected, StoreFull, Unavailable, Unconfirmed
from bot.events import Deliver, Position
from bot.memory import Room, RoomKind
from bot.part import Part, Receipt
from bot.retry import pause
from bot.service import Status
from bot.value import now
from connectors.twitter import translate
from connectors.twitter.config import TwitterConfig
from connectors.twitter.errors import Duplicate, OutOfCredit
from connectors.twitter.length import weighted_length

if TYPE_CHECKING:
    from bot.runtime import Runtime
    from connectors.twitter.client import Client, Found

CATCH_UP = timedelta(hours=1)
"""How far back an account's first start reads."""

RECENT = 800
"""X shows no more mentions than these (docs.x.com, user mention timeline)."""

REFUSED_PAUSE = 900.0
"""Seconds between two polls of what X refuses to show us, until somebody changes that."""

BUY = "Buy credits in the X developer console."
ENCRYPTED = (
    "Most direct messages on X are end-to-end encrypted now and unreadable to bots; "
    "only unencrypted ones arrive."
)
READ_ONLY = (
    "The app may only read, so nothing can be posted. In the X developer portal set up user "
    "authentication with 'Read and write', then create new access tokens."
)
NO_DIRECT_MESSAGES = (
    "The app may not use direct messages. In the X developer portal set user authentication to "
    "'Read and write and Direct message', then create new access tokens."
)


@dataclass(frozen=True, slots=True)
class Stream:
    """One of the two things that X lets us poll.

    Args:
        read: what is newer than the id given, newest first.
    """

    name: str
    read: Callable[[int | None], Awaitable[Found]]
    translate: translate.Translate


class TwitterService(Connector):
    """Speaks for one account on X."""

    service_type = platform = "twitter"
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
            Rate(count=100, seconds=900, kinds=("thread", "channel", "group")),
            Rate(count=15, seconds=900, kinds=("dm",)),
            Rate(count=1_440, seconds=86_400, kinds=("dm",)),
            Rate(count=10_000, seconds=86_400),
        ),
        idempotency=Idempotency.LOOKUP,
        threads=True,
        chain=True,
        concurrency=4,
    )

    def __init__(self, runtime: Runtime, account: str = "default") -> None:
        super().__init__(runtime, account)
        self.client: Client
        self._me: Identity | None = None
        self._read: dict[str, int] = {}
        self._troubles: dict[str, Exception] = {}
        if not self.config.limits:
            self.capabilities = self.capabilities.model_copy(update={"rates": ()})

    @asynccontextmanager
    async def lifetime(self) -> AsyncIterator[None]:
        """The connections to X."""
        from connectors.twitter.client import Client

        async with Client.open(self.config) as self.client:
            yield

    @classmethod
    def message_of(cls, link: str) -> str | None:
        """See `Connector.message_of`."""
        return translate.linked(link)

    async def login(self) -> Identity:
        """Ask X who we are, and what the app may do."""
        answer = await self.client.get_me(user_fields=["name", "username"])
        try:
            user = answer["data"]
            key, name, username = user["id"], user["name"], user["username"]
        except (KeyError, TypeError) as error:
            raise Unavailable(f"X does not say who we are: {answer}") from error
        lacks = {"read": (READ_ONLY,), "read-write": (NO_DIRECT_MESSAGES,)}
        warnings = (*lacks.get(self.client.access, ()), ENCRYPTED)
        self._me = Identity(key=key, name=name, username=username, warnings=warnings)
        return self._me

    # in

    async def listen(self, deliver: Deliver) -> None:
        """Poll mentions and direct messages, each at its own pace."""
        me = await self._log_in()
        self._read.clear()
        try:
            async with asyncio.TaskGroup() as group:
                for stream in self._streams(me):
                    group.create_task(self._follow(stream, me, deliver))
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from None

    async def _log_in(self) -> Identity:
        try:
            me = await self.login()
        except RateLimited as error:
            # Whoever restarts us would ask X again sooner than X wants to be asked.
            self.report(Status.DOWN, str(error), _fix(error))
            await asyncio.sleep(error.retry_after)
            raise
        self.report(Status.UP)
        return me

    def _streams(self, me: Identity) -> tuple[Stream, ...]:
        async def mentions(since: int | None) -> Found:
            found = await self.client.mentions(me.key, since, now() - CATCH_UP)
            if since and len(found.items) >= RECENT:
                self.runtime.logger.warning("mentions older than x shows are missed", since=since)
            return found

        return (
            Stream("mentions", mentions, translate.mention),
            Stream("dms", self._direct_messages, translate.direct_message),
        )

    async def _direct_messages(self, since: int | None) -> Found:
        if since:
            return await self.client.direct_messages(partial(translate.is_known, since=since))
        is_old = partial(translate.is_before, start=now() - CATCH_UP)
        found = await self.client.direct_messages(is_old)
        return replace(found, items=[raw for raw in found.items if not is_old(raw)])

    async def _follow(self, stream: Stream, me: Identity, deliver: Deliver) -> None:
        failures = 0
        while True:
            try:
                await self._poll(stream, me, deliver)
            except (Unavailable, Rejected, StoreFull) as error:
                failures += 1
                self._degraded(stream, error)
                await asyncio.sleep(_patience(error, failures))
            else:
                failures = 0
                self._recovered(stream)
                await asyncio.sleep(self.config.poll_seconds)

    async def _poll(self, stream: Stream, me: Identity, deliver: Deliver) -> None:
        since = self._read.get(stream.name) or int(await self.position(stream.name) or 0) or None
        found = await stream.read(since)
        events = [
            event
            for raw in reversed(found.items)
            if not translate.is_known(raw, since)
            for event in translate.understood(stream.translate, raw, found.users, self.account, me)
        ]
        newest = max((since or 0, *(translate.number(raw) or 0 for raw in found.items)))
        if events and newest:
            position = Position(stream=stream.name, value=str(newest))
            events[-1] = events[-1].model_copy(update={"position": position})
        if events:
            await deliver(*events)
        self._read[stream.name] = newest

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
            }
        )

    def room(self, key: str) -> Room:
        """See `Connector.room`: a conversation of posts, unless the key says otherwise."""
        kind = RoomKind.DM if key.startswith(translate.DM) else RoomKind.THREAD
        kind = RoomKind.CHANNEL if key == translate.TIMELINE else kind
        return Room(platform=self.platform, account=self.account, key=key, kind=kind)

    async def send(self, part: Part) -> Receipt:
        """Post, answer, or write a direct message.

        A duplicate is `Rejected`, unless it answers a post: if our timeline then holds the same
        answer to the same post, that is this very part, from an attempt of which we lost sight.
        """
        if part.room.key.startswith(translate.DM):
            return await self._send_direct_message(part)
        try:
            answer = await self.client.create_tweet(
                text=part.text, in_reply_to_tweet_id=translate.answered(part)
            )
        except Duplicate:
            found = await self.find(part) if translate.answered(part) else None
            if found is None:
                raise
            return found
        return _receipt(answer, "id")

    async def _send_direct_message(self, part: Part) -> Receipt:
        answer = await self.client.create_direct_message(
            dm_conversation_id=part.room.key.removeprefix(translate.DM), text=part.text
        )
        return _receipt(answer, "dm_event_id", translate.DM)

    async def find(self, part: Part) -> Receipt | None:
        """Look through our posts: all since the one that is answered, otherwise the newest 100.

        Raises:
            Unconfirmed: it is a direct message; several may well have the same text.
        """
        if part.room.key.startswith(translate.DM):
            return await super().find(part)
        me = self._me or await self.login()
        found = await self.client.own_posts(me.key, translate.answered(part))
        same = (raw for raw in found.items if translate.is_same(raw, part))
        post = next(same, None)
        return Receipt(message=post["id"]) if post else None

    # how it fares

    def _degraded(self, stream: Stream, error: Exception) -> None:
        if stream.name not in self._troubles:
            self.runtime.logger.warning("x cannot be read", stream=stream.name, why=str(error))
        self._troubles[stream.name] = error
        self._tell()

    def _recovered(self, stream: Stream) -> None:
        if self._troubles.pop(stream.name, None):
            self.runtime.logger.info("x can be read again", stream=stream.name)
        self._tell()

    def _tell(self) -> None:
        if not self._troubles:
            self.report(Status.UP)
            return
        why = "; ".join(f"{stream}: {error}" for stream, error in self._troubles.items())
        fixes = map(_fix, self._troubles.values())
        self.report(Status.DEGRADED, why, next(filter(None, fixes), ""))


def _fix(error: Exception) -> str:
    return BUY if isinstance(error, OutOfCredit) else ""


def _patience(error: Exception, failures: int) -> float:
    if isinstance(error, Rejected):
        return REFUSED_PAUSE
    return max(pause(failures), error.retry_after if isinstance(error, RateLimited) else 0.0)


def _receipt(answer: Any, field: str, prefix: str = "") -> Receipt:
    try:
        return Receipt(message=f"{prefix}{answer['data'][field]}")
    except (KeyError, TypeError) as error:
        raise Unconfirmed(f"X answers without an id: {answer}") from error
