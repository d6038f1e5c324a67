"""What a report says of a campaign in words: without secrets, and without tricks of a terminal."""

from __future__ import annotations

from bot.audience import hidden, shown
from bot.campaign import Campaign

LONGEST = 80
"""Characters of a message that can stand for its title."""


def plain(text: str) -> str:
    """The text with each control character, line break and invisible one spelt out."""
    if text.isprintable():
        return text
    return "".join(
        one if one.isprintable() else one.encode("unicode_escape").decode() for one in text
    )


def headline(campaign: Campaign) -> str:
    """How to call a campaign, in one line."""
    first = campaign.content.text.strip().partition("\n")[0]
    return plain(campaign.title or first[:LONGEST] or f"Campaign {campaign.id}")


def public(campaign: Campaign) -> Campaign:
    """A campaign whose audience holds no secrets."""
    update = {
        "audience": tuple(map(shown, campaign.audience)),
        "without": tuple(map(shown, campaign.without)),
        "reason": hidden(campaign.reason),
    }
    return campaign.model_copy(update=update)
