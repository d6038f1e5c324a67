"""Texts without secrets, however a text had to write them."""

from __future__ import annotations

import json
import re
from urllib.parse import quote

import orjson

SHORTEST = 4
"""Shorter ones stay in texts: taking out every "1" would leave nothing to read."""


class Secrets:
    """Every secret that was read so far; more are read as services start.

    Attributes:
        known: replaced as a whole, since other threads write to the log, too.
    """

    def __init__(self) -> None:
        self.known: frozenset[str] = frozenset()
        self._compiled = self.known, re.compile(r"(?!)")

    def add(self, secret: str) -> None:
        """Leave this out of all texts from now on."""
        if len(secret) >= SHORTEST and secret not in self.known:
            self.known |= {secret}

    def redacted(self, text: str) -> str:
        """A text with `***` in place of every secret."""
        known, pattern = self._compiled
        if known is not self.known:
            known = self.known
            pattern = _pattern(known)
            self._compiled = known, pattern
        return pattern.sub("***", text)


def _pattern(known: frozenset[str]) -> re.Pattern[str]:
    # Twice: JSON may quote a representation that has quoted it already.
    once = {form for secret in known for form in _forms(secret)}
    forms = {form for one in once for form in _forms(one)}
    longest_first = sorted(forms, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first)))


def _forms(secret: str) -> set[str]:
    """A secret as plain text, in a URL, in JSON and in the representation of a string."""
    return {
        secret,
        quote(secret),
        quote(secret, safe=""),
        json.dumps(secret)[1:-1],
        orjson.dumps(secret).decode()[1:-1],
        repr(secret)[1:-1],
    }
