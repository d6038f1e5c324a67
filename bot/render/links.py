"""Addresses behind a text, where a platform has that."""

from __future__ import annotations

import re

from bot.capabilities import Capabilities, Markup

SCHEMES = {
    Markup.DISCORD: re.compile(r"https?://.", re.IGNORECASE),
    Markup.HTML: re.compile(r"(?:https?|tg)://.", re.IGNORECASE),
    Markup.NONE: re.compile(r"(?!)"),
}
"""The addresses that a platform can put behind a text."""

UNLABELLED = re.compile(r"[\[\]]|://")
"""What Discord does not take in the text of a link."""


def hides(url: str, label: str, capabilities: Capabilities) -> bool:
    """Whether a platform can put `url` behind `label`; otherwise both are written out."""
    if 2 * len(url) > capabilities.max_length or not SCHEMES[capabilities.markup].match(url):
        return False
    return capabilities.markup is not Markup.DISCORD or not UNLABELLED.search(label)
