"""The files of a message, by their ids: addresses would hold the token."""

from __future__ import annotations

from bot.content import Attachment, MediaKind
from connectors.telegram.translate.reading import Json, each, find, need

KINDS = {
    "document": MediaKind.FILE,
    "audio": MediaKind.AUDIO,
    "video": MediaKind.VIDEO,
    "video_note": MediaKind.VIDEO,
    "live_photo": MediaKind.VIDEO,
    "voice": MediaKind.VOICE,
    "animation": MediaKind.VIDEO,
    "sticker": MediaKind.STICKER,
}
TYPES = {"video_note": "video/mp4", "voice": "audio/ogg"}
"""What those are that Telegram does not say it of."""

PICTURE = "image/jpeg"
"""Telegram makes a JPEG of every photo."""


def attached(message: Json, holder: str) -> tuple[Attachment, ...]:
    """The files of a message: most have one, and a text has none."""
    if "text" in message:
        return ()
    photos = each(message, "photo")
    found = [_file(message, name, holder) for name in KINDS if name in message]
    if "animation" in message and "document" in message:
        found = found[1:]  # the same file once more, for older bots
    return (*((picture(photos, holder),) if photos else ()), *found)


def picture(sizes: list[Json], holder: str) -> Attachment:
    """The largest of the sizes of a photo."""
    largest = max(reversed(sizes), key=lambda one: need(one, "width", int))
    return _attachment(largest, MediaKind.IMAGE, PICTURE, holder)


def _file(message: Json, name: str, holder: str) -> Attachment:
    raw = need(message, name, dict)
    media_type = _sticker_type(raw) if name == "sticker" else find(raw, "mime_type", str)
    return _attachment(raw, KINDS[name], media_type or TYPES.get(name, ""), holder)


def _sticker_type(raw: Json) -> str:
    """What a sticker is: https://core.telegram.org/stickers has three formats."""
    if find(raw, "is_animated", bool):
        return "application/x-tgsticker"
    return "video/webm" if find(raw, "is_video", bool) else "image/webp"


def _attachment(raw: Json, kind: MediaKind, media_type: str, holder: str) -> Attachment:
    return Attachment(
        key=need(raw, "file_id", str),
        holder=holder,
        kind=kind,
        name=find(raw, "file_name", str) or "",
        media_type=media_type,
        size=find(raw, "file_size", int),
        seconds=find(raw, "duration", int),
    )
