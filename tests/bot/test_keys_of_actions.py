"""The key that an action hands to a foreign system, which then knows what it was asked before."""

from __future__ import annotations

import asyncio

import pytest

from bot.action import action
from bot.model import Generated, ModelType, ToolCall
from bot.plugin import ModelHandler, Plugin
from bot.testing.connector import said


class Shop:
    """A foreign system: it notes each action's key, in order. Its model is down once."""

    def __init__(self):
        self.keys, self.outages = [], 1

        @action(idempotent=True)
        async def buy(turn) -> None:
            """Buy."""
            self.keys.append(turn.idempotency_key)

        models = (ModelHandler(ModelType.TEXT_LARGE, self.decide, "shop"),)
        self.plugin = Plugin("shop", actions=(buy,), models=models)

    async def decide(self, params):
        """Buy twice, then look at what came of it."""
        if params.messages[-1].role != "tool":
            return Generated(calls=tuple(ToolCall(id=str(n), name="buy") for n in range(2)))
        if self.outages:
            self.outages -= 1
            raise ConnectionError("down")
        return Generated(text="bought")


@pytest.fixture
async def shop(bot):
    shop = Shop()
    async with bot(model=shop.plugin) as shop.runtime, asyncio.timeout(20):
        yield shop


async def test_an_actions_key_is_the_same_in_a_rerun(shop):
    """The turn is begun again after an outage, and asks for the same."""
    await shop.runtime.deliver(said("buy"))
    await shop.runtime.drain()
    first, again = shop.keys[:2], shop.keys[2:]
    assert first == again


async def test_no_two_actions_share_a_key(shop):
    """Neither those of one turn, nor those of two events."""
    shop.outages = 0
    await shop.runtime.deliver(said("buy", 1), said("buy", 2))
    await shop.runtime.drain()
    assert len(shop.keys) == len(set(shop.keys)) == 4
