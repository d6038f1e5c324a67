"""From Discord's payloads to our words: pure functions, without the library."""

from connectors.discord.translate.content import to_content
from connectors.discord.translate.doings import arrival, member, presence, profile, reaction
from connectors.discord.translate.ids import (
    EPOCH,
    NONSENSE,
    PLATFORM,
    link,
    linked,
    moment,
    snowflake,
    time,
    told,
)
from connectors.discord.translate.messages import deletions, edit, message
from connectors.discord.translate.people import entity
from connectors.discord.translate.rooms import (
    Channel,
    Known,
    is_direct,
    start,
    to_channel,
)
from connectors.discord.translate.trouble import malformed, unknown

__all__ = [
    "EPOCH",
    "NONSENSE",
    "PLATFORM",
    "Channel",
    "Known",
    "arrival",
    "deletions",
    "edit",
    "entity",
    "is_direct",
    "link",
    "linked",
    "malformed",
    "member",
    "message",
    "moment",
    "presence",
    "profile",
    "reaction",
    "snowflake",
    "start",
    "time",
    "to_channel",
    "to_content",
    "told",
    "unknown",
]
