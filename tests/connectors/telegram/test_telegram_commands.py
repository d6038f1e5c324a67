"""Laws of the menu of commands."""

import pytest
from structlog.testing import capture_logs

from bot.action import action
from bot.testing.runtime import create_mock_runtime
from connectors.telegram.commands import menu, publish
from connectors.telegram.connector import TelegramService


@action
async def roll(_turn, sides: int = 6) -> str:
    """Roll a die when someone asks
    for luck.

    Not for poker.
    """
    return str(sides)


def named(name, description="x"):
    return action(name=name)(_described(description))


def _described(description):
    async def nothing(_turn) -> None:
        pass

    nothing.__doc__ = description
    return nothing


@pytest.fixture
async def shown(scene):
    """What the menu shows."""

    async def shown():
        return await scene.service.client.ask("getMyCommands", {})

    return shown


async def test_actions_are_in_the_menu(scene, shown):
    """Each with the first paragraph of what it says of itself."""
    scene.runtime.abilities.add((roll,))
    await publish(scene.service)
    expected = "Roll a die when someone asks for luck."
    assert await shown() == [{"command": "roll", "description": expected}]


async def test_the_menu_is_set_only_when_it_changes(scene):
    """Telegram limits that, and apps load it anew."""
    scene.runtime.abilities.add((roll,))
    for _ in range(2):
        await publish(scene.service)
    assert scene.telegram.calls["setmycommands"] == 1
    scene.runtime.abilities.add((named("flip"),))
    await publish(scene.service)
    assert scene.telegram.calls["setmycommands"] == 2


async def test_a_bot_without_actions_leaves_the_menu_alone(scene, shown):
    """Somebody may have made one with @BotFather."""
    theirs = [{"command": "help", "description": "Help"}]
    await scene.service.client.ask("setMyCommands", {"commands": theirs})
    await publish(scene.service)
    assert await shown() == theirs


async def test_a_menu_that_cannot_be_set_is_only_a_warning(scene):
    """A bot without a menu works."""
    scene.runtime.abilities.add((roll,))
    scene.telegram.fail_next("setMyCommands", 500)
    with capture_logs() as logs:
        await publish(scene.service)
    assert [one["log_level"] for one in logs] == ["warning"]


@pytest.mark.parametrize("answer", [None, 7, ["roll"], [{"command": "roll"}]])
async def test_a_menu_that_cannot_be_read_is_set(scene, answer):
    """Whatever Telegram may answer one day."""
    scene.runtime.abilities.add((roll,))
    scene.telegram.fail_next("getMyCommands", 200, {"ok": True, "result": answer})
    await publish(scene.service)
    assert scene.telegram.calls["setmycommands"] == 1


async def test_what_cannot_be_a_command_is_left_out_and_named(scene, shown):
    """Small letters, digits and underscores; the log names the others."""
    scene.runtime.abilities.add((roll, named("Würfeln"), named("x" * 33)))
    with capture_logs() as logs:
        await publish(scene.service)
    assert [one["command"] for one in await shown()] == ["roll"]
    assert logs[0]["actions"] == ["Würfeln", "x" * 33]


def test_a_menu_has_bounds():
    """100 commands, and descriptions of 256 characters; one without says its name."""
    many = menu([named(f"c{n}", "x" * 300) for n in range(101)])
    assert len(many) == 100
    assert {len(one["description"]) for one in many} == {256}
    assert menu([named("bare", "")]) == [{"command": "bare", "description": "bare"}]


@pytest.mark.parametrize(("setting", "times"), [("on", 1), ("off", 0)])
async def test_the_menu_is_made_at_login_unless_switched_off(scene, setting, times):
    """`TELEGRAM_COMMANDS` says which."""
    runtime = create_mock_runtime(scene.telegram.settings | {"TELEGRAM_COMMANDS": setting})
    runtime.abilities.add((roll,))
    service = await TelegramService.start(runtime)
    async with scene.listening(service):
        await scene.until(lambda s: s.telegram.calls["getupdates"])
    await service.stop()
    assert scene.telegram.calls["setmycommands"] == times
