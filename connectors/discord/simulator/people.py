"""What people do on a simulated Discord."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any

from bot.testing.simulator import Said, Simulator, Upload, now
from connectors.discord.simulator import posts
from connectors.discord.simulator.channels import KINDS, Channel, stamp
from connectors.discord.simulator.desk import Desk
from connectors.discord.simulator.files import Files, Sent, shown_name
from connectors.discord.simulator.gateway import Gateway
from connectors.discord.simulator.reactions import Reactions
from connectors.discord.simulator.shapes import Json
from connectors.discord.simulator.state import State


class People(Simulator):
    """Speaking, reacting, coming and going.

    Attributes:
        state: what the platform knows.
    """

    state: State
    gateway: Gateway
    given: Reactions
    _files: Files
    _desk: Desk

    # who and where

    def add_person(self, name: str, *, is_bot: bool = False) -> str:
        """See `Simulator.add_person`."""
        return self.state.add_person(name, is_bot=is_bot)

    def add_room(self, name: str, *, kind: str = "group", parent: str | None = None) -> str:
        """See `Simulator.add_room`. A new DM is not told to bots: Discord stopped doing so.

        Args:
            kind: also `forum` or `category`; what is said first in a thread of a forum is its post.
        """
        if kind == "thread":
            parent = parent or self._some_room()
        channel = self.state.add_channel(name, KINDS[kind], parent)
        if kind == "thread":
            thread = {**self.state.described(channel), "newly_created": True}
            self.gateway.dispatch("THREAD_CREATE", thread)
        elif kind != "dm":
            self.gateway.dispatch("CHANNEL_CREATE", self.state.described(channel))
        if kind == "group" and self.state.lobby is None:
            self.state.lobby = channel.id
            self.gateway.dispatch("GUILD_UPDATE", self.state.guild())
        return channel.id

    def add_group(self, *people: str, name: str = "") -> str:
        """A new group of people and the bot, outside of the server; its key."""
        channel = self.state.add_group(people, name)
        self.gateway.dispatch("CHANNEL_CREATE", self.state.described(channel))
        return channel.id

    def add_role(self, name: str, *people: str) -> str:
        """A new role, given to people and bots; its id."""
        role = self.state.add_role(name)
        told = {"guild_id": self.state.guild_id, "role": self.state.roles[role]}
        self.gateway.dispatch("GUILD_ROLE_CREATE", told)
        for person in people:
            self.state.give(role, person)
            self._tell_of_member("GUILD_MEMBER_UPDATE", person)
        return role

    async def remove_room(self, room: str) -> None:
        """Delete a channel or a thread."""
        channel = self.state.channels.pop(room)
        kind = "THREAD" if channel.type == KINDS["thread"] else "CHANNEL"
        told = self.state.described(channel)
        kept = {key: told[key] for key in ("id", "guild_id", "parent_id", "type")}
        self.gateway.dispatch(f"{kind}_DELETE", kept if kind == "THREAD" else told)

    # speaking

    async def say(
        self,
        room: str,
        person: str,
        text: str,
        *,
        reply_to: str | None = None,
        mention: bool = False,
        files: Sequence[Upload] = (),
    ) -> str:
        """See `Simulator.say`."""
        called = f"<@{self.state.bot}> " if mention else ""
        sent = [self._files.keep(room, Sent.of(one)) for one in files]
        channel = self.state.channels[room]
        return self._tell(channel, person, text, called=called, reply_to=reply_to, files=sent)

    async def post(self, room: str, person: str, text: str = "", **fields: Any) -> str:
        """Say something with more than text; the message.

        Args:
            fields: of the message object, as `connectors.discord.simulator.posts` makes them.
        """
        channel = self.state.channels[room]
        return self._tell(channel, person, text, fields=fields)

    async def speak(self, room: str, person: str, data: bytes, seconds: float) -> str:
        """Send a voice message; its id."""
        channel = self.state.channels[room]
        sent = Sent("voice-message.ogg", BytesIO(data), "audio/ogg")
        file = self._files.keep(room, sent, duration_secs=seconds, waveform=posts.SILENCE)
        return self._tell(channel, person, "", files=[file], fields={"flags": posts.VOICE})

    async def forward(self, room: str, person: str, message: str) -> str:
        """Forward a message to a room; the new message."""
        origin = self.state.where[message]
        told = posts.forward(origin.messages[int(message)], self.state.whereabouts(origin))
        return self._tell(self.state.channels[room], person, "", fields=told)

    def files(self, message: str) -> list[Upload]:
        """See `Simulator.files`."""
        said = self.state.where[message].messages[int(message)]
        return [self._files.upload(one) for one in said["attachments"]]

    async def edit(self, message: str, text: str) -> None:
        """See `Simulator.edit`."""
        channel = self.state.where[message]
        changed = channel.messages[int(message)]
        changed |= {
            "content": text,
            "edited_timestamp": stamp(),
            "mentions": self.state.mentioned(text),
        }
        self.gateway.dispatch("MESSAGE_UPDATE", self.state.told(channel, changed))

    async def delete(self, message: str) -> None:
        """See `Simulator.delete`."""
        self._desk.remove(self.state.where[message], message)

    async def delete_all(self, messages: Sequence[str]) -> None:
        """Delete messages of one room at once, as moderators do."""
        channel = self.state.where[messages[0]]
        for message in messages:
            channel.remove(message)
        told = {"ids": list(messages), **self.state.whereabouts(channel)}
        self.gateway.dispatch("MESSAGE_DELETE_BULK", told)

    # reacting

    async def react(self, message: str, person: str, emoji: str, *, removed: bool = False) -> None:
        """See `Simulator.react`. An emoji of the server is written `:name:`."""
        (self.given.remove if removed else self.given.add)(message, person, emoji)

    async def clear_reactions(self, message: str, emoji: str | None = None) -> None:
        """Take all reactions of a message away, or all of one emoji, as moderators do."""
        self.given.clear(message, emoji)

    def reactions(self, message: str) -> dict[str, list[str]]:
        """See `Simulator.reactions`."""
        return self.given.of(message)

    # coming and going

    async def join(self, person: str) -> None:
        """Come to the server."""
        self._tell_of_member("GUILD_MEMBER_ADD", person)

    async def leave(self, person: str) -> None:
        """Leave the server."""
        told = {"guild_id": self.state.guild_id, "user": self.state.people[person]}
        self.gateway.dispatch("GUILD_MEMBER_REMOVE", told)

    async def rename(self, person: str, name: str, *, avatar: str | None = None) -> None:
        """See `Simulator.rename`. The bot, too, can have another name.

        Args:
            avatar: the hash of a picture, which changes with it.
        """
        self.state.people[person] |= {"global_name": name, "avatar": avatar}
        if person == self.state.bot:
            self.gateway.dispatch("USER_UPDATE", self.state.myself())
        else:
            self._tell_of_member("GUILD_MEMBER_UPDATE", person)

    async def expel(self) -> None:
        """Remove the bot from the server."""
        self.gateway.dispatch("GUILD_DELETE", {"id": self.state.guild_id})

    async def invite(self) -> None:
        """Take the bot back into the server."""
        self.gateway.dispatch("GUILD_CREATE", self.state.full_guild())

    # within

    def _tell(
        self,
        channel: Channel,
        person: str,
        text: str,
        *,
        called: str = "",
        reply_to: str | None = None,
        files: Sequence[Json] = (),
        fields: Json | None = None,
    ) -> str:
        message = self.state.add_message(
            channel, person, called + text, reply_to=reply_to, attachments=list(files)
        )
        message |= fields or {}
        said = Said(
            room=channel.id,
            message=message["id"],
            person=person,
            text=text,
            reply_to=reply_to,
            by_bot=False,
            at=now(),
            files=tuple(map(shown_name, files)),
        )
        self.record(said)
        self.gateway.dispatch("MESSAGE_CREATE", self.state.told(channel, message))
        return str(message["id"])

    def _tell_of_member(self, name: str, person: str) -> None:
        told = {"guild_id": self.state.guild_id, **self.state.member(person)}
        self.gateway.dispatch(name, told)

    def _some_room(self) -> str:
        rooms = (one.id for one in self.state.channels.values() if one.type == KINDS["group"])
        return next(rooms, "") or self.add_room("general")
