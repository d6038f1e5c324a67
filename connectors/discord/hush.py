"""Keeps the tokens of interactions and webhooks out of texts: they stand in addresses."""

from __future__ import annotations

import logging
import re

_ADDRESSED = re.compile(r"(/(?:webhooks|interactions)/\d+/|\b\d{17,}\+)[^/?'\s]+")
_TOLD = re.compile(r"""(['"]token['"]: ?['"])[^'"]+""")


class Hush(logging.Filter):
    """Takes tokens out of what the library logs: they are in addresses, payloads and answers."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite a record."""
        record.msg, record.args = hushed(record.getMessage()), None
        return True


HUSH = Hush()


def hushed(text: str) -> str:
    """The text without the tokens of interactions and webhooks."""
    return _TOLD.sub(r"\1***", _ADDRESSED.sub(r"\1***", text))
