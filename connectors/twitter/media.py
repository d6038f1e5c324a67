"""Files on their way to X: read from disk in pieces, uploaded, and named to X by the id it gives.

docs.x.com/x-api/media/quickstart/media-upload-chunked
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog

from bot.content import Attachment
from bot.errors import Rejected, Unavailable, Unconfirmed
from bot.media import File, Media

if TYPE_CHECKING:
    from connectors.twitter.client import Client

PIECE = 2 * 2**20
"""Bytes of one piece; X takes 5 MB, and a thousand of them (docs.x.com, append)."""

LONGEST_DESCRIPTION = 1000
"""Characters (docs.x.com, POST /2/media/metadata)."""

PATIENCE = 600.0
"""Seconds that X may take to make a video ready."""

SHORTEST_LOOK, LOOK = 0.1, 5.0
"""Seconds between two looks at it: at least, and where X does not say."""

logger = structlog.get_logger("connectors.twitter")


@dataclass(frozen=True, slots=True)
class Category:
    """What X makes of files.

    Args:
        name: X's word for it.
        plural: ours.
        most: the largest file, in bytes.
    """

    name: str
    plural: str
    most: int


PHOTO = Category("image", "photos", 5 * 2**20)
GIF = Category("gif", "GIFs", 15 * 2**20)
VIDEO = Category("video", "videos", 512 * 2**20)
"""The sizes are those of docs.x.com/x-api/media/quickstart/best-practices."""

CATEGORIES = {
    "image/jpeg": PHOTO,
    "image/png": PHOTO,
    "image/webp": PHOTO,
    "image/gif": GIF,
    "video/mp4": VIDEO,
    "video/quicktime": VIDEO,
    "video/webm": VIDEO,
    "video/mp2t": VIDEO,
}

MOST = max(category.most for category in CATEGORIES.values())


class Uploads:
    """Brings files to X, of which nobody sees anything before a post or message names them."""

    def __init__(self, client: Client, media: Media) -> None:
        self._client, self._media = client, media

    async def ids(self, attachments: Sequence[Attachment], *, use: str) -> list[str]:
        """X's ids of files, in their order.

        Args:
            use: what they are for: `tweet` or `dm`.

        Raises:
            Rejected: X does not take one of them, or not all of them together.
            Unavailable: not now; nothing has been said yet, whatever became of the upload.
        """
        try:
            return [await self._one(one, use, alone=len(attachments) == 1) for one in attachments]
        except Unconfirmed as error:
            raise Unavailable(str(error)) from error

    async def _one(self, attachment: Attachment, use: str, *, alone: bool) -> str:
        known = CATEGORIES.get(attachment.media_type)
        async with self._media.open(attachment, most=known.most if known else MOST) as file:
            category = _category(file, alone=alone)
            media = await self._begin(file, f"{use}_{category.name}", shared=use == "dm")
            await self._append(media, file)
        await self._finish(media)
        if attachment.description and use == "tweet" and category is not VIDEO:
            await self._describe(media, attachment.description)
        return media

    async def _begin(self, file: File, category: str, *, shared: bool) -> str:
        body = {
            "media_category": category,
            "media_type": file.media_type,
            "total_bytes": file.size,
            # What is not shared can be sent in one direct message only.
            **({"shared": True} if shared else {}),
        }
        answer = await self._post("/2/media/upload/initialize", json=body)
        try:
            return str(answer["data"]["id"])
        except (KeyError, TypeError) as error:
            raise Unavailable(f"X begins an upload without an id: {answer}") from error

    async def _append(self, id: str, file: File) -> None:
        index = 0
        while piece := await asyncio.to_thread(file.handle.read, PIECE):
            form = {"segment_index": str(index), "media": piece}
            await self._post(f"/2/media/upload/{id}/append", form=form)
            index += 1

    async def _finish(self, id: str) -> None:
        """Return once X is done with the file."""
        answer = await self._post(f"/2/media/upload/{id}/finalize")
        try:
            async with asyncio.timeout(PATIENCE):
                while pause := _pause(answer):
                    await asyncio.sleep(pause)
                    answer = await self._status(id)
        except TimeoutError as error:
            raise Unavailable(f"X is not done with a video after {PATIENCE:.0f} s") from error

    async def _status(self, id: str) -> Any:
        params = {"command": "STATUS", "media_id": id}
        answer = await self._client.request("GET", "/2/media/upload", params, user_auth=True)
        return await answer.json()

    async def _describe(self, id: str, description: str) -> None:
        text = {"text": description[:LONGEST_DESCRIPTION]}
        try:
            await self._post("/2/media/metadata", json={"id": id, "metadata": {"alt_text": text}})
        except Rejected as error:
            # Who cannot see the picture loses something, all others nothing: it is still said.
            logger.warning("x takes no description of a file", why=str(error))

    async def _post(self, route: str, **body: Any) -> Any:
        answer = await self._client.request("POST", route, user_auth=True, **body)
        return await answer.json()


def _category(file: File, *, alone: bool) -> Category:
    category = CATEGORIES.get(file.media_type.partition(";")[0].strip().lower())
    if category is None:
        raise Rejected(
            f"X shows photos, GIFs and videos, and nothing of type {file.media_type}: "
            f"send a link to {file.name} instead"
        )
    if file.size > category.most:
        raise Rejected(
            f"X takes {category.plural} of at most {category.most // 2**20} MB, and {file.name} "
            f"has {file.size / 2**20:.1f}: send a smaller one"
        )
    if not alone and category is not PHOTO:
        raise Rejected(
            f"X takes up to four photos in a post, or one GIF or video: send {file.name} alone"
        )
    return category


def _pause(answer: Any) -> float:
    """Seconds until X may be done with the file; 0 if it is.

    Raises:
        Rejected: X cannot use it.
    """
    info = _inner(_inner(answer, "data"), "processing_info")
    state = info.get("state", "succeeded")
    if state == "failed":
        said = _inner(info, "error").get("message") or "no reason given"
        raise Rejected(f"X cannot use a file ({said}): convert it to MP4, or to another photo")
    if state == "succeeded":
        return 0.0
    wait = info.get("check_after_secs")
    return max(float(wait), SHORTEST_LOOK) if isinstance(wait, int | float) else LOOK


def _inner(outer: Any, name: str) -> dict[str, Any]:
    inner = outer.get(name) if isinstance(outer, dict) else None
    return inner if isinstance(inner, dict) else {}
