"""The files that Telegram keeps, and what a message says of them."""

from __future__ import annotations

import mimetypes
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

from bot.content import MediaKind
from bot.testing.simulator import Upload
from connectors.telegram.simulator.chats import Json, bad

KINDS = {
    "photo": MediaKind.IMAGE,
    "document": MediaKind.FILE,
    "video": MediaKind.VIDEO,
    "animation": MediaKind.VIDEO,
    "audio": MediaKind.AUDIO,
    "voice": MediaKind.VOICE,
    "sticker": MediaKind.STICKER,
}
"""The kinds of messages with a file, as the Bot API names them, and as we do."""

DOWNLOAD = 20 * 2**20
"""The largest file that a bot gets, in bytes: https://core.telegram.org/bots/api#getfile"""

FRAME = {"width": 640, "height": 360}
STICKER = {"type": "regular", "width": 512, "height": 512, "is_animated": False}


@dataclass(frozen=True, slots=True)
class Kept:
    """A file on Telegram's servers.

    Args:
        kind: what it was sent as.
        shown: what a message says of it.
    """

    kind: str
    path: str
    upload: Upload
    shown: Json


class Files:
    """Every file that was sent, by its id."""

    def __init__(self) -> None:
        self._kept: dict[str, Kept] = {}
        self._numbers = count(1)

    def add(self, kind: str, upload: Upload, **more: Any) -> Json:
        """Keep a file; what a message of that kind says of it.

        Args:
            more: what the sender told besides, as its `duration`.
        """
        number = next(self._numbers)
        known = {"file_id": f"{kind}-{number}", "file_unique_id": f"unique-{number}"}
        one: Json = {**known, **_details(kind, upload), **more, "file_size": len(upload.data)}
        extension = mimetypes.guess_extension(upload.media_type) or ".bin"
        shown: Json = {kind: [_smaller(one), one] if kind == "photo" else one}
        if kind == "animation":  # also, for old bots: https://core.telegram.org/bots/api#message
            shown["document"] = {**known, **_details("document", upload)}
        kept = Kept(kind, f"{kind}s/file_{number}{extension}", upload, shown)
        self._kept |= dict.fromkeys(_ids(shown), kept)
        return shown

    def again(self, kind: str, id: str) -> Json:
        """What a message says of a file that is there already."""
        kept = self.kept(id)
        if kept.kind != kind:
            raise bad(f"can't use file of type {kept.kind.title()} as {kind.title()}")
        return kept.shown

    def kept(self, id: str) -> Kept:
        """A file; a 400 if there is none."""
        if id not in self._kept:
            raise bad("wrong file identifier/HTTP URL specified")
        return self._kept[id]

    def at(self, path: str) -> Upload | None:
        """The file that getFile named by this path."""
        return next((one.upload for one in self._kept.values() if one.path == path), None)

    def of(self, message: Json) -> list[Upload]:
        """The files of a message."""
        shown = {kind: message[kind] for kind in KINDS if kind in message}
        found = [self._kept[one] for one in _ids(shown) if one in self._kept]
        return list({kept.path: kept.upload for kept in found}.values())


def _ids(shown: Json) -> Iterator[str]:
    for one in shown.values():
        yield from (size["file_id"] for size in (one if isinstance(one, list) else [one]))


def _smaller(photo: Json) -> Json:
    names = {name: f"{photo[name]}-small" for name in ("file_id", "file_unique_id")}
    return {**photo, **names, "width": 90, "height": 51, "file_size": 1000}


def _details(kind: str, upload: Upload) -> Json:
    """All that the Bot API says of a kind of file, besides its id and size."""
    named = {"file_name": upload.name, "mime_type": upload.media_type}
    match kind:
        case "photo":
            return {**FRAME}
        case "sticker":
            return {**STICKER, "is_video": upload.media_type == "video/webm"}
        case "voice":
            return {"duration": 1, "mime_type": upload.media_type}
        case "audio":
            return {"duration": 1, **named}
        case "document":
            return named
        case _:
            return {**FRAME, "duration": 1, **named}
