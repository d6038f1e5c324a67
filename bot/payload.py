"""What platforms send, read as JSON that can be stored."""

from __future__ import annotations

import json
from typing import Any

import orjson


def decoded(body: bytes) -> Any:
    """The body as JSON, without text that could not be stored.

    Half a character, which a strict reader refuses, must not hold up all that came with it.

    Raises:
        ValueError: it is no JSON.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return _sound(json.loads(body.decode(errors="replace")))


def _sound(value: Any) -> Any:
    """Replace lone surrogates, which no UTF-8 file or database can hold."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_sound(one) for one in value]
    if isinstance(value, dict):
        return {_sound(key): _sound(one) for key, one in value.items()}
    return value
