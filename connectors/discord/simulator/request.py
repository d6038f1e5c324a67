"""A request to the API of a simulated Discord, read."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import Any

import orjson
from aiohttp import BodyPartReader, web

from connectors.discord.simulator.files import PIECE, Sent
from connectors.discord.simulator.refusal import Refusal

_NUMBER = re.compile(r"files\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class Request:
    """What a handler needs of a request."""

    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Any
    files: tuple[Sent, ...] = ()


Handler = Callable[[Request], Any]


async def read(request: web.Request, path: Mapping[str, str]) -> Request:
    """Read a request whose path is understood.

    Raises:
        Refusal: it is not JSON.
    """
    files: list[Sent] = []
    if request.content_type == "multipart/form-data":
        raw = await _form(request, files)
    else:
        raw = await request.read()
    try:
        body = orjson.loads(raw) if raw else {}
    except orjson.JSONDecodeError:
        raise Refusal(400, "The request body contains invalid JSON.", 50109) from None
    return Request(path, request.query, body, tuple(files))


async def _form(request: web.Request, files: list[Sent]) -> bytes:
    body = b""
    reader = await request.multipart()
    while (part := await reader.next()) is not None:
        if not isinstance(part, BodyPartReader):
            continue
        if part.filename is None:
            body = bytes(await part.read())
        else:
            files.append(await _spooled(part))
    return body


async def _spooled(part: BodyPartReader) -> Sent:
    handle = TemporaryFile()  # noqa: SIM115 - it is kept for as long as the simulator
    while piece := await part.read_chunk(PIECE):
        handle.write(piece)
    number = _NUMBER.fullmatch(part.name or "")
    kind = part.headers.get("Content-Type", "")
    return Sent(part.filename or "file", handle, kind, number[1] if number else "")
