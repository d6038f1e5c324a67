"""New messages, edits, deletes."""

from __future__ import annotations

from typing import Any

from bot.events import Event, EventKind, Position
from bot.value import now
from connectors.discord.translate.content import to_content
from connectors.discord.translate.ids import snowflake, time, told
from connectors.discord.translate.people import to_entity
from connectors.discord.translate.rooms import Known
from connectors.discord.translate.trouble import unknown

Json = dict[str, Any]

# https://discord.com/developers/docs/resources/message#message-object-message-types
SPOKEN = frozenset({0, 19})
"""The message types that hold what someone said: default and reply."""
NOTICES = frozenset({*range(1, 19), *range(20, 40), 44, 46, 55})
"""The others that are known: that somebody joined, pinned, called, bought, ..."""
FORWARD = 1
"""https://discord.com/developers/docs/resources/message#message-reference-types"""


def message(data: Json, known: Known) -> Event | None:
    """A new message; None for our own and for notices.

    Raises:
        KeyError, TypeError, ValueError: the payload is malformed.
    """
    if is_ours(data, known) or data["type"] in NOTICES:
        return None
    if data["type"] not in SPOKEN:
        return unknown("MESSAGE_CREATE", data, known.account)
    room, ref = known.place(data), snowflake(data["id"])
    return told(
        kind=EventKind.MESSAGE,
        account=known.account,
        ids=(ref,),
        at=time(data["timestamp"]),
        room=room,
        sender=to_entity(data),
        content=to_content(data, known),
        message=ref,
        reply_to=_answered(data),
        addressed=room.is_private or _speaks_to_us(data, known),
        position=Position(stream=room.key, value=ref),
    )


def edit(data: Json, known: Known) -> Event | None:
    """A changed text; None for what Discord adds by itself (previews, pins) and for our own.

    Raises:
        KeyError, TypeError, ValueError: the payload is malformed.
    """
    edited = data.get("edited_timestamp")
    if not edited or "content" not in data or data.get("type", 0) not in SPOKEN:
        return None
    if is_ours(data, known):
        return None
    ref, at = snowflake(data["id"]), time(edited)
    return told(
        kind=EventKind.EDIT,
        account=known.account,
        ids=(ref,),
        revision=int(at.timestamp() * 1000),
        at=at,
        room=known.place(data),
        sender=to_entity(data),
        content=to_content(data, known),
        message=ref,
        reply_to=_answered(data),
    )


def deletions(data: Json, known: Known) -> tuple[Event, ...]:
    """What MESSAGE_DELETE and MESSAGE_DELETE_BULK tell; they give no time, so it is now.

    Raises:
        KeyError, TypeError, ValueError: the payload is malformed.
    """
    room, ids = known.place(data), data["ids"] if "ids" in data else [data["id"]]
    return tuple(
        told(
            kind=EventKind.DELETE,
            account=known.account,
            ids=(snowflake(ref),),
            at=now(),
            room=room,
            message=str(ref),
        )
        for ref in ids
    )


def is_ours(data: Json, known: Known) -> bool:
    """Whether we said it, also where we did so under another name."""
    if snowflake(data["author"]["id"]) == known.me:
        return True
    application = data.get("application_id")
    return bool("webhook_id" in data and application and str(application) == known.application)


def _answered(data: Json) -> str | None:
    reference = data.get("message_reference") or {}
    if not data.get("type") or reference.get("type") == FORWARD or "message_id" not in reference:
        return None
    return str(reference["message_id"])


def _speaks_to_us(data: Json, known: Known) -> bool:
    answered = (data.get("referenced_message") or {}).get("author") or {}
    if answered.get("id") == known.me or known.me in (
        one["id"] for one in data.get("mentions", ())
    ):
        return True
    return any(map(known.is_ours, data.get("mention_roles") or ()))


def _mentioned(data: Json) -> list[str]:
    return [one["id"] for one in data.get("mentions") or ()]
