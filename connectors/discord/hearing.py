"""What each of the gateway's events means to us.

https://discord.com/developers/docs/events/gateway-events
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from bot.events import Event, Presence
from bot.memory import Room
from connectors.discord import translate
from connectors.discord.interactions import interaction
from connectors.discord.translate import Channel, Known

Json = dict[str, Any]

PASSING = (
    "APPLICATION_COMMAND_PERMISSIONS_UPDATE AUTO_MODERATION_ACTION_EXECUTION"
    " AUTO_MODERATION_RULE_CREATE AUTO_MODERATION_RULE_DELETE AUTO_MODERATION_RULE_UPDATE"
    " CALL_CREATE CALL_DELETE CALL_UPDATE CHANNEL_INFO CHANNEL_PINS_UPDATE"
    " CHANNEL_TOPIC_UPDATE EMBEDDED_ACTIVITY_UPDATE ENTITLEMENT_CREATE ENTITLEMENT_DELETE"
    " ENTITLEMENT_UPDATE GUILD_APPLICATION_COMMAND_COUNTS_UPDATE"
    " GUILD_APPLICATION_COMMAND_INDEX_UPDATE GUILD_AUDIT_LOG_ENTRY_CREATE GUILD_BAN_ADD"
    " GUILD_BAN_REMOVE GUILD_EMOJIS_UPDATE GUILD_INTEGRATIONS_UPDATE GUILD_JOIN_REQUEST_CREATE"
    " GUILD_JOIN_REQUEST_DELETE GUILD_JOIN_REQUEST_UPDATE GUILD_MEMBERS_CHUNK"
    " GUILD_ROLE_DELETE GUILD_SCHEDULED_EVENT_CREATE GUILD_SCHEDULED_EVENT_DELETE"
    " GUILD_SCHEDULED_EVENT_UPDATE GUILD_SCHEDULED_EVENT_USER_ADD"
    " GUILD_SCHEDULED_EVENT_USER_REMOVE GUILD_SOUNDBOARD_SOUNDS_UPDATE"
    " GUILD_SOUNDBOARD_SOUND_CREATE GUILD_SOUNDBOARD_SOUND_DELETE"
    " GUILD_SOUNDBOARD_SOUND_UPDATE GUILD_STICKERS_UPDATE INTEGRATION_CREATE"
    " INTEGRATION_DELETE INTEGRATION_UPDATE INVITE_CREATE INVITE_DELETE MESSAGE_POLL_VOTE_ADD"
    " MESSAGE_POLL_VOTE_REMOVE PRESENCE_UPDATE RATE_LIMITED RESUMED SOUNDBOARD_SOUNDS"
    " STAGE_INSTANCE_CREATE STAGE_INSTANCE_DELETE STAGE_INSTANCE_UPDATE SUBSCRIPTION_CREATE"
    " SUBSCRIPTION_DELETE SUBSCRIPTION_UPDATE THREAD_MEMBERS_UPDATE THREAD_MEMBER_UPDATE"
    " TYPING_START VOICE_CHANNEL_EFFECT_SEND VOICE_CHANNEL_START_TIME_UPDATE"
    " VOICE_CHANNEL_STATUS_UPDATE VOICE_SERVER_UPDATE VOICE_STATE_UPDATE WEBHOOKS_UPDATE"
)
"""Events that we know, and that bring nothing to remember."""


@dataclass(frozen=True, slots=True)
class Session:
    """A new session began: what happened before it was not told."""


@dataclass(frozen=True, slots=True)
class Listing:
    """The channels of a guild as they are now.

    Args:
        channels: those that hold messages.
        complete: whether it is all of them that we can see.
    """

    guild: str
    channels: tuple[Channel, ...]
    complete: bool = False


Item = Event | Session | Listing


@dataclass(frozen=True, slots=True)
class Heard:
    """One of the gateway's events.

    Args:
        mark: which one it is, of all that the gateway ever told us.
        known: what translation must know; it grows with what is heard.
    """

    name: str
    data: Any
    mark: str
    known: Known


def meaning(one: Heard) -> tuple[Item, ...]:
    """What an event means; nothing where it is none of our business.

    Raises:
        NONSENSE: the payload is malformed.
    """
    if reader := READERS.get(one.name):
        return tuple(item for item in reader(one) if item)
    return (translate.unknown(one.name, one.data, one.known.account),)


Reader = Callable[[Heard], Iterable[Item | None]]


def _nothing(_: Heard) -> Iterable[Item]:
    return ()


# what is said and done


def _message(one: Heard) -> Iterable[Event | None]:
    return (_seen(one, translate.message(one.data, one.known)),)


def _edit(one: Heard) -> Iterable[Event | None]:
    return (translate.edit(one.data, one.known),)


def _deletions(one: Heard) -> Iterable[Event]:
    return translate.deletions(one.data, one.known)


def _reaction(one: Heard) -> Iterable[Event | None]:
    return (_seen(one, translate.reaction(one.name, one.data, one.known, one.mark)),)


def _interaction(one: Heard) -> Iterable[Event | None]:
    return (interaction(one.data, one.known),)


# people


def _seen(one: Heard, event: Event | None) -> Event | None:
    """An event, whose sender we have seen if it shows them as the server knows them."""
    if event and event.sender and "member" in one.data:
        one.known.faces.see(event.sender, str(one.data.get("guild_id")))
    return event


def _member(one: Heard) -> Iterable[Event | None]:
    event = translate.member(one.name, one.data, one.known, one.mark)
    if event and event.sender:
        one.known.faces.see(event.sender, str(one.data["guild_id"]))
    return (event,)


def _changed(one: Heard) -> Iterable[Event]:
    data, known = one.data, one.known
    who = translate.entity(data["user"], data, data["guild_id"])
    if who.key == known.me:
        known.ourselves(data, str(data["guild_id"]))
        return ()
    # Mostly it is about roles, of which a big server changes many.
    is_news = known.faces.changed(who, str(data["guild_id"]))
    return (translate.profile(who, known.account, one.mark),) if is_news else ()


def _ourselves(one: Heard) -> Iterable[Event]:
    one.known.user = who = translate.entity(one.data)
    return (translate.profile(who, one.known.account, one.mark, is_own=True),)


# servers


def _ready(one: Heard) -> Iterable[Item]:
    known = one.known
    known.begin(one.data)
    rooms = list(known.rooms.values())
    left = [room for room in rooms if room.world and room.world.key not in known.guilds]
    return (Session(), *_closed(one, left, "the bot is no longer in the server"))


def _guild(one: Heard) -> Iterable[Item]:
    data, known = one.data, one.known
    if data.get("unavailable"):
        return ()
    guild = known.guild(data).key
    is_new = guild not in known.guilds
    known.guilds.add(guild)
    listing, opened = _listed(one, guild, complete=True)
    if not is_new:
        return (listing, *opened)
    arrived = translate.presence(known.lobby(guild), known, Presence.JOINED, guild, one.mark)
    return (listing, *opened, arrived)


def _guild_changed(one: Heard) -> Iterable[Item]:
    one.known.guild(one.data)
    return ()


def _guild_gone(one: Heard) -> Iterable[Event]:
    if one.data.get("unavailable"):
        return ()
    guild = str(one.data["id"])
    one.known.guilds.discard(guild)
    return _closed(one, one.known.rooms_of(guild), "the bot was removed from the server")


def _role(one: Heard) -> Iterable[Item]:
    one.known.role(one.data["role"])
    return ()


# channels


def _channel(one: Heard) -> Iterable[Item]:
    # Nothing was said before it was made; a thread may also be one that we were added to.
    is_new = one.name == "CHANNEL_CREATE" or one.data.get("newly_created")
    channel = {**one.data, "last_message_id": None} if is_new else one.data
    room = one.known.room(channel, str(channel.get("guild_id") or ""))
    return (
        (Listing(str(channel.get("guild_id") or ""), (translate.to_channel(channel),)),)
        if room
        else ()
    )


def _channel_changed(one: Heard) -> Iterable[Item]:
    one.known.room(one.data, str(one.data.get("guild_id") or ""))
    return ()


def _channel_gone(one: Heard) -> Iterable[Event]:
    key = str(one.data["id"])
    rooms = [room for room in one.known.rooms.values() if key in (room.key, room.parent)]
    return _closed(one, rooms, "the channel was deleted")


def _threads(one: Heard) -> Iterable[Item]:
    listing, opened = _listed(one, str(one.data["guild_id"]), complete=False)
    return (listing, *opened)


def _listed(one: Heard, guild: str, *, complete: bool) -> tuple[Listing, list[Event]]:
    """The channels and threads that are listed, and that some are open to us again."""
    known = one.known
    told = [*(one.data.get("channels") or ()), *(one.data.get("threads") or ())]
    shut = {key for channel in told if _is_shut(key := str(channel["id"]), known)}
    channels = [channel for channel in told if known.room(channel, guild)]
    listing = Listing(guild, tuple(map(translate.to_channel, channels)), complete)
    opened = [known.rooms[key] for key in shut if not _is_shut(key, known)]
    return listing, [translate.presence(room, known, Presence.JOINED, one.mark) for room in opened]


def _is_shut(key: str, known: Known) -> bool:
    room = known.rooms.get(key)
    return bool(room and room.closed)


def _closed(one: Heard, rooms: Iterable[Room], why: str) -> list[Event]:
    """Rooms in which nothing can be said any more."""
    events, known = [], one.known
    for room in rooms:
        if not room.closed:
            shut = known.rooms[room.key] = room.model_copy(update={"closed": why})
            events.append(translate.presence(shut, known, Presence.REMOVED, one.mark))
    return events


READERS: dict[str, Reader] = {
    **dict.fromkeys(PASSING.split(), _nothing),
    "CHANNEL_CREATE": _channel,
    "CHANNEL_DELETE": _channel_gone,
    "CHANNEL_UPDATE": _channel_changed,
    "GUILD_CREATE": _guild,
    "GUILD_DELETE": _guild_gone,
    "GUILD_MEMBER_ADD": _member,
    "GUILD_MEMBER_REMOVE": _member,
    "GUILD_MEMBER_UPDATE": _changed,
    "GUILD_ROLE_CREATE": _role,
    "GUILD_ROLE_UPDATE": _role,
    "GUILD_UPDATE": _guild_changed,
    "INTERACTION_CREATE": _interaction,
    "MESSAGE_CREATE": _message,
    "MESSAGE_DELETE": _deletions,
    "MESSAGE_DELETE_BULK": _deletions,
    "MESSAGE_REACTION_ADD": _reaction,
    "MESSAGE_REACTION_REMOVE": _reaction,
    "MESSAGE_REACTION_REMOVE_ALL": _reaction,
    "MESSAGE_REACTION_REMOVE_EMOJI": _reaction,
    "MESSAGE_UPDATE": _edit,
    "READY": _ready,
    "THREAD_CREATE": _channel,
    "THREAD_DELETE": _channel_gone,
    "THREAD_LIST_SYNC": _threads,
    "THREAD_UPDATE": _channel_changed,
    "USER_UPDATE": _ourselves,
}
