"""Whatever comes over the wire, the next thing that somebody says is answered."""

from __future__ import annotations

import random
from typing import ClassVar

import orjson

from bot.service import Status
from bot.testing.connectors.stage import Stage
from connectors.discord.connector import DiscordService
from connectors.discord.simulator import DiscordSimulator
from connectors.telegram.connector import TelegramService
from connectors.telegram.simulator import TelegramSimulator
from connectors.twitter.connector import TwitterService
from connectors.twitter.simulator import TwitterSimulator

from .damage import JUNK, damaged, fresh

MANY = 60
"""How many payloads are damaged."""

EACH = 8
"""After so many, somebody says a word that must be answered; more words would be a flood."""


def can_be_sent(raw):
    """Whether JSON has a form for it."""
    try:
        orjson.dumps(raw)
    except TypeError:
        return False
    return True


def batched(many, size):
    """A list in pieces."""
    return [many[start : start + size] for start in range(0, len(many), size)]


class Wire(Stage):
    """Things are told that nobody should tell, and in between somebody speaks."""

    async def endure(self, path, told, frame):
        """Tell damaged things and junk.

        Args:
            frame: makes what is injected of a kind and a payload.
        """
        chance = random.Random(42)
        many = [damaged(told, chance) for _ in range(MANY)]
        many += [(chance.choice(told)[0], fresh(junk)) for junk in JUNK]
        frames = [one for kind, raw in many if can_be_sent(one := frame(kind, raw))]
        assert len(frames) > MANY
        async with self.play(path) as scene, scene.bot() as bot:
            for number, few in enumerate(batched(frames, EACH), 1):
                for one in few:
                    await scene.platform.inject(one)
                await scene.say(f"number {number}")
                answers = await scene.answers(number)
            health = await bot.fares()
            restarts = bot.supervisor.services[bot.service.name].restarts
        assert [one.text for one in answers] == [f"number {n}" for n in range(1, number + 1)]
        assert (health.status, restarts) == (Status.UP, 0)


class TestDiscord(Wire):
    connector, simulator = DiscordService, DiscordSimulator

    async def test_discord_can_tell_anything(self, tmp_path, discord_told):
        """Every event of its gateway but those that begin a session."""
        told = type(discord_told)(one for one in discord_told if one[0] != "READY")
        await self.endure(tmp_path, told, lambda kind, raw: {"t": kind, "d": raw})


class TestTelegram(Wire):
    connector, simulator = TelegramService, TelegramSimulator

    async def test_telegram_can_tell_anything(self, tmp_path, telegram_told):
        """Every kind of update, each with a number."""
        await self.endure(tmp_path, telegram_told, self.numbered)

    @staticmethod
    def numbered(_kind, raw):
        update = raw if isinstance(raw, dict) else {"message": raw}
        return {name: one for name, one in update.items() if name != "update_id"}


class TestX(Wire):
    connector, simulator = TwitterService, TwitterSimulator
    settings: ClassVar = {"TWITTER_POLL_SECONDS": "0.02"}

    async def test_x_can_tell_anything(self, tmp_path, x_told):
        """Among the mentions."""
        told = type(x_told)((kind, raw["item"]) for kind, raw in x_told if kind == "posts")
        await self.endure(tmp_path, told, lambda _kind, raw: raw)
