"""A function is a tool, a command and an action at once."""

from __future__ import annotations

from functools import reduce

import pytest
from pydantic import ValidationError

from bot.abilities import Abilities
from bot.action import ActionResult, action
from bot.content import Content
from bot.plugin import Plugin
from bot.records import EventState, StepState
from bot.testing.connector import LoopbackService, said

CYCLE = {}
CYCLE["again"] = CYCLE


class Unspeakable:
    """An object that has no text."""

    def __str__(self):
        raise KeyError("no text")


@action
async def roll(turn, sides: int = 6) -> str:
    """Roll a die."""
    return f"rolled one of {sides}"


@action(name="note", idempotent=True)
async def write_down(turn, title: str, text: str) -> Content:
    """Write a note."""
    return Content(text=f"{title}: {text}")


def test_the_signature_is_what_a_model_is_told():
    """Name, docstring and arguments make the tool."""
    tool = roll.tool
    assert (tool.name, tool.description) == ("roll", "Roll a die.")
    assert tool.parameters["properties"]["sides"]["type"] == "integer"


async def test_arguments_are_validated():
    """Text from a command becomes what the signature says, or is refused."""
    assert (await roll(None, sides="20")).content.text == "rolled one of 20"
    with pytest.raises(ValidationError):
        await roll(None, sides="many")


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        ("/roll", {}),
        ("/roll 8", {"sides": "8"}),
        ("/ROLL 8", {"sides": "8"}),
        ("/note today it rained all day", {"title": "today", "text": "it rained all day"}),
        ('/note "my day" fine', {"title": "my day", "text": "fine"}),
        ("/note it's raining", {"title": "it's", "text": "raining"}),
        ("/note\ntoday it rained", {"title": "today", "text": "it rained"}),
        ("/roll\t8 ", {"sides": "8"}),
    ],
)
def test_a_command_is_read_by_the_signature(text, arguments):
    """Arguments stand in order, and the last takes the rest."""
    abilities = Abilities()
    abilities.add(actions=(roll, write_down))
    assert abilities.command(text)[1] == arguments


@pytest.mark.parametrize("text", ["roll 8", "/unknown", "/", "hello /roll", "/ roll", "/\nroll"])
def test_what_is_no_command_of_ours_is_text(text):
    """Only a known name after a slash is a command."""
    abilities = Abilities()
    abilities.add(actions=(roll,))
    assert abilities.command(text) is None


def test_usage_shows_what_is_needed():
    """A person who errs is shown the arguments."""
    assert write_down.usage() == "/note <title> <text>"
    assert roll.usage() == "/roll [sides]"


@pytest.mark.parametrize(
    "value",
    [b"\xff", CYCLE, reduce(lambda inner, _: [inner], range(3_000)), Unspeakable()],
    ids=["bytes", "cycle", "depth", "object"],
)
@pytest.mark.parametrize("place", ["result", "content"])
async def test_values_that_cannot_be_stored_cost_only_themselves(bot, value, place):
    """The action has run: its answer is said, and its step tells what was wrong."""

    @action
    async def pay(turn) -> ActionResult:
        """Pay."""
        values = {one: {"bill": value} if one == place else {} for one in ("result", "content")}
        return ActionResult(
            content=Content(text="paid", values=values["content"]), values=values["result"]
        )

    async with bot(Plugin("shop", actions=(pay,))) as runtime:
        await runtime.deliver(said("/pay"))
        await runtime.drain()
        stored = await runtime.store.event(said("/pay").key)
        _, step = await runtime.store.steps(stored.seq)
    assert (stored.state, step.state) == (EventState.DONE, StepState.FAILED)
    assert step.body["result"]["error"].startswith("its values cannot be stored: ")
    assert [part.text for part in LoopbackService.sent["lobby"]] == ["paid"]
