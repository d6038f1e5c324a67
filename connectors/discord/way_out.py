"""All that leaves an account, by the way that each thing has to go."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from bot.errors import DeliveryError, Rejected
from connectors.discord.answers import Answers
from connectors.discord.commands import Commands
from connectors.discord.finder import Finder
from connectors.discord.speaker import Speaker
from connectors.discord.wire import Route, Wire

if TYPE_CHECKING:
    from bot.events import Event
    from bot.part import Part, Receipt
    from bot.runtime import Runtime
    from connectors.discord.client import Client


class WayOut:
    """What `DiscordService` sends with.

    Args:
        enter: the client, once it is logged in.
        me: the id of our own user.
    """

    def __init__(
        self,
        runtime: Runtime,
        enter: Callable[[], Awaitable[Client]],
        api_url: str,
        me: Callable[[], str],
    ) -> None:
        self.wire = Wire(enter, api_url)
        self._speaker = Speaker(self.wire, runtime)
        self._finder = Finder(self.wire, runtime, self._speaker, me)
        self.answers = Answers(self.wire, runtime, self._speaker, self._finder)
        self.commands = Commands(self.wire, runtime)

    async def send(self, part: Part) -> Receipt:
        """See `Connector.send`."""
        return await (self.answers.say(part, part.via) if part.via else self._speaker.say(part))

    async def find(self, part: Part) -> Receipt | None:
        """See `Connector.find`."""
        return await (self.answers.find(part, part.via) if part.via else self._finder.find(part))

    async def change(self, part: Part) -> None:
        """See `Connector.change`."""
        await (self.answers.change(part, part.via) if part.via else self._speaker.change(part))

    async def dismiss(self, event: Event) -> None:
        """See `Connector.dismiss`."""
        if event.via:
            with contextlib.suppress(DeliveryError):
                await self.answers.dismiss(event.via)

    async def typing(self, channel: str) -> None:
        """See `Connector.typing`."""
        with contextlib.suppress(DeliveryError):
            await self.wire(Route("POST", "/channels/{channel_id}/typing", channel_id=channel))

    async def guild_of(self, channel: str) -> str | None:
        """The server that a channel belongs to; nothing if to none, None if there is no channel."""
        try:
            return (await self._speaker.places.place(channel)).guild
        except Rejected:
            return None

    async def history(self, channel: str, after: str | None) -> list[dict[str, Any]]:
        """See `Finder.history`."""
        return await self._finder.history(channel, after)
