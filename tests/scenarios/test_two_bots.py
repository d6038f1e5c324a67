"""Somebody starts a second bot with the same account, on a database of its own."""

from __future__ import annotations

import asyncio

from bot.cli.demo.child import Child
from bot.cli.demo.play import HALL, PEOPLE
from bot.cli.torture.ordeal import Ordeal

FIX = "Stop the other one, or give each a bot of its own."


async def test_of_two_who_poll_one_account_one_says_what_to_do_and_nothing_is_lost(tmp_path):
    """What both were given before that is answered twice: they know nothing of each other."""
    async with Ordeal.begun(5) as ordeal:
        scene = next(one for one in ordeal.scenes if one.name == "telegram")
        second = Child(scene.settings, tmp_path, ordeal.character)
        async with second.running(()):
            async with asyncio.timeout(30):
                while FIX not in ordeal.bot.last_words() + second.last_words():
                    await ordeal.crowd.ask(scene, HALL, PEOPLE[0])
                    await ordeal.answered()
            assert not (await ordeal.figures()).lost
