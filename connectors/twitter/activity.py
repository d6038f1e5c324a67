"""The activity stream: mentions and direct messages as they come, where the plan has it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from bot.errors import Rejected, Unauthorized, Unavailable
from bot.events import Event, EventKind
from bot.value import now
from connectors.twitter import doings, identity, translate
from connectors.twitter.objects import Includes, is_before, number
from connectors.twitter.polling import CATCH_UP
from connectors.twitter.stream import Stream
from connectors.twitter.subscriptions import Subscriptions


class ActivityStream(Stream):
    """Brings what happens to our account.

    What comes in part is looked for: a post among the mentions, a direct message in its
    conversation. The clock of the polls goes on for direct messages, as X does not say what comes
    with these.
    """

    name = "activity"
    path = "/2/activity/stream"
    sources = ("mentions",)

    @cached_property
    def _subscriptions(self) -> Subscriptions:
        return Subscriptions(self.service, self.me)

    async def sync(self) -> None:
        """See `Stream.sync`."""
        await self._subscriptions.sync()

    async def receive(self, said: Any) -> None:
        """See `Stream.receive`."""
        doing = said["data"] if isinstance(said["data"], dict) else {}
        kind, raw = str(doing.get("event_type")), doing.get("payload")
        if price := doings.price(kind):
            delivery = doing.get("event_uuid") or translate.digest(doing)
            await self.service.purse.pay(price, [f"activity/{delivery}"])
        includes = Includes.of(doing.get("includes"))
        if not self._subscriptions.are_meant(doing):
            return
        if kind in doings.POSTS and number(raw):
            await self._post(kind, raw, includes)
        elif kind == doings.DIRECT_MESSAGE and isinstance(raw, dict):
            await self._message(raw, includes)
        else:
            await self._notice(said["data"], includes)

    async def _post(self, kind: str, raw: Any, includes: Includes) -> None:
        post, is_mention = number(raw) or 0, kind == doings.MENTION
        if doings.is_whole(raw, includes):
            if is_mention:
                await self.tell(self.understood(translate.mention, raw, includes), post)
            else:
                events = self.understood(translate.post, raw, includes)
                await self._deliver([event for event in events if event.addressed])
        elif is_mention:
            self.line.announce(post)

    async def _message(self, raw: Any, includes: Includes) -> None:
        if doings.is_readable(raw, includes):
            await self._deliver(self.understood(translate.direct_message, raw, includes))
        elif key := doings.conversation(raw):
            await self._glance(key)

    async def _glance(self, key: str) -> None:
        """Look at one conversation at once, if X lets us; if not, its turn will come."""
        try:
            found = await self.reader.conversation(key)
        except (Unavailable, Rejected, Unauthorized) as error:
            self.service.runtime.logger.debug("x does not show a conversation", why=str(error))
            return
        start = now() - CATCH_UP
        await self._deliver(
            event
            for raw in reversed(found.items)
            if not is_before(raw, start)
            for event in self.understood(translate.direct_message, raw, found.includes)
        )

    async def _notice(self, doing: Any, includes: Includes) -> None:
        events = self.understood(doings.told, doing, includes)
        await self._deliver(events)
        for event in events:
            if event.kind is EventKind.PROFILE and event.sender:
                known = {"name": event.sender.name, "username": event.sender.username}
                self.me = self.me.model_copy(update=known)
                await identity.keep(self.service, self.service.config, self.me)

    async def _deliver(self, events: Iterable[Event]) -> None:
        if told := tuple(events):
            await self.deliver(*told)
