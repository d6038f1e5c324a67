"""What people do besides speaking: reactions, coming and going, new names."""

from __future__ import annotations

from typing import Any

from bot.content import Content
from bot.events import Event, EventKind, Position, Presence
from bot.memory import Entity, Room
from bot.value import legible, now
from connectors.discord.translate.ids import snowflake, time, told
from connectors.discord.translate.people import entity
from connectors.discord.translate.rooms import Known
from connectors.discord.translate.shown import emoji

Json = dict[str, Any]


def reaction(name: str, data: Json, known: Known, mark: str) -> Event | None:
    """A reaction, or one or all of them taken back; None for our own.

    Args:
        name: the gateway's name of the event; some tell of a reaction without who it was from.
        mark: tells two in a row of the same person apart.

    Raises:
        KeyError, TypeError, ValueError: the payload is malformed.
    """
    who = data.get("user_id")
    if who == known.me:
        return None
    ref, what = snowflake(data["message_id"]), data.get("emoji") or {}
    which = legible(str(what.get("id") or what.get("name") or ""))
    return told(
        kind=EventKind.REACTION if name == "MESSAGE_REACTION_ADD" else EventKind.UNREACTION,
        account=known.account,
        ids=(ref, legible(str(who or "all")), which, mark),
        at=now(),
        room=known.place(data),
        sender=_reacting(data) if who else None,
        content=Content(text=emoji(what)),
        target=ref,
    )


def member(name: str, data: Json, known: Known, mark: str) -> Event | None:
    """Somebody joined or left a server, told where it greets; None for ourselves.

    Raises:
        KeyError, TypeError, ValueError: the payload is malformed.
    """
    guild, who = snowflake(data["guild_id"]), entity(data["user"], data, data["guild_id"])
    if who.key == known.me:
        return None
    joined = name == "GUILD_MEMBER_ADD"
    return told(
        kind=EventKind.MEMBERSHIP,
        account=known.account,
        ids=(guild, who.key, mark),
        at=time(data["joined_at"]) if joined and data.get("joined_at") else now(),
        room=known.lobby(guild),
        sender=who,
        presence=Presence.JOINED if joined else Presence.LEFT,
    )


def profile(who: Entity, account: str, mark: str, *, is_own: bool = False) -> Event:
    """How somebody is called now, and what they look like."""
    return told(
        kind=EventKind.PROFILE,
        account=account,
        ids=(who.key, mark),
        at=now(),
        sender=who,
        is_own=is_own,
    )


def arrival(room: Room, position: str) -> Event:
    """That we can read `room` now: what comes after `position` is news to us."""
    return told(
        kind=EventKind.MEMBERSHIP,
        account=room.account,
        ids=(room.key,),
        at=now(),
        room=room,
        position=Position(stream=room.key, value=position),
    )


def presence(room: Room | None, known: Known, what: Presence, *ids: str) -> Event:
    """What became of ourselves; the room is closed where we were removed.

    Args:
        ids: what tells it from others, besides the room.
    """
    return told(
        kind=EventKind.MEMBERSHIP,
        account=known.account,
        ids=(room.key if room else "", what, *ids),
        at=now(),
        room=room,
        sender=known.user,
        presence=what,
        is_own=True,
    )


def _reacting(data: Json) -> Entity:
    member = data.get("member") or {}
    # In a DM, and where a reaction is taken back, only the id is told.
    return entity(member.get("user") or {"id": data["user_id"]}, member, data.get("guild_id"))
