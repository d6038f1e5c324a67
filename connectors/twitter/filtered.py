"""The filtered stream: posts as they are made, where the plan has it."""

from __future__ import annotations

from collections.abc import Coroutine, Mapping
from functools import cached_property
from typing import Any, ClassVar

from bot.events import Event, EventKind
from connectors.twitter import translate
from connectors.twitter.objects import Includes, number
from connectors.twitter.reading import POSTS
from connectors.twitter.rules import Rules
from connectors.twitter.stream import Stream


class FilteredStream(Stream):
    """Brings what mentions us, and what is said in the conversations that the bot is in."""

    name = "stream"
    path = "/2/tweets/search/stream"
    sources = ("mentions", "conversations")
    parameters: ClassVar[Mapping[str, str]] = {
        name.replace("_fields", ".fields"): value for name, value in POSTS.items()
    }

    @cached_property
    def _rules(self) -> Rules:
        return Rules(self.service.client, self.me, self.service.conversations)

    async def sync(self) -> None:
        """See `Stream.sync`."""
        await self._rules.sync()

    @property
    def is_whole(self) -> bool:
        """See `Stream.is_whole`: a rule may be missing, too."""
        return super().is_whole and self._rules.are_in_step

    def jobs(self) -> tuple[Coroutine[Any, Any, None], ...]:
        """See `Stream.jobs`: it follows the conversations that the bot joins, too."""
        return (*super().jobs(), self._rules.follow(self.troubles, self.line.miss))

    async def receive(self, said: Any) -> None:
        """See `Stream.receive`."""
        raw, includes = said["data"], Includes.of(said.get("includes"))
        await self.reader.pay("post", [raw], includes)
        events = self.understood(translate.post, raw, includes)
        await self.tell([event for event in events if self._is_ours(event)], number(raw) or 0)

    def _is_ours(self, event: Event) -> bool:
        """Whether it is for us: the app may have rules of others, and X sends all to all."""
        is_followed = event.room is not None and event.room.key in self.service.conversations
        return event.kind is EventKind.MALFORMED or event.addressed or is_followed
