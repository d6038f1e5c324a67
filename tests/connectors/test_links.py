"""A platform's link leads to its message, and nothing else does."""

from __future__ import annotations

import pytest

from bot.discovery import installed_connectors

LINKS = {
    "https://discord.com/channels/1/22/333": ("discord", "333"),
    "https://ptb.discord.com/channels/@me/22/333": ("discord", "333"),
    "https://discordapp.com/channels/1/22/333/": ("discord", "333"),
    "https://t.me/c/1234567890/42": ("telegram", "-1001234567890/42"),
    "https://t.me/c/1234567890/7/42?single": ("telegram", "-1001234567890/42"),
    "https://x.com/ada/status/1900000000000000001": ("twitter", "1900000000000000001"),
    "https://twitter.com/ada/status/19/photo/1": ("twitter", "19"),
    "https://mobile.x.com/i/web/status/19?s=20": ("twitter", "19"),
}
OTHERS = (
    "42",
    "",
    "https://discord.com/channels/1/22",
    "https://discord.com.example.org/channels/1/22/333",
    "https://example.org/?https://discord.com/channels/1/22/333",
    "https://t.me/somebody/42",
    "https://t.me/c/1234567890",
    "https://x.com/ada",
    "https://example.org/ada/status/19",
    "https://x.com/ada/status/19\nx",
)


def read(link):
    """What the installed connectors make of a link."""
    made = {name: kind.message_of(link) for name, kind in installed_connectors().items()}
    return [(name, found) for name, found in made.items() if found is not None]


@pytest.mark.parametrize("link", LINKS)
def test_a_link_is_read_by_its_platform_alone(link):
    """The reference is the one that the platform's events have."""
    assert read(link) == [LINKS[link]]


@pytest.mark.parametrize("text", OTHERS)
def test_nothing_else_is_a_link(text):
    """A room, a profile, another site, or what only looks like one."""
    assert read(text) == []
