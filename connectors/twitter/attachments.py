"""Photos, videos and GIFs of X as attachments."""

from __future__ import annotations

import re
from mimetypes import guess_type
from typing import Any

from bot.content import Attachment, MediaKind
from connectors.twitter.objects import Objects, some

KINDS = {
    "photo": MediaKind.IMAGE,
    "video": MediaKind.VIDEO,
    "animated_gif": MediaKind.VIDEO,  # X makes a video without sound of it
    "audio": MediaKind.AUDIO,
}
_X = r"https://(?:[\w-]+\.)*(?:twitter\.com|x\.com|twimg\.com)"
_MESSAGE = re.compile(r"/(?:1\.1/ton/data/)?dm/(\d+)/(\d+)/([\w.:-]+)")


def attachments(raw: Any, media: Objects, holder: str) -> tuple[Attachment, ...]:
    """The files of a post or direct message, in order.

    Args:
        media: what X tells of them, by their keys.
        holder: the name of our account.
    """
    given = raw.get("attachments")
    keys = given.get("media_keys") if isinstance(given, dict) else None
    found = (media.get(key) for key in keys or () if isinstance(key, str))
    return tuple(_attachment(one, holder) for one in found if one)


def private(url: str, base: str) -> tuple[str, str, str] | None:
    """The message, file and resource of a file that only those in a conversation may read.

    Args:
        base: where X's API is; nobody else but X is shown our credentials.
    """
    where = re.match(f"{_X}|{re.escape(base)}", url)
    found = where and _MESSAGE.fullmatch(url[where.end() :].partition("?")[0])
    return (found[1], found[2], found[3]) if found else None


def _attachment(one: Any, holder: str) -> Attachment:
    best = _best(one)
    url = best.get("url") or one.get("url") or ""
    name = url.partition("?")[0].rpartition("/")[2]
    milliseconds = one.get("duration_ms")
    return Attachment(
        key=url or one["media_key"],
        holder=holder,
        kind=KINDS.get(one.get("type", ""), MediaKind.FILE),
        name=name,
        media_type=best.get("content_type") or guess_type(name)[0] or "",
        seconds=milliseconds / 1000 if isinstance(milliseconds, int) else None,
        description=one.get("alt_text") or "",
    )


def _best(one: Any) -> Any:
    """The variant of a video that is a single file, and of those the finest."""
    files = [v for v in some(one.get("variants")) if v.get("content_type", "").startswith("video/")]
    return max(files, key=lambda variant: variant.get("bit_rate") or 0, default={})
