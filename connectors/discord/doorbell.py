"""Hears interactions before anybody else: they want a sign within three seconds."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from connectors.discord.interactions import AUTOCOMPLETE, INTERACTION, interaction

if TYPE_CHECKING:
    from connectors.discord.answers import Answers
    from connectors.discord.commands import Commands
    from connectors.discord.feed import Feed
    from connectors.discord.translate import Known


class Doorbell:
    """The `Ear` of a client: it rings for interactions, and passes everything on."""

    def __init__(self, feed: Feed, known: Known, answers: Answers, commands: Commands) -> None:
        self._feed, self._known = feed, known
        self._answers, self._commands = answers, commands
        self._typing: set[asyncio.Task[None]] = set()
        self.misheard, self.lost, self.space = feed.misheard, feed.lost, feed.space

    def hear(self, name: str, data: Any, mark: str) -> None:
        """See `Ear.hear`."""
        self._feed.hear(name, data, mark)
        if name == INTERACTION:
            self._ring(data)

    async def close(self) -> None:
        """Suggest nothing more."""
        for task in self._typing:
            task.cancel()
        await asyncio.gather(*self._typing, return_exceptions=True)

    def _ring(self, data: Any) -> None:
        event = interaction(data, self._known)
        if event and event.via:
            self._answers.heard(event)
        elif isinstance(data, dict) and data.get("type") == AUTOCOMPLETE:
            task = asyncio.create_task(self._commands.complete(data))
            self._typing.add(task)
            task.add_done_callback(self._typing.discard)
