"""discord.py's client, made to keep its promises.

It names its own addresses, survives what it cannot parse, and tells us every payload as it came.
Some of what is overridden here is not public in discord.py; its version is held below 2.8 for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

import aiohttp
import discord
from discord.gateway import ReconnectWebSocket
from discord.http import Route
from yarl import URL

from bot.errors import DeliveryError, RateLimited
from connectors.discord.connections import Api, Gateway
from connectors.discord.errors import AUTHENTICATION_FAILED

IDENTIFY_EVERY = 5.0
"""Seconds between two logins: https://discord.com/developers/docs/topics/gateway#rate-limiting"""
OPEN_WITHIN = 60.0
"""Seconds from the first byte to the login, as in the library's own loop."""
FAREWELL = 3.0
"""Seconds in which the gateway may answer our goodbye."""
SLOWEST = 20.0
"""The longest pause between two tries to reconnect, in seconds."""
SPARSE = 120.0
"""Likewise where logins are taken and lead to no session: a day has 1,000 of them.
https://discord.com/developers/docs/events/gateway#session-start-limit-object"""
# https://discord.com/developers/docs/topics/opcodes-and-status-codes#gateway
DISALLOWED_INTENTS = 4014
FATAL = frozenset({AUTHENTICATION_FAILED, 4010, 4011, 4012, 4013})
SETTLED = frozenset({"READY", "RESUMED"})

MISSING_CONTENT = (
    "Discord hides the text of messages in servers from this bot, except where it is mentioned and"
    " in direct messages. Switch on the Developer Portal > the application > Bot > Message Content"
    " Intent, and start again."
)


class Ear(Protocol):
    """Who is told what the gateway says."""

    def hear(self, name: str, data: Any, mark: str) -> None:
        """A payload, as it came, before the library reads it.

        Args:
            mark: which one it is, of all that the gateway ever told us.
        """
        ...

    def misheard(self, name: str, data: Any, error: Exception) -> None:
        """The library could not read a payload."""
        ...

    def lost(self, why: str) -> None:
        """The gateway is gone; a new connection is being made."""
        ...

    async def space(self) -> None:
        """Return when there is room for more."""
        ...


class Parsers(dict[str, Callable[[Any], None]]):
    """The library's parsers by the names of events; events that it does not know get `other`."""

    def __init__(self, parsers: dict[str, Any], other: Callable[[str, Any], None]) -> None:
        super().__init__(parsers)
        self._other = other

    def __missing__(self, name: str) -> Callable[[Any], None]:
        return partial(self._other, name)


class Client(discord.Client):
    """A `discord.Client` for one account; users may add handlers of their own.

    Args:
        api_url: where the API is, version included.
        gateway_url: where the gateway is, if the API is not to be asked.
    """

    def __init__(self, ear: Ear, *, api_url: str, gateway_url: str | None = None) -> None:
        self.ear = ear
        # The library would complain of what only voice needs.
        discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
        self._wanted = discord.Intents(
            guilds=True, messages=True, reactions=True, message_content=True, members=True
        )
        super().__init__(
            intents=self._wanted,
            chunk_guilds_at_startup=False,
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            allowed_mentions=discord.AllowedMentions.none(),
        )
        self.http = self._connection.http = Api(self.loop, api_url)
        self._gateway_url = gateway_url
        self._identified = float("-inf")
        self._resume_at: URL | None = None
        self._failures = self._logins = 0  # in a row
        parsers = self._connection.parsers
        ours = {name: partial(self._parse, name, parse) for name, parse in parsers.items()}
        self._connection.parsers = Parsers(ours, self._hear)

    @property
    def reads_content(self) -> bool:
        """Whether Discord shows us what people say in servers; known after the login."""
        return self._wanted.message_content

    async def login(self, token: str) -> None:
        """Prove the token, and leave nothing open when it is refused."""
        try:
            await super().login(token)
        except BaseException:
            await self.http.close()
            self.http.connector = discord.utils.MISSING  # the library would use the closed one
            raise

    async def setup_hook(self) -> None:
        """Ask only for the intents that are ours: one too many, and Discord ends the session."""
        self._want(self.application.flags if self.application else discord.ApplicationFlags())

    async def connect(self, *, reconnect: bool = True) -> None:  # noqa: ARG002 - it always does
        """Stay on the gateway until it refuses us, in the place of the library's own loop.

        That one uses a fixed address, fails on a first connection that fails, comes back without
        a pause, and ends at an intent that was switched off while we were away.

        Raises:
            ConnectionClosed: the gateway refuses us.
            HTTPException: the API refuses to name the gateway.
        """
        resume = False
        while True:
            try:
                await self._converse(resume=resume)
            except ReconnectWebSocket as lost:
                if resume and not lost.resume:
                    self._failures = 0  # Discord is there, and wants a login instead
                resume, why = lost.resume, "the gateway asked for a new connection"
            except discord.ConnectionClosed as closed:
                resume, why = await self._forgive(closed), str(closed)
            except (OSError, aiohttp.ClientError, discord.HTTPException, DeliveryError) as error:
                if getattr(error, "status", 0) == 401:  # noqa: PLR2004 - HTTP's own number
                    raise
                resume, why = True, f"{error or error.__class__.__name__}"
                self._resume_at = None  # it may be the address that is at fault
            self.dispatch("disconnect")
            self.ear.lost(why)
            await asyncio.sleep(_pause(self._failures, self._logins))
            self._failures += 1

    async def leave(self) -> None:
        """Say goodbye to the gateway; the API can still be used."""
        if task := self._connection._ready_task:  # noqa: SLF001 - it sleeps 2 s and outlives us
            task.cancel()
        if self.ws and self.ws.open:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(FAREWELL):
                    await self.ws.close(code=1000)
        self.ws = None  # type: ignore[assignment] # as before the first connection

    async def close(self) -> None:
        """Leave the gateway and close all connections."""
        await self.leave()
        await super().close()

    async def _converse(self, *, resume: bool) -> None:
        opening = self._resumed() if resume and self.ws and self.ws.session_id else self._fresh()
        async with asyncio.timeout(OPEN_WITHIN):  # `wait_for` may lose a cancellation
            self.ws = await opening
        while True:
            await self.ws.poll_event()
            await self.ear.space()  # while we are full, the socket's buffers fill

    async def _fresh(self) -> Gateway:
        loop, gateway = asyncio.get_running_loop(), await self._address()
        # The library would wait with the socket open, and always for the whole time.
        await asyncio.sleep(self._identified + IDENTIFY_EVERY - loop.time())
        self._identified = loop.time()
        fresh = await Gateway.from_client(self, initial=True, gateway=gateway)
        self._logins += 1
        return fresh

    async def _resumed(self) -> Gateway:
        last, gateway = self.ws, self._resume_at or await self._address()
        return await Gateway.from_client(
            self, gateway=gateway, session=last.session_id, sequence=last.sequence, resume=True
        )

    async def _address(self) -> URL:
        if self._gateway_url:
            return URL(self._gateway_url)
        told = await self.http.request(Route("GET", "/gateway/bot"))
        start = told.get("session_start_limit") or {}
        if start.get("remaining", 1) < 1:
            # One login too many, and Discord resets the token.
            wait = start["reset_after"] / 1000
            raise RateLimited(f"no logins left for {wait:.0f} s", retry_after=wait)
        return URL(told["url"])

    def _want(self, flags: discord.ApplicationFlags) -> None:
        wanted = self._wanted
        content = flags.gateway_message_content or flags.gateway_message_content_limited
        members = flags.gateway_guild_members or flags.gateway_guild_members_limited
        wanted.message_content, wanted.members = content, members

    async def _forgive(self, closed: discord.ConnectionClosed) -> bool:
        """Whether to resume after a farewell.

        Raises:
            ConnectionClosed: it was for good.
        """
        if closed.code == DISALLOWED_INTENTS and (self.reads_content or self._wanted.members):
            await self._want_less()
            return False
        if closed.code in FATAL or closed.code == DISALLOWED_INTENTS:
            raise closed
        return True

    async def _want_less(self) -> None:
        before = self._wanted.value
        with contextlib.suppress(OSError, aiohttp.ClientError, discord.DiscordException):
            self._want((await self.application_info()).flags)
        if self._wanted.value == before:  # nobody says which one is too many
            self._want(discord.ApplicationFlags())

    def _parse(self, name: str, parse: Callable[[Any], None], data: Any) -> None:
        # An exception out of a parser ends the library's task, and with it the bot.
        if name in SETTLED:
            self._failures = self._logins = 0
        if name == "READY" and not self._gateway_url:
            self._resume_at = URL(data["resume_gateway_url"])
        self._hear(name, data)
        try:
            parse(data)
        except Exception as error:  # noqa: BLE001 - any shape may come
            self.ear.misheard(name, data, error)

    def _hear(self, name: str, data: Any) -> None:
        self.ear.hear(name, data, f"{self.ws.session_id}/{self.ws.sequence}")


def _pause(failures: int, logins: int) -> float:
    """Seconds before the next try.

    Args:
        logins: how many of them led to no session since there was one.
    """
    longest = SPARSE if logins > 1 else SLOWEST
    return min(2.0**failures, longest) * random.uniform(0.5, 1.0) if failures else 0.0  # noqa: S311 - no secret
