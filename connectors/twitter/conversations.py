"""The conversations that the bot takes part in."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from bot.errors import StoreError
from connectors.twitter.purse import Notes

MOST = 10
"""How many are followed: as many as fit into one search or rule of 512 characters
(docs.x.com/x-api/posts/search/integrate/build-a-query)."""

NOTE = "conversations"


class Conversations:
    """The newest of them; older ones are let go.

    Args:
        count: how many are followed.

    Attributes:
        changed: set when they are others than before.
    """

    def __init__(self, notes: Notes, count: int) -> None:
        self._notes, self._count = notes, count
        self._keys: list[str] = []
        self.changed = asyncio.Event()

    async def open(self) -> None:
        """Read those of before."""
        known = (await self._notes.note(NOTE) or "").split()
        self._keys = known[-self._count :] if self._count else []

    async def join(self, key: str) -> None:
        """The bot said something in a conversation."""
        if key in self._keys or not self._count:
            return
        self._keys = [*self._keys, key][-self._count :]
        self.changed.set()
        with suppress(StoreError):  # what was said is said; only a restart would not know where
            await self._notes.keep(NOTE, " ".join(self._keys))

    def __contains__(self, key: object) -> bool:
        return key in self._keys

    def query(self, username: str) -> str:
        """What searches them for all but our own posts and mentions of us; empty without any."""
        if not self._keys:
            return ""
        anywhere = " OR ".join(f"conversation_id:{key}" for key in self._keys)
        return f"({anywhere}) -from:{username} -@{username} -is:retweet"
