"""The parameters of a call, as the Bot API reads them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from aiohttp.web import FileField

from bot.testing.simulator import Upload
from connectors.telegram.simulator.chats import ApiError, Json, bad, entities, units
from connectors.telegram.simulator.html import parse, trimmed
from connectors.telegram.simulator.uploads import KINDS

Params = Mapping[str, Any]

TEXT, CAPTION = 4096, 1024
"""The longest, in UTF-16 units: https://core.telegram.org/bots/api#sendmessage, #sendphoto"""

UPLOAD, PHOTO = 50 * 2**20, 10 * 2**20
"""The largest files, in bytes: https://core.telegram.org/bots/api#sending-files"""

LITERAL = frozenset({"code", "pre", "text_link"})
"""What Telegram looks for no mentions and commands in."""


def integer(params: Params, name: str) -> int | None:
    """A number, or None if it is not given."""
    value = params.get(name)
    if value is None or value == "":
        return None
    try:
        return int(value)
    except (TypeError, ValueError):
        raise bad("chat not found" if name == "chat_id" else f"invalid {name}") from None


def decoded(params: Params, name: str) -> Any:
    """What stands there as JSON; None if it is not given."""
    value = params.get(name)
    try:
        return orjson.loads(value) if isinstance(value, str) else value
    except orjson.JSONDecodeError:
        raise bad(f"can't parse {name} JSON object") from None


def text(params: Params) -> Json:
    """The text of a message and its entities, as in a Message."""
    plain, found = _marked(params, "text")
    if not plain:
        raise bad("message text is empty")
    if units(plain) > TEXT:
        raise bad("message is too long")
    return {"text": plain, "entities": found} if found else {"text": plain}


def caption(params: Params) -> Json:
    """The text that goes with a file, likewise; nothing if there is none."""
    plain, found = _marked(params, "caption")
    if units(plain) > CAPTION:
        raise bad("message caption is too long")
    said = {"caption": plain} if plain else {}
    return {**said, "caption_entities": found} if found else said


def _marked(params: Params, name: str) -> tuple[str, list[Json]]:
    said, mode = str(params.get(name) or ""), str(params.get("parse_mode") or "").lower()
    if mode not in {"", "html"}:
        raise bad("unsupported parse_mode")
    plain, styled = parse(said) if mode else (said, [])
    plain, styled = trimmed(plain, styled)
    found = [one for one in entities(plain) if not _is_in(one, styled)]
    return plain, sorted([*styled, *found], key=lambda one: (one["offset"], -one["length"]))


def _is_in(entity: Json, styled: list[Json]) -> bool:
    return any(
        one["type"] in LITERAL and one["offset"] <= entity["offset"] < one["offset"] + one["length"]
        for one in styled
    )


def upload(params: Params, value: Any, kind: str) -> Upload | str:
    """A file that came along, or the id of one that is there.

    Args:
        value: the file, its id, or `attach://` and the name of the part that it is in.
    """
    if isinstance(value, str) and value.startswith("attach://"):
        value = params.get(value.removeprefix("attach://"))
    if isinstance(value, str) and value:
        return value
    if not isinstance(value, FileField):
        raise bad(f"there is no {kind} in the request")
    return _received(value, kind)


def _received(field: FileField, kind: str) -> Upload:
    data = field.file.read()
    if not data:
        raise bad("file must be non-empty")
    if len(data) > UPLOAD:
        raise ApiError(413, "Request Entity Too Large")
    if kind == "photo" and len(data) > PHOTO:
        raise bad(
            f"file of size {len(data)} bytes is too big for a photo; the maximum is {PHOTO} bytes"
        )
    return Upload(field.filename, data, field.content_type, KINDS[kind])
