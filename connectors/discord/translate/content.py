"""What a message says, and the files that go with it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import PurePath
from typing import Any

from bot.connector import account_name
from bot.content import Attachment, Content, MediaKind
from connectors.discord.translate.ids import PLATFORM, snowflake
from connectors.discord.translate.people import name
from connectors.discord.translate.rooms import Known
from connectors.discord.translate.shown import shown

Json = dict[str, Any]
VOICE = 1 << 13
"""https://discord.com/developers/docs/resources/message#message-object-message-flags"""
MEDIA = {one.value: one for one in (MediaKind.IMAGE, MediaKind.AUDIO, MediaKind.VIDEO)}

# https://discord.com/developers/docs/reference#message-formatting
_MARK = re.compile(
    r"<(?:@!?(?P<user>\d+)|@&(?P<role>\d+)|#(?P<channel>\d+)|a?:(?P<emoji>\w+):\d+"
    r"|t:(?P<time>-?\d{1,12})(?::\w)?|/(?P<command>[^:<>]+):\d+)>"
)
_LEADING = re.compile(r"\s*<@(?:!?(?P<user>\d+)|&(?P<role>\d+))>\s*")


def to_content(data: Json, known: Known) -> Content:
    """What a message says, and what was forwarded with it.

    Raises:
        KeyError, TypeError, ValueError: the payload is malformed.
    """
    forwarded = [one["message"] for one in data.get("message_snapshots") or ()]
    texts = [_words(data, known, is_first=True)]
    texts += (f"[forwarded] {_words(one, known)}" for one in forwarded)
    place = f"{data['channel_id']}/{data['id']}"
    return Content(
        text="\n".join(filter(None, texts)),
        attachments=tuple(
            file for one in (data, *forwarded) for file in attachments(one, place, known.account)
        ),
    )


def attachments(data: Json, place: str, account: str) -> Iterator[Attachment]:
    """The files of a message.

    Args:
        place: the channel and the message, with which their addresses can be asked for: an
            address is signed, and expires.
    """
    is_voice = bool((data.get("flags") or 0) & VOICE)
    for one in data.get("attachments") or ():
        kind = MEDIA.get((one.get("content_type") or "").partition("/")[0], MediaKind.FILE)
        yield Attachment(
            key=f"{place}/{snowflake(one['id'])}",
            holder=account_name(PLATFORM, account),
            kind=MediaKind.VOICE if is_voice else kind,
            name=_name(one),
            media_type=one.get("content_type") or "",
            size=one.get("size"),
            seconds=one.get("duration_secs"),
            description=one.get("description") or "",
        )


def _name(data: Json) -> str:
    """A file's name as it was; Discord keeps it without what is awkward in an address."""
    kept, title = data.get("filename") or "", data.get("title")
    return f"{title}{PurePath(kept).suffix}" if title else kept


def readable(text: str, mentions: list[Json], known: Known) -> str:
    """A text with what it mentions called by name."""
    if "<" not in text:
        return text
    names = {str(one["id"]): name(one, one.get("member")) for one in mentions}
    return _MARK.sub(lambda found: _called(found, names, known) or found[0], text)


def _words(data: Json, known: Known, *, is_first: bool = False) -> str:
    text = data["content"]
    if is_first and (found := _LEADING.match(text)) and _is_us(found, known):
        text = text[found.end() :]
    said = readable(text, data.get("mentions") or [], known)
    return "\n".join(filter(None, (said, *shown(data))))


def _is_us(found: re.Match[str], known: Known) -> bool:
    return found["user"] == known.me or bool(found["role"] and known.is_ours(found["role"]))


def _called(found: re.Match[str], names: dict[str, str], known: Known) -> str:
    kind, key = found.lastgroup, found[found.lastgroup or 0]
    match kind:
        case "user":
            return f"@{names[key]}" if key in names else ""
        case "role":
            return f"@{known.roles[key].removeprefix('@')}" if key in known.roles else ""
        case "channel":
            room = known.rooms.get(key)
            called = room.name if room else known.places.get(key)
            return f"#{called}" if called else ""
        case "emoji":
            return f":{key}:"
        case "time":
            return _moment(int(key))
    return f"/{key}"


def _moment(seconds: int) -> str:
    try:
        at = datetime.fromtimestamp(seconds, UTC)
    except (ArithmeticError, OSError, ValueError):
        return ""
    return f"{at:%Y-%m-%d %H:%M} UTC"
