"""What a simulated Discord knows, and how it describes it.

The fields are those of https://discord.com/developers/docs/reference and of the published OpenAPI
specification of version 10.
"""

from __future__ import annotations

import re
import time
from base64 import b64encode
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from datetime import UTC, datetime

from connectors.discord.simulator.shapes import (
    APPLICATION,
    BLANK,
    EVERYONE,
    GUILD,
    GUILD_CHANNEL,
    MEMBER,
    Json,
)
from connectors.discord.translate import EPOCH, moment

TEXT, DIRECT, ANNOUNCEMENT, THREAD = 0, 1, 5, 11
KINDS = {"group": TEXT, "dm": DIRECT, "channel": ANNOUNCEMENT, "thread": THREAD}
DEFAULT, REPLY = 0, 19
CONTENT_ALLOWED = 1 << 19
"""The application's flag GATEWAY_MESSAGE_CONTENT_LIMITED."""
_MENTION = re.compile(r"<@!?(\d+)>")


@dataclass(slots=True)
class Channel:
    """A channel and what was said in it.

    Args:
        messages: by id, oldest first.
        refusal: the code with which every request about it is refused.
    """

    id: str
    type: int
    name: str = ""
    parent: str | None = None
    recipient: str | None = None
    messages: dict[int, Json] = field(default_factory=dict)
    order: list[int] = field(default_factory=list)
    last: str | None = None
    refusal: int | None = None

    @property
    def is_direct(self) -> bool:
        """Whether it is between the bot and one person."""
        return self.type == DIRECT

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


class State:
    """One server, its people and rooms, and the bot.

    Args:
        name: the bot's.
    """

    def __init__(self, name: str) -> None:
        self._last_id = 0
        self.people: dict[str, Json] = {}
        self.channels: dict[str, Channel] = {}
        self.where: dict[str, Channel] = {}
        self.flags = CONTENT_ALLOWED
        self.guild_id = self.new_id()
        self.joined = stamp(self.guild_id)
        self.owner = self.add_person("owner", is_bot=False)
        self.bot = self.add_person(name, is_bot=True)
        self.token = f"{b64encode(self.bot.encode()).decode().rstrip('=')}.simulated.token"

    def new_id(self) -> str:
        """A snowflake of this moment, greater than every one before."""
        now = (int(time.time() * 1000) - EPOCH) << 22
        self._last_id = max(now, self._last_id + 1)
        return str(self._last_id)

    # people and rooms

    def add_person(self, name: str, *, is_bot: bool) -> str:
        """A new user."""
        user: Json = {
            "id": self.new_id(),
            "username": re.sub(r"[^a-z0-9_.]", "", name.lower()) or "someone",
            "discriminator": "0",
            "global_name": name,
            "avatar": None,
            "public_flags": 0,
            "flags": 0,
            "primary_guild": None,
            "bot": is_bot,
        }
        self.people[user["id"]] = user
        return str(user["id"])

    def add_channel(self, name: str, type: int, parent: str | None) -> Channel:
        """A new channel; for a DM, `name` is the person."""
        if type == DIRECT:
            return self.direct(name)
        channel = Channel(self.new_id(), type, name, parent)
        self.channels[channel.id] = channel
        return channel

    def direct(self, person: str) -> Channel:
        """The DM with a person, made when it is first asked for."""
        for channel in self.channels.values():
            if channel.recipient == person:
                return channel
        channel = Channel(self.new_id(), DIRECT, recipient=person)
        self.channels[channel.id] = channel
        return channel

    # messages

    def add_message(
        self,
        channel: Channel,
        author: str,
        text: str,
        *,
        reply_to: str | None = None,
        attachments: list[Json] | None = None,
        nonce: str | int | None = None,
    ) -> Json:
        """Say something in a channel."""
        key = self.new_id()
        message: Json = {
            **BLANK,
            "id": key,
            "channel_id": channel.id,
            "type": DEFAULT if reply_to is None else REPLY,
            "content": text,
            "author": self.people[author],
            "timestamp": stamp(key),
            "mentions": self.mentioned(text),
            "attachments": attachments or [],
        }
        if reply_to is not None:
            message |= self._answering(channel, reply_to)
        if nonce is not None:
            message["nonce"] = nonce
        channel.add(message)
        self.where[key] = channel
        return message

    def mentioned(self, text: str) -> list[Json]:
        """The people whom a text names."""
        ids = dict.fromkeys(_MENTION.findall(text))
        return [self.people[one] for one in ids if one in self.people]

    def _answering(self, channel: Channel, message: str) -> Json:
        answered = channel.messages.get(int(message))
        where = {} if channel.is_direct else {"guild_id": self.guild_id}
        reference = {"type": 0, "channel_id": channel.id, "message_id": message, **where}
        shown = answered and {k: v for k, v in answered.items() if k != "referenced_message"}
        return {"message_reference": reference, "referenced_message": shown}

    # how it is described

    def told(self, channel: Channel, message: Json) -> Json:
        """A message as the gateway tells it."""
        if channel.is_direct:
            return message
        return {**message, "guild_id": self.guild_id, "member": self.member()}

    def member(self, person: str | None = None) -> Json:
        """A membership; with its user, where it stands alone."""
        user = {"user": self.people[person]} if person else {}
        return {**MEMBER, "joined_at": self.joined, **user}

    def described(self, channel: Channel) -> Json:
        """A channel."""
        common = {
            "id": channel.id,
            "type": channel.type,
            "flags": 0,
            "last_message_id": channel.last,
        }
        if channel.recipient:
            return {**common, "recipients": [self.people[channel.recipient]]}
        common |= {
            "guild_id": self.guild_id,
            "name": channel.name,
            "parent_id": channel.parent,
            "rate_limit_per_user": 0,
        }
        if channel.type != THREAD:
            return {**common, **GUILD_CHANNEL}
        began = stamp(channel.id)
        times = {"archive_timestamp": began, "create_timestamp": began}
        metadata = {"archived": False, "auto_archive_duration": 1440, "locked": False, **times}
        count = len(channel.order)
        return {
            **common,
            "owner_id": self.owner,
            "thread_metadata": metadata,
            "message_count": count,
            "member_count": 1,
            "total_message_sent": count,
        }

    def guild(self) -> Json:
        """The server, as GET /guilds/{id} has it."""
        everyone = {**EVERYONE, "id": self.guild_id}
        return {
            **GUILD,
            "id": self.guild_id,
            "name": "Townhall",
            "owner_id": self.owner,
            "roles": [everyone],
        }

    def full_guild(self) -> Json:
        """The server, as GUILD_CREATE has it."""
        rooms = [one for one in self.channels.values() if not one.is_direct]
        return {
            **self.guild(),
            "joined_at": self.joined,
            "large": False,
            "unavailable": False,
            "member_count": len(self.people),
            "members": [self.member(self.bot)],
            "channels": [self.described(one) for one in rooms if one.type != THREAD],
            "threads": [self.described(one) for one in rooms if one.type == THREAD],
            "voice_states": [],
            "presences": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "soundboard_sounds": [],
        }

    def myself(self) -> Json:
        """The bot, as GET /users/@me has it."""
        own = {"mfa_enabled": True, "locale": "en-US", "verified": True, "email": None}
        return {**self.people[self.bot], **own}

    def application(self) -> Json:
        """The bot's application."""
        return {
            **APPLICATION,
            "id": self.bot,
            "name": self.people[self.bot]["global_name"],
            "flags": self.flags,
            "flags_new": str(self.flags),
            "owner": self.people[self.owner],
        }


def stamp(snowflake: str | None = None) -> str:
    """A time as Discord writes it: that of an id, or now."""
    seconds = moment(snowflake) / 1000 if snowflake else time.time()
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds")
