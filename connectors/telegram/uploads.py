"""How Telegram shows a file, and which files it shows together."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from telegram import (
    InputFile,
    InputMedia,
    InputMediaAnimation,
    InputMediaAudio,
    InputMediaDocument,
    InputMediaPhoto,
    InputMediaVideo,
)

from bot.content import Attachment, MediaKind
from bot.media import File
from bot.value import legible

LARGEST, PHOTO = 50 * 2**20, 10 * 2**20
"""The largest file and photo, in bytes: https://core.telegram.org/bots/api#sending-files"""

ALBUM = 10
"""How many files one message may have: https://core.telegram.org/bots/api#sendmediagroup"""

ALIKE = {"photo": "visual", "video": "visual", "document": "document", "audio": "audio"}
"""What can be in an album, and with what: documents and audio only among themselves."""

MEDIA: dict[str, Callable[..., InputMedia]] = {
    "photo": InputMediaPhoto,
    "video": InputMediaVideo,
    "animation": InputMediaAnimation,
    "audio": InputMediaAudio,
}
"""What a message can be changed to; all else becomes a document."""

UNTITLED = "sticker"
"""What has no text with it."""

SHOWN = {
    MediaKind.IMAGE: {"photo": {"image/jpeg", "image/png", "image/webp", ""}},
    MediaKind.VIDEO: {"video": {"video/mp4", ""}},
    MediaKind.AUDIO: {"audio": {"audio/mpeg", "audio/mp4", "audio/x-m4a", ""}},
    MediaKind.VOICE: {"voice": {"audio/ogg", "audio/mpeg", "audio/mp4", "audio/x-m4a", ""}},
    MediaKind.STICKER: {"sticker": {"image/webp", "video/webm", "application/x-tgsticker", ""}},
}
"""The formats that Telegram shows as what they are; all others are documents to it."""

GIF = "image/gif"

_UNFIT = re.compile(r'[\x00-\x1f\x7f/\\"]')


@dataclass(frozen=True, slots=True)
class Item:
    """A file on its way.

    Args:
        kind: what Telegram shows it as.
        source: the id of a file that Telegram has, or one that is open here.
        seconds: how long it plays.
    """

    kind: str
    source: str | File
    seconds: float | None = None

    @property
    def details(self) -> dict[str, Any]:
        """What Telegram is told of it besides."""
        plays = self.kind in {"video", "animation", "audio", "voice"}
        return {"duration": round(self.seconds)} if self.seconds and plays else {}

    def input(self, *, attached: bool = False) -> str | InputFile:
        """The file itself, from its beginning, or its id.

        Args:
            attached: whether another field says where it belongs.
        """
        if isinstance(self.source, str):
            return self.source
        handle = self.source.handle
        handle.seek(0)
        return InputFile(handle, name(self.source), attach=attached, read_file_handle=False)

    def medium(self, caption: Mapping[str, Any]) -> InputMedia:
        """The file in an album, or in place of another."""
        kind = MEDIA.get(self.kind, InputMediaDocument)
        return kind(self.input(attached=True), **caption, **self.details)


def shown_as(attachment: Attachment, size: int | None = None) -> str:
    """What Telegram shows a file as.

    Args:
        size: in bytes, where it is known.
    """
    media_type = attachment.media_type.partition(";")[0].strip().lower()
    if media_type == GIF and attachment.kind in {MediaKind.IMAGE, MediaKind.VIDEO}:
        return "animation"
    for kind, types in SHOWN.get(attachment.kind, {}).items():
        if media_type in types and not (kind == "photo" and (size or 0) > PHOTO):
            return kind
    return "document"


def together(items: Sequence[Item]) -> int:
    """How many of the first items go in one call."""
    family = ALIKE.get(items[0].kind)
    if family is None:
        return 1
    return len(list(takewhile(lambda one: ALIKE.get(one.kind) == family, items[:ALBUM])))


def name(file: File) -> str:
    """A file's name as Telegram takes it. Its ending tells Telegram what it is."""
    found = legible(_UNFIT.sub("_", file.name)) or "file"
    if "." in found:
        return found
    return found + (mimetypes.guess_extension(file.media_type) or "")
