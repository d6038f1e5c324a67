"""What all nouns are made of: frozen values, computed ids, legible text."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha1
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict

TOWNHALL = UUID("6f1c1b9e-33a5-5d0e-8a5b-7a9c5f0f4a11")
"""The namespace of every id that we compute."""


@lru_cache(maxsize=16_384)
def uid(*parts: str) -> UUID:
    """A UUIDv5: the same parts give the same id, in any process, for ever."""
    name = "\x1f".join(parts).encode("utf-8", "surrogatepass")
    return UUID(bytes=sha1(TOWNHALL.bytes + name, usedforsecurity=False).digest()[:16], version=5)


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

    model_config = ConfigDict(frozen=True, extra="ignore")
