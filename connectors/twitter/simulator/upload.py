"""Files on a simulated X: uploaded in pieces, made ready, described, and shown."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import orjson
from aiohttp import web

from bot.content import MediaKind
from bot.testing.simulator import Upload
from connectors.twitter.simulator.gate import Gate, Problem, answer
from connectors.twitter.simulator.network import Media, Network

LARGEST_PIECE = 5 * 2**20
LARGEST = {"image": 5 * 2**20, "gif": 15 * 2**20, "video": 512 * 2**20}
"""In bytes (docs.x.com/x-api/media/quickstart/best-practices)."""

PIECES = 1000
LIFE = 86_400
"""Seconds in which a file has to be used."""

DONE = {"state": "succeeded", "progress_percent": 100}
FAILED = {
    "state": "failed",
    "error": {"code": 1, "name": "InvalidMedia", "message": "Unsupported video format"},
}


@dataclass(slots=True)
class Stored:
    """A file, as far as it has come.

    Args:
        looks: how often one has to look until X is done with it.
    """

    id: str
    category: str
    media_type: str
    total: int
    looks: int
    pieces: dict[int, bytes] = field(default_factory=dict)
    is_whole: bool = False
    description: str = ""

    @property
    def use(self) -> str:
        """What it is for: `tweet` or `dm`."""
        return self.category.partition("_")[0]

    @property
    def sort(self) -> str:
        """What X makes of it: `image`, `gif` or `video`."""
        return self.category.partition("_")[2]

    @property
    def media(self) -> Media:
        """The file, as people see it."""
        data = b"".join(self.pieces[index] for index in sorted(self.pieces))
        kind = MediaKind.IMAGE if self.sort == "image" else MediaKind.VIDEO
        name = f"{self.id}.{self.media_type.partition('/')[2]}"
        return Media(self.id, Upload(name, data, self.media_type, kind), self.description)


class Uploads:
    """Every file that was uploaded.

    Attributes:
        looks: how often one has to look until X is done with a video.
        is_refusing: whether X can make nothing of videos.
        check_after: the seconds that X asks to wait between two looks.
    """

    def __init__(self, network: Network) -> None:
        self.network = network
        self.stored: dict[str, Stored] = {}
        self.looks, self.is_refusing, self.check_after = 1, False, 0

    def routes(self, app: web.Application, gate: Gate) -> None:
        """Add the endpoints to `app`."""
        for method, path, handler in (
            ("POST", "/2/media/upload/initialize", self.initialize),
            ("POST", "/2/media/upload/{id}/append", self.append),
            ("POST", "/2/media/upload/{id}/finalize", self.finalize),
            ("GET", "/2/media/upload", self.status),
            ("POST", "/2/media/metadata", self.describe),
        ):
            app.router.add_route(method, path, gate.guard(handler, app_may=False))

    def take(self, ids: Any, use: str) -> list[Media]:
        """The files that a post or message is to have.

        Raises:
            Problem: they are unknown, not ready, for something else, or too many.
        """
        found = [self.stored.get(str(one)) for one in ids or ()]
        files = [one for one in found if one and one.is_whole and one.use == use]
        if len(files) != len(found):
            raise Problem.invalid("Your media IDs are invalid.")
        most = 4 if use == "tweet" and all(one.sort == "image" for one in files) else 1
        if len(files) > most:
            raise Problem.invalid("You may attach up to 4 photos, 1 animated GIF or 1 video.")
        taken = [one.media for one in files]
        self.network.media.update((one.id, one) for one in taken)
        return taken

    async def initialize(self, request: web.Request) -> web.Response:
        """POST /2/media/upload/initialize."""
        body = orjson.loads(await request.read())
        category, total = str(body.get("media_category")), body.get("total_bytes")
        sort = category.partition("_")[2]
        if sort not in LARGEST or not isinstance(total, int):
            raise Problem.invalid("media_category and total_bytes are needed.")
        if not 0 < total <= LARGEST[sort]:
            raise Problem.invalid(f"File size of {total} bytes is not supported for {category}.")
        new = self.network.new_id()
        looks = self.looks if sort == "video" else 0
        self.stored[new] = Stored(new, category, str(body.get("media_type")), total, looks)
        return answer({"data": {**_named(self.stored[new]), "expires_after_secs": LIFE}})

    async def append(self, request: web.Request) -> web.Response:
        """POST /2/media/upload/:id/append."""
        one, form = self._find(request.match_info["id"]), await request.post()
        media, index = form.get("media"), str(form.get("segment_index"))
        if not isinstance(media, web.FileField) or not index.isdecimal() or int(index) >= PIECES:
            raise Problem.invalid("media and segment_index are needed.")
        data = media.file.read()
        if len(data) > LARGEST_PIECE:
            raise Problem(413, "The piece is too large.")
        one.pieces[int(index)] = data
        return answer({"data": {"expires_at": int(time.time()) + LIFE}})

    async def finalize(self, request: web.Request) -> web.Response:
        """POST /2/media/upload/:id/finalize."""
        one = self._find(request.match_info["id"])
        if sorted(one.pieces) != list(range(len(one.pieces))):
            raise Problem.invalid("Segments do not add up to provided total file size.")
        if sum(map(len, one.pieces.values())) != one.total:
            raise Problem.invalid("Segments do not add up to provided total file size.")
        return self._tell(one, "pending")

    async def status(self, request: web.Request) -> web.Response:
        """GET /2/media/upload."""
        one = self._find(request.query.get("media_id", ""))
        one.looks = max(one.looks - 1, 0)
        return self._tell(one, "in_progress")

    async def describe(self, request: web.Request) -> web.Response:
        """POST /2/media/metadata."""
        body = orjson.loads(await request.read())
        one = self._find(str(body.get("id")))
        one.description = body.get("metadata", {}).get("alt_text", {}).get("text", "")
        shown = {"alt_text": {"text": one.description}}
        return answer({"data": {"id": one.id, "associated_metadata": shown}})

    def _find(self, id: str) -> Stored:
        if id not in self.stored:
            raise Problem.invalid(f"The media id [{id}] is not valid.", {"media_id": [id]})
        return self.stored[id]

    def _tell(self, one: Stored, state: str) -> web.Response:
        waiting = {"state": state, "check_after_secs": self.check_after, "progress_percent": 0}
        one.is_whole = not one.looks and not (self.is_refusing and one.sort == "video")
        data = {**_named(one), "size": one.total, "expires_after_secs": LIFE}
        if one.sort == "video":
            done = FAILED if self.is_refusing else DONE
            data["processing_info"] = waiting if one.looks else done
        return answer({"data": data})


def _named(one: Stored) -> dict[str, Any]:
    prefix = {"image": 3, "gif": 16, "video": 7}[one.sort]
    return {"id": one.id, "media_key": f"{prefix}_{one.id}"}
