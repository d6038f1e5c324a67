"""Actions become slash commands, which are registered when they changed."""

from __future__ import annotations

import asyncio
from typing import Annotated, Literal

from pydantic import Field
from structlog.testing import capture_logs

from bot.action import Complete, action
from bot.testing.runtime import create_mock_runtime
from connectors.discord.commands import described
from connectors.discord.connector import DiscordService

STRING, INTEGER, BOOLEAN, NUMBER = 3, 4, 5, 10


async def cities(_typed):
    return []


@action
async def everything(  # noqa: PLR0917 - it is everything
    _turn,
    text: str,
    count: Annotated[int, Field(ge=1, lt=10, description="How many.")],
    share: float = 0.5,
    loud: bool = False,
    size: Literal["s", "m"] = "m",
    note: str | None = None,
    many: list[str] = [],  # noqa: B006 - nobody changes it
    to: Annotated[str, Complete(cities)] = "Oslo",
):
    """Do everything.

    And more.
    """


@action
async def roll(_turn, sides: int = 6):
    """Roll a die."""


@action(name="Shout Loudly")
async def shout(_turn):
    """Shout."""


def command(one):
    """What an action is described as."""
    [found], _ = described({one.name: one})
    return found


def test_a_signature_becomes_typed_options():
    """What Discord has no word for is typed as text."""
    options = {one["name"]: one for one in command(everything)["options"]}
    types = {name: one["type"] for name, one in options.items()}
    assert types == {
        "text": STRING,
        "count": INTEGER,
        "share": NUMBER,
        "loud": BOOLEAN,
        "size": STRING,
        "note": STRING,
        "many": STRING,
        "to": STRING,
    }
    assert options["size"]["choices"] == [{"name": "s", "value": "s"}, {"name": "m", "value": "m"}]
    assert (options["count"]["min_value"], options["count"]["max_value"]) == (1, 9)
    assert options["to"]["autocomplete"]


def test_what_is_needed_comes_first():
    """Discord refuses it otherwise."""
    needed = [one["required"] for one in command(everything)["options"]]
    assert needed == sorted(needed, reverse=True)
    assert command(everything)["options"][1]["description"] == "How many."


def test_a_description_is_the_first_paragraph_and_short():
    """There is always one."""
    long = action(name="long")(shout.function)
    object.__setattr__(long, "description", "word " * 50)
    assert command(everything)["description"] == "Do everything."
    assert len(command(long)["description"]) == 100


def test_a_name_that_discord_has_no_room_for_is_told():
    """It is an action all the same."""
    assert described({"shout loudly": shout}) == ([], ["Shout Loudly"])


def test_there_are_at_most_a_hundred():
    """The rest can be typed."""
    many = {f"a{n}": action(name=f"a{n}")(roll.function) for n in range(101)}
    found, unfit = described(many)
    assert (len(found), unfit) == (100, ["a100"])


def start(discord, *actions, **settings):
    """A runtime with actions."""
    runtime = create_mock_runtime({**discord.settings, **settings})
    runtime.abilities.add(actions)
    return runtime


async def registered(runtime):
    """Register the commands of a runtime, as each login does."""
    service = await DiscordService.start(runtime)
    await service._way_out.commands.register()
    await service.stop()


def puts(discord):
    """How often commands were written."""
    return sum(method == "PUT" for method, _ in discord.rest.requests)


async def test_a_login_registers_what_changed_and_nothing_else(discord):
    """Although Discord gives back more than it was told, and leaves out what is the default."""
    for actions in ((everything, roll), (roll, everything), (roll,), (roll,), ()):
        await registered(start(discord, *actions))
        assert set(discord.commands.known) == {one.name for one in actions}
    assert puts(discord) == 3


async def test_what_is_no_slash_command_stays(discord):
    """Those in the menus of people and messages are somebody else's."""
    menu = {"id": "1", "name": "Quote", "type": 3, "description": ""}
    discord.commands.known["Quote"] = menu
    await registered(start(discord, roll))
    assert set(discord.commands.known) == {"Quote", "roll"}


async def test_a_login_does_not_wait_for_its_commands(discord, ann):
    """Nor does it fail with them; the log says so."""
    room = discord.add_room("lobby")
    await discord.fail_next("GET", "/commands$", 403, {"message": "No", "code": 20012})
    runtime = start(discord, roll)
    with capture_logs() as logs:
        service = await DiscordService.start(runtime)
        task = asyncio.create_task(service.run())
        await runtime.wait_for_events(1)
        await discord.say(room, ann, "hello")
        await runtime.wait_for_events(2)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await service.stop()
    assert "discord.commands_not_registered" in {one["event"] for one in logs}


async def test_a_list_of_ones_own_is_left_alone(discord, ann):
    """Where a setting says so."""
    room = discord.add_room("lobby")
    runtime = start(discord, roll, DISCORD_COMMANDS="off")
    service = await DiscordService.start(runtime)
    task = asyncio.create_task(service.run())
    await runtime.wait_for_events(1)
    await discord.say(room, ann, "hello")
    await runtime.wait_for_events(2)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await service.stop()
    assert not [path for _, path in discord.rest.requests if path.endswith("/commands")]
