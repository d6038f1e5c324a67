"""Servers, channels and roles: where things are said, and what they are called."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bot.memory import Entity, Room, RoomKind, World
from connectors.discord.translate.faces import Faces
from connectors.discord.translate.ids import PLATFORM, moment, snowflake, time
from connectors.discord.translate.people import entity, name

# https://discord.com/developers/docs/resources/channel#channel-object-channel-types
DM, GROUP_DM = 1, 3
THREADS = frozenset({10, 11, 12})
TEXT = frozenset({0, 2, 5, 13}) | THREADS
"""Channels of a guild that hold messages: text, voice, announcements, stages, threads."""
KINDS = {DM: RoomKind.DM} | dict.fromkeys(THREADS, RoomKind.THREAD)

Json = dict[str, Any]


@dataclass(slots=True)
class Known:
    """What must be known to understand a payload.

    Args:
        me: the id of our own user.

    Attributes:
        user: our own user, once the gateway told it.
        application: the id of our application, likewise.
        guilds: the ids of the servers that we are in.
        rooms: by channel id.
        places: the names of the channels that hold no messages, by id: forums, categories.
        worlds: by guild id.
        lobbies: by guild id, the channel in which Discord itself greets who joins.
        roles: the names of roles, by id.
        mine: by guild id, the ids of the roles that we have there.
        faces: what people look like.
    """

    account: str
    me: str = ""
    user: Entity | None = None
    application: str = ""
    guilds: set[str] = field(default_factory=set)
    rooms: dict[str, Room] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    worlds: dict[str, World] = field(default_factory=dict)
    lobbies: dict[str, str] = field(default_factory=dict)
    roles: dict[str, str] = field(default_factory=dict)
    mine: dict[str, frozenset[str]] = field(default_factory=dict)
    faces: Faces = field(default_factory=Faces)

    def begin(self, ready: Json) -> None:
        """Learn who we are, and in which servers."""
        self.user = entity(ready["user"])
        self.application = str((ready.get("application") or {}).get("id") or "")
        self.guilds = {str(one["id"]) for one in ready["guilds"]}

    def world(self, guild: Json) -> World:
        """Learn of a guild; its rooms follow when it got a new name."""
        key = str(guild["id"])
        world = World(
            platform=PLATFORM, account=self.account, key=key, name=guild.get("name") or ""
        )
        if (before := self.worlds.get(key)) == world:
            return before
        self.worlds[key] = world
        for room in self.rooms_of(key) if before else ():
            self.rooms[room.key] = room.model_copy(update={"world": world})
        return world

    def guild(self, guild: Json) -> World:
        """Learn of a guild: its name, its roles, and where it greets."""
        world = self.world(guild)
        self.lobbies[world.key] = str(guild.get("system_channel_id") or "")
        for role in guild.get("roles") or ():
            self.role(role)
        for member in guild.get("members") or ():
            if (member.get("user") or {}).get("id") == self.me:
                self.ourselves(member, world.key)
        return world

    def role(self, role: Json) -> None:
        """Learn of a role."""
        self.roles[str(role["id"])] = str(role["name"])

    def ourselves(self, member: Json, guild: str) -> None:
        """Learn which roles we have in a guild; the one made for us is always among them."""
        self.mine[guild] = frozenset(map(str, member["roles"]))

    def is_ours(self, role: str) -> bool:
        """Whether we have a role."""
        return any(role in roles for roles in self.mine.values())

    def room(self, channel: Json, guild: str | None) -> Room | None:
        """Learn of a channel; None if it holds no messages."""
        if not (room := to_room(channel, self.account, self.worlds.get(guild or ""))):
            self.places[str(channel["id"])] = channel.get("name") or ""
            return None
        self.rooms[room.key] = room
        return room

    def rooms_of(self, guild: str) -> list[Room]:
        """The rooms of a guild that we know."""
        return [one for one in self.rooms.values() if one.world and one.world.key == guild]

    def lobby(self, guild: str) -> Room | None:
        """The room in which to greet who joins a guild, if it has one."""
        return self.rooms.get(self.lobbies.get(guild, ""))

    def place(self, data: Json) -> Room:
        """Where a payload belongs; a channel that nobody told us of is learned from it."""
        key, guild = str(data["channel_id"]), data.get("guild_id")
        room = self.rooms.get(key)
        if room and room.closed:  # if we hear from it, it is open again
            room = self.rooms[key] = room.model_copy(update={"closed": ""})
        if room and (guild or room.world or is_direct(room)):
            return room
        room = self._untold(key, guild, data)
        if "author" in data:
            self.rooms[key] = room
        return room

    def _untold(self, key: str, guild: str | None, data: Json) -> Room:
        who, is_group = name(data.get("author") or {}), data.get("channel_type") == GROUP_DM
        return Room(
            platform=PLATFORM,
            account=self.account,
            key=key,
            kind=RoomKind.GROUP if guild or is_group else RoomKind.DM,
            name="" if guild else f"{who} and others" if is_group else who,
            world=self.worlds.get(str(guild)),
        )


def is_direct(room: Room) -> bool:
    """Whether Discord told us that it is in no guild.

    A room that somebody only named, as an address, has neither a guild nor a name.
    """
    return room.is_private or bool(room.world is None and room.name)


@dataclass(frozen=True, slots=True)
class Channel:
    """Where a channel stands.

    Args:
        last: the id of the last message in it.
        created: when it was made, in ms after 1970.
    """

    key: str
    last: str | None
    created: int


def start(key: str) -> str:
    """What comes before all that is said in a channel: the first post of a forum has its id."""
    return str(int(key) - 1)


def to_channel(data: Json) -> Channel:
    """Where a channel stands, as Discord describes it."""
    last = data.get("last_message_id")
    return Channel(snowflake(data["id"]), snowflake(last) if last else None, _created(data))


def to_room(channel: Json, account: str, world: World | None) -> Room | None:
    """A channel; None if it holds no messages."""
    kind = channel["type"]
    if kind not in TEXT and kind not in (DM, GROUP_DM):
        return None
    is_thread = kind in THREADS
    people = ", ".join(name(one) for one in channel.get("recipients") or ())
    return Room(
        platform=PLATFORM,
        account=account,
        key=str(channel["id"]),
        kind=KINDS.get(kind, RoomKind.GROUP),
        name=channel.get("name") or people,
        parent=str(channel["parent_id"]) if is_thread and channel.get("parent_id") else None,
        world=world,
        closed="",  # what is listed is open to us
    )


def _created(channel: Json) -> int:
    # A thread says it: its id is that of the message that it grew from, if there is one.
    stamp = (channel.get("thread_metadata") or {}).get("create_timestamp")
    return int(time(stamp).timestamp() * 1000) if stamp else moment(channel["id"])
