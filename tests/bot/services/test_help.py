"""/help: what a person can tell the bot to do."""

from __future__ import annotations

import pytest

from bot.action import action
from bot.plugin import Plugin
from bot.services.help import plugin
from bot.testing.connector import LoopbackService, said


@action
async def roll(turn, sides: int = 6) -> str:
    """Roll a die when someone asks for luck.

    It is a fair one.
    """
    return "4"


DICE = Plugin(name="dice", actions=(roll,))


ROLL = "/roll [sides]\nRoll a die when someone asks for luck.\n\nIt is a fair one."


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("/help roll", ROLL),
        ("/help /roll", ROLL),
        ("/help dance", "There is no /dance. All that there is: /help"),
    ],
)
async def test_a_command_is_explained(bot, words, answer):
    """How it is used, and all that is known of it."""
    assert await answered(bot, words) == answer


async def test_the_commands_are_listed(bot):
    """Each with how it is used, and in a line what it is for."""
    listed = await answered(bot, "/help")
    first, second = listed.splitlines()
    assert first.startswith("/help [command]: List the commands")
    assert second == "/roll [sides]: Roll a die when someone asks for luck."


async def answered(bot, words):
    """What is said in answer."""
    async with bot(plugin, DICE) as runtime:
        await runtime.deliver(said(words))
        await runtime.drain()
        [part] = LoopbackService.sent["lobby"]
    return part.text


async def test_a_plugin_of_ones_own_may_have_another_help(bot):
    """The later one of a name takes its place."""

    @action(name="help")
    async def mine(turn) -> str:
        """Help."""
        return "Ask Ada."

    async with bot(plugin, Plugin(name="mine", actions=(mine,))) as runtime:
        await runtime.deliver(said("/help"))
        await runtime.drain()
        [part] = LoopbackService.sent["lobby"]
    assert part.text == "Ask Ada."
