"""Reading JSON from Telegram: what is there has its type, or the whole update is nonsense."""

from __future__ import annotations

from typing import Any, TypeVar

Json = dict[str, Any]
T = TypeVar("T")

WORDS = {dict: "an object", list: "a list", str: "text", int: "a whole number", bool: "a boolean"}


class Nonsense(ValueError):
    """A field is missing, or holds what Telegram's documentation does not allow."""


def need(raw: Json, name: str, kind: type[T]) -> T:
    """A field that must be there.

    Raises:
        Nonsense: it is not, or is of another type.
    """
    found: T = raw.get(name)  # type: ignore[assignment] # the next line sees to it
    if type(found) is not kind:  # a boolean is an int to `isinstance`, and not to Telegram
        raise Nonsense(f"{name} must be {WORDS[kind]}, not {repr(found)[:40]}")
    return found


def find(raw: Json, name: str, kind: type[T]) -> T | None:
    """A field that may be there.

    Raises:
        Nonsense: it is of another type.
    """
    return None if raw.get(name) is None else need(raw, name, kind)


def each(raw: Json, name: str) -> list[Json]:
    """The objects in a list that may be there.

    Raises:
        Nonsense: it is no list of objects.
    """
    found = find(raw, name, list) or []
    if not all(type(one) is dict for one in found):
        raise Nonsense(f"{name} must hold objects only")
    return found


def decimal(raw: Json, name: str) -> float:
    """A number that must be there, with or without a fraction.

    Raises:
        Nonsense: it is not.
    """
    found = raw.get(name)
    return found if type(found) is float else float(need(raw, name, int))
