"""The rules of the filtered stream, kept in step with what the bot needs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from bot.connector import Identity
from bot.errors import Rejected, Unavailable, Unconfirmed
from connectors.twitter.objects import some
from connectors.twitter.troubles import Troubles

if TYPE_CHECKING:
    from connectors.twitter.client import Client
    from connectors.twitter.conversations import Conversations

PATH = "/2/tweets/search/stream/rules"

PAUSE = 40.0
"""Seconds between two changes: X allows 25 in 15 minutes (docs.x.com, rate limits)."""


class Rules:
    """Ours among the rules of the app: they are told by their tags, and others are left alone."""

    def __init__(self, client: Client, me: Identity, conversations: Conversations) -> None:
        self._client, self._me, self._conversations = client, me, conversations
        self._tag = f"townhall/{me.key}/"
        self._is_behind = False

    @property
    def are_in_step(self) -> bool:
        """Whether they bring all that is wanted."""
        return not (self._is_behind or self._conversations.changed.is_set())

    async def sync(self) -> None:
        """Add what is missing and remove what is no longer needed.

        Raises:
            DeliveryError: X does not let us.
        """
        answer = await self._client.request("GET", PATH)
        rules = some((await answer.json() or {}).get("data"))
        ours = {r["value"]: r["id"] for r in rules if str(r.get("tag")).startswith(self._tag)}
        wanted = self._wanted()
        new = [{"value": v, "tag": tag} for v, tag in wanted.items() if v not in ours]
        old = [rule for value, rule in ours.items() if value not in wanted]
        if new:
            await self._change({"add": new})
        if old:
            await self._change({"delete": {"ids": old}})

    async def follow(self, troubles: Troubles, changed: Callable[[], None]) -> None:
        """Sync whenever the bot joins a conversation, until cancelled.

        Args:
            changed: told of each change, before which something was missed.
        """
        while True:
            await self._conversations.changed.wait()
            self._conversations.changed.clear()
            self._is_behind = True
            try:
                await self.sync()
            except (Unavailable, Rejected) as error:
                troubles.note("rules", error)
                self._conversations.changed.set()
            else:
                troubles.clear("rules")
                changed()
                self._is_behind = False
            await asyncio.sleep(PAUSE)

    def _wanted(self) -> dict[str, str]:
        name = self._me.username
        rules = {f"@{name} -is:retweet": f"{self._tag}mentions"}
        if query := self._conversations.query(name):
            rules[query] = f"{self._tag}conversations"
        return rules

    async def _change(self, body: Any) -> None:
        try:
            answer = await self._client.request("POST", PATH, json=body)
        except Unconfirmed as error:  # to look again and ask once more does no harm
            raise Unavailable(str(error)) from error
        problems = some((await answer.json() or {}).get("errors"))
        # A rule that somebody else has made already does for us, too.
        wrong = [one for one in problems if "duplicate" not in str(one.get("title")).lower()]
        if wrong:
            raise Rejected(f"X: {wrong[0].get('detail') or wrong[0].get('title')}")
