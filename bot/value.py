"""What all nouns are made of: frozen values, computed ids, legible text."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha1
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict

TOWNHALL = UUID("6f1c1b9e-33a5-5d0e-8a5b-7a9c5f0f4a11")
"""The namespace of every id that we compute."""

NAMESPACE = TOWNHALL.bytes

TIME = 0xFFFFFFFFFFFF << 80
"""Where UUIDs of versions 6 to 8 have their time."""

FIXED = 0xF << 76 | 0b11 << 62
"""Where UUIDs have their version and variant."""

VERSION_5 = 0x5 << 76 | 0b10 << 62
VERSION_8 = 0x8 << 76 | 0b10 << 62


def _apart(part: str) -> str:
    """A part of an id, in which nothing looks like the border to the next."""
    return part.replace("\x1e", "\x1e0").replace("\x1f", "\x1e1")


def _digest(parts: tuple[str, ...]) -> int:
    """What a UUID is made of."""
    name = "\x1f".join(parts)
    if "\x1e" in name or name.count("\x1f") >= len(parts):
        name = "\x1f".join(map(_apart, parts))
    data = NAMESPACE + name.encode("utf-8", "surrogatepass")
    return int.from_bytes(sha1(data, usedforsecurity=False).digest()[:16], "big")


@lru_cache(maxsize=16_384)
def uid(*parts: str) -> UUID:
    """A UUIDv5: the same parts give the same id, in any process, for ever."""
    return UUID(int=_digest(parts) & ~FIXED | VERSION_5)


def uid_at(at: datetime, *parts: str) -> UUID:
    """A UUIDv8 that begins with a time: the same time and parts give the same id.

    What is stored one after the other has its place side by side in an index of such ids, and not
    all over it.
    """
    return _begun(int(at.timestamp() * 1000) << 80, parts)


def uid_beside(id: UUID, *parts: str) -> UUID:
    """A UUIDv8 computed from another id, with its place in an index beside it."""
    return _begun(id.int, (id.hex, *parts))


def _begun(beginning: int, parts: tuple[str, ...]) -> UUID:
    return UUID(int=beginning & TIME | _digest(parts) & ~(TIME | FIXED) | VERSION_8)


def now() -> datetime:
    """The current time, aware of its zone."""
    return datetime.now(UTC)


def legible(text: str) -> str:
    """The text with each lone surrogate replaced: nothing can store or send half a character."""
    return (
        text
        if text.isascii()
        else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    )


Text = Annotated[str, AfterValidator(legible)]


class Value(BaseModel):
    """A frozen noun. Fields that a later version added are ignored, not refused."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """A copy, which computes its properties for itself: they may depend on `update`."""
        copied = super().model_copy(update=update, deep=deep)
        fields = type(self).model_fields
        if len(copied.__dict__) > len(fields):
            for name in copied.__dict__.keys() - fields.keys():
                del copied.__dict__[name]
        return copied
