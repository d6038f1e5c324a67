"""From Discord's payloads to our words: pure functions, without the library."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson

from bot.content import Attachment, Content
from bot.events import Event, EventKind, Position
from bot.memory import Entity, Room, RoomKind, World
from bot.value import now

PLATFORM = "discord"
EPOCH = 1_420_070_400_000
"""When Discord's clock begins, in ms after 1970. https://discord.com/developers/docs/reference"""

# https://discord.com/developers/docs/resources/message#message-object-message-types
SPOKEN = frozenset({0, 19})
"""The message types that hold what someone said: default and reply. The rest are notices."""

# https://discord.com/developers/docs/resources/channel#channel-object-channel-types
DM = 1
THREADS = frozenset({10, 11, 12})
TEXT = frozenset({0, 2, 5, 13}) | THREADS
"""Channels of a guild that hold messages: text, voice, announcements, stages, threads."""

_MENTION = re.compile(r"<@!?(\d+)>")
_LINK = re.compile(
    r"https://(?:\w+\.)?discord(?:app)?\.com/channels/(?:\d+|@me)/\d+/(\d+)/?(?:[?#].*)?"
)


@dataclass(slots=True)
class Known:
    """What must be known to understand a payload.

    Args:
        me: the id of our own user.
        rooms: by channel id.
        worlds: by guild id.
    """

    account: str
    me: str = ""
    rooms: dict[str, Room] = field(default_factory=dict)
    worlds: dict[str, World] = field(default_factory=dict)

    def world(self, guild: dict[str, Any]) -> World:
        """Learn of a guild."""
        name = guild.get("name") or ""
        world = World(platform=PLATFORM, account=self.account, key=str(guild["id"]), name=name)
        self.worlds[world.key] = world
        return world

    def room(self, channel: dict[str, Any], guild: str | None) -> Room | None:
        """Learn of a channel; None if it holds no messages."""
        if not (room := to_room(channel, self.account, self.worlds.get(guild or ""))):
            return None
        self.rooms[room.key] = room
        return room

    def place(self, data: dict[str, Any]) -> Room:
        """Where a payload belongs; a channel that nobody told us of is learned from it."""
        key, guild = str(data["channel_id"]), data.get("guild_id")
        room = self.rooms.get(key)
        # What is in no guild is a DM, even if somebody named it to us as a room of another kind.
        if room and (room.is_private or room.world or guild):
            return room
        room = Room(
            platform=PLATFORM,
            account=self.account,
            key=key,
            kind=RoomKind.GROUP if guild else RoomKind.DM,
            name="" if guild else _name(data.get("author") or {}),
            world=self.worlds.get(str(guild)),
        )
        self.rooms[key] = room
        return room


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


def to_channel(data: dict[str, Any]) -> Channel:
    """Where a channel stands, as Discord describes it."""
    last = data.get("last_message_id")
    return Channel(_snowflake(data["id"]), _snowflake(last) if last else None, _created(data))


def to_room(channel: dict[str, Any], account: str, world: World | None) -> Room | None:
    """A channel; None if it holds no messages."""
    kind = channel["type"]
    if kind != DM and kind not in TEXT:
        return None
    is_thread = kind in THREADS
    people = channel.get("recipients") or [{}]
    return Room(
        platform=PLATFORM,
        account=account,
        key=str(channel["id"]),
        kind=RoomKind.DM if kind == DM else RoomKind.THREAD if is_thread else RoomKind.GROUP,
        name=channel.get("name") or _name(people[0]),
        parent=str(channel["parent_id"]) if is_thread and channel.get("parent_id") else None,
        world=world,
    )


def message(data: dict[str, Any], known: Known) -> Event | None:
    """A new message; None for our own and for notices.

    Raises:
        KeyError, TypeError, ValueError: the payload is malformed.
    """
    sender = to_entity(data)
    if sender.key == known.me or data["type"] not in SPOKEN:
        return None
    room, ref = known.place(data), _snowflake(data["id"])
    answered = data.get("message_reference") if data["type"] else None
    return Event(
        kind=EventKind.MESSAGE,
        platform=PLATFORM,
        account=known.account,
        ids=(ref,),
        at=_time(data["timestamp"]),
        room=room,
        sender=sender,
        content=to_content(data, known.me),
        message=ref,
        reply_to=str(answered["message_id"]) if answered and "message_id" in answered else None,
        addressed=room.is_private or _names(data, known.me),
        position=Position(stream=room.key, value=ref),
    )


def edit(data: dict[str, Any], known: Known) -> Event | None:
    """A changed text; None for what Discord adds by itself (previews, pins) and for our own.

    Raises:
        KeyError, TypeError, ValueError: the payload is malformed.
    """
    edited = data.get("edited_timestamp")
    if not edited or "content" not in data or data.get("type", 0) not in SPOKEN:
        return None
    sender = to_entity(data)
    if sender.key == known.me:
        return None
    ref, at = _snowflake(data["id"]), _time(edited)
    return Event(
        kind=EventKind.EDIT,
        platform=PLATFORM,
        account=known.account,
        ids=(ref,),
        revision=int(at.timestamp() * 1000),
        at=at,
        room=known.place(data),
        sender=sender,
        content=to_content(data, known.me),
        message=ref,
    )


def deletions(data: dict[str, Any], known: Known) -> tuple[Event, ...]:
    """What MESSAGE_DELETE and MESSAGE_DELETE_BULK tell; they give no time, so it is now.

    Raises:
        KeyError, TypeError, ValueError: the payload is malformed.
    """
    room, ids = known.place(data), data["ids"] if "ids" in data else [data["id"]]
    return tuple(
        Event(
            kind=EventKind.DELETE,
            platform=PLATFORM,
            account=known.account,
            ids=(_snowflake(ref),),
            at=now(),
            room=room,
            message=str(ref),
        )
        for ref in ids
    )


def arrival(room: Room, position: str) -> Event:
    """That we can read `room` now: what comes after `position` is news to us."""
    return Event(
        kind=EventKind.MEMBERSHIP,
        platform=PLATFORM,
        account=room.account,
        ids=(room.key,),
        at=now(),
        room=room,
        position=Position(stream=room.key, value=position),
    )


def malformed(name: str, raw: Any, problem: str, account: str) -> Event:
    """A payload that makes no sense; the same one told twice is the same event."""
    body = orjson.dumps(raw, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS, default=repr)
    return Event(
        kind=EventKind.MALFORMED,
        platform=PLATFORM,
        account=account,
        ids=(name, hashlib.sha256(body).hexdigest()[:32]),
        at=now(),
        raw={"t": name, "d": raw},
        problem=problem,
    )


def to_entity(data: dict[str, Any]) -> Entity:
    """Who sent a message; a webhook is a bot."""
    author = data["author"]
    return Entity(
        platform=PLATFORM,
        key=_snowflake(author["id"]),
        name=_name(author, data.get("member")),
        username=author.get("username") or "",
        is_bot=bool(author.get("bot")) or "webhook_id" in data,
        locale=author.get("locale"),
    )


def to_content(data: dict[str, Any], me: str) -> Content:
    """What a message says."""
    return Content(
        text=_text(data["content"], data.get("mentions") or [], me),
        attachments=tuple(_attachment(one) for one in data.get("attachments") or ()),
    )


def linked(link: str) -> str | None:
    """The message behind a link, as "Copy Message Link" gives it."""
    found = _LINK.fullmatch(link)
    return found[1] if found else None


def moment(snowflake: str | int) -> int:
    """When an id was given, in ms after 1970."""
    return (int(snowflake) >> 22) + EPOCH


def _created(channel: dict[str, Any]) -> int:
    # A thread says it: its id is that of the message that it grew from, if there is one.
    stamp = (channel.get("thread_metadata") or {}).get("create_timestamp")
    return int(_time(stamp).timestamp() * 1000) if stamp else moment(channel["id"])


def _text(content: str, mentions: list[dict[str, Any]], me: str) -> str:
    text = content
    if leading := re.match(rf"\s*<@!?{me}>\s*", text):
        text = text[leading.end() :]
    names = {str(one["id"]): _name(one, one.get("member")) for one in mentions}
    return _MENTION.sub(
        lambda found: f"@{names[found[1]]}" if found[1] in names else found[0], text
    )


def _names(data: dict[str, Any], me: str) -> bool:
    answered = (data.get("referenced_message") or {}).get("author") or {}
    mentioned = (one["id"] for one in data.get("mentions") or ())
    return answered.get("id") == me or me in mentioned


def _attachment(data: dict[str, Any]) -> Attachment:
    # The address without its query, which is a signature that expires.
    return Attachment(
        key=str(data["url"]).partition("?")[0],
        name=data.get("filename") or "",
        media_type=data.get("content_type") or "",
        size=data.get("size"),
        description=data.get("description") or "",
    )


def _name(user: dict[str, Any], member: dict[str, Any] | None = None) -> str:
    nick = (member or {}).get("nick")
    return str(nick or user.get("global_name") or user.get("username") or "")


def _snowflake(value: Any) -> str:
    return str(int(value))


def _time(stamp: str) -> datetime:
    at = datetime.fromisoformat(stamp)
    return at if at.tzinfo else at.replace(tzinfo=UTC)
