"""What a simulated Discord knows, and how it describes it.

The fields are those of https://discord.com/developers/docs/reference and of the published OpenAPI
specification of version 10.
"""

from __future__ import annotations

import re
import time
from base64 import b64encode
from typing import Any

from connectors.discord.simulator.channels import (
    DIRECT,
    FORUM,
    GROUP,
    KINDS,
    THREAD,
    Channel,
    describe,
    stamp,
)
from connectors.discord.simulator.shapes import (
    APPLICATION,
    BLANK,
    EVERYONE,
    GUILD,
    MEMBER,
    Json,
)
from connectors.discord.translate import EPOCH

__all__ = ["KINDS", "Channel", "State", "stamp"]

DEFAULT, REPLY = 0, 19
ALLOWED = 1 << 19 | 1 << 15
"""The application's flags GATEWAY_MESSAGE_CONTENT_LIMITED and GATEWAY_GUILD_MEMBERS_LIMITED."""
_MENTION = re.compile(r"<@!?(\d+)>")
_ROLE = re.compile(r"<@&(\d+)>")


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
        self.roles: dict[str, Json] = {}
        self.members: dict[str, Json] = {}
        self.emojis: dict[str, str] = {}
        self.lobby: str | None = None
        self.flags = ALLOWED
        self.guild_id = self.new_id()
        self.joined = stamp(self.guild_id)
        self.owner = self.add_person("owner", is_bot=False)
        self.bot = self.add_person(name, is_bot=True)
        tags = {"bot_id": self.bot, "integration_id": self.new_id()}
        self.give(self.add_role(name, managed=True, tags=tags), self.bot)
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
        self.members[user["id"]] = {**MEMBER, "joined_at": self.joined, "roles": []}
        return str(user["id"])

    def add_role(self, name: str, **more: Any) -> str:
        """A new role."""
        role = {**EVERYONE, "id": self.new_id(), "name": name, "position": len(self.roles) + 1}
        self.roles[role["id"]] = role | more
        return str(role["id"])

    def give(self, role: str, person: str) -> None:
        """Give a role to somebody."""
        self.members[person]["roles"] = [*self.members[person]["roles"], role]

    def add_channel(self, name: str, type: int, parent: str | None) -> Channel:
        """A new channel; for a DM, `name` is the person."""
        if type == DIRECT:
            return self.direct(name)
        channel = Channel(self.new_id(), type, name, parent)
        self.channels[channel.id] = channel
        return channel

    def add_group(self, people: tuple[str, ...], name: str) -> Channel:
        """A new group outside of any server."""
        channel = Channel(self.new_id(), GROUP, name, recipients=people)
        self.channels[channel.id] = channel
        return channel

    def direct(self, person: str) -> Channel:
        """The DM with a person, made when it is first asked for."""
        for channel in self.channels.values():
            if channel.type == DIRECT and channel.recipients == (person,):
                return channel
        channel = Channel(self.new_id(), DIRECT, recipients=(person,))
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
        key = channel.id if self._opens(channel) else self.new_id()
        message: Json = {
            **BLANK,
            "id": key,
            "channel_id": channel.id,
            "type": DEFAULT if reply_to is None else REPLY,
            "content": text,
            "author": self.people[author],
            "timestamp": stamp(key),
            "mentions": self.mentioned(text),
            "mention_roles": [one for one in _ROLE.findall(text) if one in self.roles],
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

    def emoji(self, emoji: str) -> Json:
        """An emoji, as Discord has it; one that is written `:name:` is the server's own."""
        name = emoji.strip(":")
        if name == emoji or not name:
            return {"id": None, "name": emoji}
        return {"id": self.emojis.setdefault(name, self.new_id()), "name": name}

    def _opens(self, channel: Channel) -> bool:
        """Whether the next message is the first one of a forum's post: it has the post's id."""
        parent = self.channels.get(channel.parent or "")
        return bool(parent and parent.type == FORUM and channel.last is None)

    def _answering(self, channel: Channel, message: str) -> Json:
        answered = channel.messages.get(int(message))
        where = {} if channel.is_direct else {"guild_id": self.guild_id}
        reference = {"type": 0, "channel_id": channel.id, "message_id": message, **where}
        shown = answered and {k: v for k, v in answered.items() if k != "referenced_message"}
        return {"message_reference": reference, "referenced_message": shown}

    # how it is described

    def whereabouts(self, channel: Channel) -> Json:
        """Where something happened, as events tell it."""
        where = {"channel_id": channel.id}
        return where if channel.is_direct else {**where, "guild_id": self.guild_id}

    def told(self, channel: Channel, message: Json) -> Json:
        """A message as the gateway tells it."""
        if channel.is_direct:
            return message
        member = self.members.get(message["author"]["id"])
        more = {"member": member} if member and "webhook_id" not in message else {}
        return {**message, "guild_id": self.guild_id, **more}

    def member(self, person: str) -> Json:
        """A membership, with its user."""
        return {**self.members[person], "user": self.people[person]}

    def described(self, channel: Channel) -> Json:
        """A channel."""
        return describe(channel, guild=self.guild_id, owner=self.owner, people=self.people)

    def guild(self) -> Json:
        """The server, as GET /guilds/{id} has it."""
        everyone = {**EVERYONE, "id": self.guild_id}
        return {
            **GUILD,
            "id": self.guild_id,
            "name": "Townhall",
            "owner_id": self.owner,
            "system_channel_id": self.lobby,
            "roles": [everyone, *self.roles.values()],
        }

    def full_guild(self) -> Json:
        """The server, as GUILD_CREATE has it."""
        rooms = [one for one in self.channels.values() if not one.is_direct]
        return {
            **self.guild(),
            "joined_at": self.joined,
            "large": False,
            "unavailable": False,
            "member_count": len(self.members),
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
