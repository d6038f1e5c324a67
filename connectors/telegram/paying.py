"""Broadcasts that are paid for, and so go out faster.

https://core.telegram.org/bots/faq#how-can-i-message-all-of-my-bot-39s-subscribers-at-once
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from bot.capabilities import Rate
from bot.part import Part, Priority

FREE, PAID = 30, 1_000
"""Messages a second: those that cost nothing, and all of them."""

TENTHS = 10
"""So many messages for one Star."""


def rates(documented: Sequence[Rate]) -> tuple[Rate, ...]:
    """The limits of a bot that pays: those of the rooms stay."""
    return (Rate(count=PAID, seconds=1), *(one for one in documented if one.per_room))


def fields(part: Part) -> dict[str, bool]:
    """What a call says more that is paid for; answers never are."""
    return {} if part.priority is Priority.REPLY else {"allow_paid_broadcast": True}


def cost(parts: Sequence[Part], times: int) -> str:
    """What it takes at most to say this so many times."""
    messages = times * sum(max(len(part.attachments), 1) for part in parts)
    stars = math.ceil(max(messages - FREE * math.ceil(messages / PAID), 0) / TENTHS)
    return f"at most {stars:,} Stars" if stars else ""
