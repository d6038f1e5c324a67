"""What a platform's specification names may come; what is said after it is answered."""

from __future__ import annotations

from typing import ClassVar

import orjson

from bot.testing.connectors.stage import until
from connectors.discord.connector import DiscordService
from connectors.discord.simulator import DiscordSimulator
from connectors.telegram.connector import TelegramService
from connectors.telegram.simulator import TelegramSimulator
from connectors.twitter.connector import TwitterService
from connectors.twitter.simulator import TwitterSimulator
from tests.specifications.conftest import read as specification

from .damage import damaged
from .specified import Doings, Gateway, Updates
from .wire import Wire


def both(made, chance):
    """Each of the pairs of a kind and a payload, whole and damaged, in any order."""
    many = [*made, *(damaged([one], chance) for one in made)]
    chance.shuffle(many)
    return many


class TestTelegram(Wire):
    connector, simulator = TelegramService, TelegramSimulator

    async def test_updates_of_all_kinds(self, tmp_path, chance):
        """Also of those that nobody has asked for."""
        updates = Updates(specification("telegram-bot-api"))
        many = [{kind: updates.made(kind, chance)[kind]} for kind in updates.kinds]
        await self.endure(tmp_path, [raw for _, raw in both([("", one) for one in many], chance)])


class TestDiscord(Wire):
    connector, simulator = DiscordService, DiscordSimulator

    async def test_events_of_all_names(self, tmp_path, chance):
        """But those that begin a session."""
        gateway = Gateway(specification("discord-openapi"))
        names = [one for one in gateway.names if one not in ("READY", "RESUMED")]
        made = [(name, gateway.event(name, chance)) for name in names]
        await self.endure(tmp_path, [{"t": name, "d": raw} for name, raw in both(made, chance)])


class TestActivity(Wire):
    connector, simulator = TwitterService, TwitterSimulator
    settings: ClassVar = {"TWITTER_POLL_SECONDS": "0.02", "TWITTER_STREAM": "activity"}

    async def tell(self, platform, frame):
        await until(lambda: platform.activity.ears)
        platform.activity.say(orjson.dumps(frame))

    async def test_doings_of_all_kinds(self, tmp_path, chance):
        """Posts and direct messages among them."""
        x = Doings(specification("x-openapi"))
        made = [("", {"data": x.doing(kind, chance)}) for kind in x.kinds]
        await self.endure(tmp_path, [raw for _, raw in both(made, chance)])


class TestStream(Wire):
    connector, simulator = TwitterService, TwitterSimulator
    settings: ClassVar = {"TWITTER_POLL_SECONDS": "0.02", "TWITTER_STREAM": "filtered"}

    async def tell(self, platform, frame):
        await until(lambda: platform.stream.ears)
        platform.stream.say(orjson.dumps(frame))

    async def test_posts_with_all_that_comes_along(self, tmp_path, chance):
        """As their specification has them."""
        x = Doings(specification("x-openapi"))
        made = [("", x.named("StreamPostsResponse", chance)) for _ in range(20)]
        await self.endure(tmp_path, [raw for _, raw in both(made, chance)])
