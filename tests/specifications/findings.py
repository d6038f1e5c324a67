"""What does not agree with a specification, and what is excused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One deviation.

    Args:
        place: the operation and the part of it, as `GET /users/@me > 200`.
        name: the field, with dots; the members of a list have no numbers.
        problem: what the specification wants.
        value: what was there.
    """

    place: str
    name: str
    problem: str
    value: Any = field(default=None, compare=False)

    def __str__(self) -> str:
        return f"{'.'.join(filter(None, (self.place, self.name)))}: {self.problem}"


Excuses = Mapping[str, tuple[str, ...]]
"""Reasons, and what each excuses: findings, where `*` stands for anything."""


def unexcused(findings: Iterable[Finding], excuses: Excuses) -> list[str]:
    """What is left when all that is excused is gone, and the excuses that nothing needed."""
    found = {str(one): one for one in findings}
    patterns = [pattern for many in excuses.values() for pattern in many]
    hits = {one: {text for text in found if fnmatchcase(text, one)} for one in patterns}
    left = sorted(found.keys() - set().union(*hits.values()))
    return [
        *(f"{text}, but it is {str(found[text].value)[:100]}" for text in left),
        *(f"nothing needs the excuse {one!r} any more" for one, some in hits.items() if not some),
    ]
