"""Files on a simulated Discord: uploaded with messages, downloaded by addresses that expire.

https://discord.com/developers/docs/reference#uploading-files
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass, field
from hashlib import sha256
from io import BytesIO
from mimetypes import guess_type
from pathlib import PurePath
from secrets import token_bytes
from typing import IO, TYPE_CHECKING
from unicodedata import normalize
from urllib.parse import quote

from aiohttp import web

from bot.content import MediaKind
from bot.testing.simulator import Upload
from connectors.discord.simulator.shapes import Json

if TYPE_CHECKING:
    from collections.abc import Callable

    from connectors.discord.simulator.clock import Clock
    from connectors.discord.simulator.state import State

SIGNED_FOR = 24 * 3600
"""Seconds that an address is good for."""
PIECE = 64 * 1024
_AWKWARD = re.compile(r"[^\w.-]", re.ASCII)
MEDIA = {one.value: one for one in (MediaKind.IMAGE, MediaKind.AUDIO, MediaKind.VIDEO)}


@dataclass(slots=True)
class Sent:
    """A file on its way.

    Args:
        handle: at its beginning.
        number: by which the message names it, as in `files[0]`.
    """

    name: str
    handle: IO[bytes]
    media_type: str = ""
    number: str = ""
    size: int = field(init=False)

    def __post_init__(self) -> None:
        self.size = self.handle.seek(0, 2)
        self.handle.seek(0)

    @classmethod
    def of(cls, upload: Upload) -> Sent:
        """What a person sends."""
        return cls(upload.name, BytesIO(upload.data), upload.media_type)


class Files:
    """All files.

    Args:
        base: where the simulator listens.
    """

    def __init__(self, state: State, clock: Clock, base: Callable[[], str]) -> None:
        self._state, self._clock, self._base = state, clock, base
        self._secret = token_bytes(32)
        self._kept: dict[str, Sent] = {}

    def close(self) -> None:
        """Throw them away."""
        for sent in self._kept.values():
            sent.handle.close()

    def routes(self, app: web.Application) -> None:
        """Add the addresses of files to `app`."""
        app.router.add_get("/attachments/{channel}/{key}/{name}", self._serve)

    def keep(self, channel: str, sent: Sent, **fields: object) -> Json:
        """Keep a file; the attachment of its message."""
        key, name = self._state.new_id(), stored_name(sent.name)
        self._kept[key] = sent
        path = f"/attachments/{channel}/{key}/{quote(name)}"
        told = {"id": key, "filename": name, "size": sent.size, "content_type": _type(sent)}
        if name != sent.name:
            told["title"] = PurePath(sent.name).stem
        return self.signed({**told, **fields, "url": self._base() + path, "proxy_url": ""})

    def signed(self, attachment: Json) -> Json:
        """An attachment with an address that is good for a day from now."""
        address = str(attachment["url"]).partition("?")[0]
        issued = int(self._clock())
        expires = issued + SIGNED_FOR
        path = address.removeprefix(self._base())
        mark = self._mark(path, f"{expires:x}", f"{issued:x}")
        url = f"{address}?ex={expires:x}&is={issued:x}&hm={mark}&"
        return {**attachment, "url": url, "proxy_url": url}

    def upload(self, attachment: Json) -> Upload:
        """What was sent, byte for byte."""
        sent = self._kept[attachment["id"]]
        sent.handle.seek(0)
        media_type = str(attachment["content_type"])
        kind = MEDIA.get(media_type.partition("/")[0], MediaKind.FILE)
        return Upload(sent.name, sent.handle.read(), media_type, kind)

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        sent = self._kept.get(request.match_info["key"])
        if sent is None or not self._is_signed(request):
            return web.Response(status=404, text="This content is no longer available.")
        response = web.StreamResponse(headers={"Content-Type": _type(sent)})
        response.content_length = sent.size
        await response.prepare(request)
        at = 0
        while at < sent.size:
            sent.handle.seek(at)  # others may read it at the same time
            piece = sent.handle.read(PIECE)
            at += len(piece)
            await response.write(piece)
        return response

    def _is_signed(self, request: web.Request) -> bool:
        expires, issued = request.query.get("ex", ""), request.query.get("is", "")
        mark = self._mark(request.raw_path.partition("?")[0], expires, issued)
        if not hmac.compare_digest(mark, request.query.get("hm", "")):
            return False
        return int(expires, 16) > self._clock()

    def _mark(self, path: str, expires: str, issued: str) -> str:
        return hmac.new(self._secret, f"{path} {expires} {issued}".encode(), sha256).hexdigest()


def stored_name(name: str) -> str:
    """What Discord calls a file: without what is awkward in an address."""
    path = PurePath(name)
    return f"{_plain(path.stem) or 'unknown'}{_plain(path.suffix)}"


def _plain(text: str) -> str:
    letters = normalize("NFKD", text).encode("ascii", "ignore").decode()
    return _AWKWARD.sub("", letters.replace(" ", "_"))


def shown_name(attachment: Json) -> str:
    """What people see a file called."""
    name = str(attachment["filename"])
    title = attachment.get("title")
    return f"{title}{PurePath(name).suffix}" if title else name


def _type(sent: Sent) -> str:
    """Discord goes by the name."""
    return guess_type(sent.name)[0] or sent.media_type or "application/octet-stream"
