"""Whatever comes over the wire, the next thing that somebody says is answered."""

from __future__ import annotations

from typing import ClassVar

from connectors.discord.connector import DiscordService
from connectors.discord.simulator import DiscordSimulator
from connectors.telegram.connector import TelegramService
from connectors.telegram.simulator import TelegramSimulator
from connectors.twitter.connector import TwitterService
from connectors.twitter.simulator import TwitterSimulator

from .damage import JUNK, damaged, fresh
from .wire import Wire

MANY = 60
"""How many payloads are damaged."""


def spoilt(told, chance):
    """Pairs of a kind and a payload: many that are damaged, and all the junk."""
    many = [damaged(told, chance) for _ in range(MANY)]
    return [*many, *((chance.choice(told)[0], fresh(junk)) for junk in JUNK)]


class TestDiscord(Wire):
    connector, simulator = DiscordService, DiscordSimulator

    async def test_discord_can_tell_anything(self, tmp_path, discord_told, chance):
        """Every event of its gateway but those that begin a session."""
        told = [one for one in discord_told if one[0] != "READY"]
        await self.endure(tmp_path, [{"t": kind, "d": raw} for kind, raw in spoilt(told, chance)])


class TestTelegram(Wire):
    connector, simulator = TelegramService, TelegramSimulator

    async def test_telegram_can_tell_anything(self, tmp_path, telegram_told, chance):
        """Every kind of update, each with a number."""
        many = [raw for _, raw in spoilt(telegram_told, chance)]
        await self.endure(tmp_path, [self.numbered(raw) for raw in many])

    @staticmethod
    def numbered(raw):
        update = raw if isinstance(raw, dict) else {"message": raw}
        return {name: one for name, one in update.items() if name != "update_id"}


class TestX(Wire):
    connector, simulator = TwitterService, TwitterSimulator
    settings: ClassVar = {"TWITTER_POLL_SECONDS": "0.02"}

    async def test_x_can_tell_anything(self, tmp_path, x_told, chance):
        """Among the mentions."""
        told = [(kind, raw["item"]) for kind, raw in x_told if kind == "posts"]
        await self.endure(tmp_path, [raw for _, raw in spoilt(told, chance)])
