"""A channel of a simulated Discord, and how it is described."""

from __future__ import annotations

import time
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from datetime import UTC, datetime

from connectors.discord.simulator.shapes import FORUM_CHANNEL, GUILD_CHANNEL, Json
from connectors.discord.translate import moment

TEXT, DIRECT, GROUP, CATEGORY, ANNOUNCEMENT, THREAD, FORUM = 0, 1, 3, 4, 5, 11, 15
KINDS = {
    "group": TEXT,
    "dm": DIRECT,
    "channel": ANNOUNCEMENT,
    "thread": THREAD,
    "category": CATEGORY,
    "forum": FORUM,
}


@dataclass(slots=True)
class Channel:
    """A channel and what was said in it.

    Args:
        recipients: the people in it besides the bot, where it is in no server.
        owner: who opened it, where it was not the owner of the server.
        messages: by id, oldest first.
        refusal: the code with which every request about it is refused.
    """

    id: str
    type: int
    name: str = ""
    parent: str | None = None
    recipients: tuple[str, ...] = ()
    messages: dict[int, Json] = field(default_factory=dict)
    order: list[int] = field(default_factory=list)
    last: str | None = None
    refusal: int | None = None
    owner: str | None = None

    @property
    def is_direct(self) -> bool:
        """Whether it is in no server."""
        return self.type in (DIRECT, GROUP)

    def add(self, message: Json) -> None:
        """Append a message."""
        key = int(message["id"])
        self.messages[key] = message
        self.order.append(key)
        self.last = message["id"]

    def remove(self, message: str) -> None:
        """Forget a message; `last` still names it, as on Discord."""
        key = int(message)
        del self.messages[key]
        del self.order[bisect_left(self.order, key)]

    def page(
        self, *, limit: int, before: int | None = None, after: int | None = None
    ) -> list[Json]:
        """Messages next to `after` or `before`, or the newest; newest first."""
        if after is not None:
            start = bisect_right(self.order, after)
            keys = self.order[start : start + limit]
        else:
            end = len(self.order) if before is None else bisect_left(self.order, before)
            keys = self.order[max(0, end - limit) : end]
        return [self.messages[key] for key in reversed(keys)]


def describe(channel: Channel, *, guild: str, owner: str, people: dict[str, Json]) -> Json:
    """A channel, as Discord has it."""
    common = {"id": channel.id, "type": channel.type, "flags": 0, "last_message_id": channel.last}
    if channel.is_direct:
        told = {**common, "recipients": [people[one] for one in channel.recipients]}
        owned = {"name": channel.name or None, "icon": None, "owner_id": owner}
        return {**told, **owned} if channel.type == GROUP else told
    common |= {
        "guild_id": guild,
        "name": channel.name,
        "parent_id": channel.parent,
        "rate_limit_per_user": 0,
    }
    if channel.type != THREAD:
        more = FORUM_CHANNEL if channel.type == FORUM else {}
        return {**common, **GUILD_CHANNEL, **more}
    return {**common, "owner_id": channel.owner or owner, **_thread(channel)}


def _thread(channel: Channel) -> Json:
    began, count = stamp(channel.id), len(channel.order)
    times = {"archive_timestamp": began, "create_timestamp": began}
    return {
        "thread_metadata": {
            "archived": False,
            "auto_archive_duration": 1440,
            "locked": False,
            **times,
        },
        "message_count": count,
        "member_count": 1,
        "total_message_sent": count,
    }


def stamp(snowflake: str | None = None) -> str:
    """A time as Discord writes it: that of an id, or now."""
    seconds = moment(snowflake) / 1000 if snowflake else time.time()
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds")
