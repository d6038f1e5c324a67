"""Whether connectors may stop listening of their own accord."""

from connectors.discord.connector import DiscordService
from connectors.telegram.connector import TelegramService
from connectors.twitter.connector import TwitterService


def test_a_platform_is_listened_to_until_somebody_stops_it():
    """A connector that came back from listening would be up and deaf: it is started again."""
    assert not any(kind.ends for kind in (DiscordService, TelegramService, TwitterService))
