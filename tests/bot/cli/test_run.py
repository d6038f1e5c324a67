"""A bot on the platforms, from its start to its end."""

from __future__ import annotations

import signal
import socket

import pytest

from bot.testing.simulator import Simulator


async def test_without_any_token_it_says_what_is_needed(townhall) -> None:
    """Each platform's settings, and what can be done without them."""
    result = await townhall("run", "eliza")
    assert result.code == 2
    for name in ("DISCORD_BOT_TOKEN", "TELEGRAM_BOT_TOKEN", "TWITTER_API_KEY"):
        assert name in result.err
    assert "townhall demo" in result.err
    assert "townhall chat" in result.err


@pytest.mark.parametrize(
    ("text", "told"),
    [("name: [\n", "bad.yaml:2"), ("name: Eliza\nnmae: x", "bad.yaml:2"), ("\0", "bad.yaml")],
)
async def test_a_bad_character_is_named_with_its_line(townhall, text: str, told: str) -> None:
    """As an error for people, not as a traceback."""
    (townhall.folder / "bad.yaml").write_text(text)
    result = await townhall("run", "bad.yaml")
    assert result.code == 2
    assert result.err.startswith("error: ")
    assert told in result.err
    assert "Traceback" not in result.err


async def test_a_character_that_does_not_exist_is_a_mistake(townhall) -> None:
    """Those that do are named."""
    result = await townhall("run", "elizza")
    assert result.code == 2
    assert "eliza" in result.err


async def test_a_wrong_value_is_named_with_its_line(townhall) -> None:
    """Where it is all that was set."""
    (townhall.folder / "one.yaml").write_text(
        "name: One\nsettings:\n  TELEGRAM_BOT_TOKEN: '1:x'\n  TELEGRAM_API_URL: nowhere\n"
    )
    result = await townhall("run", "one.yaml")
    assert result.code == 2
    assert "one.yaml:4: TELEGRAM_API_URL" in result.err


async def test_a_wrong_setting_of_the_bot_itself_is_told_before_it_logs_in(
    townhall, telegram
) -> None:
    """Two bots on one token disturb each other; a mistake must not be the second."""
    settings = {**telegram.settings, "TOWNHALL_HTTP_PORT": "many"}
    result = await townhall("run", "eliza", **settings)
    assert result.code == 2
    assert result.err.startswith("error: TOWNHALL_HTTP_PORT: should be a valid integer, not 'many'")


async def test_a_port_in_use_is_told_before_it_logs_in(townhall, telegram) -> None:
    """With what to do, as any other mistake in the settings."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        settings = {**telegram.settings, "TOWNHALL_HTTP_PORT": port}
        result = await townhall("run", "eliza", **settings)
    assert result.code == 2
    assert result.err.startswith(f"error: port {port} of 127.0.0.1 is in use")
    assert "set TOWNHALL_HTTP_PORT" in result.err
    assert not telegram.calls


async def test_a_plugin_that_raises_is_named_with_its_line(townhall) -> None:
    """As an error for people, not as a traceback."""
    (townhall.folder / "broken.py").write_text("x = 1\nraise RuntimeError('boom')\n")
    (townhall.folder / "one.yaml").write_text("name: X\nplugins: [broken:plugin]\n")
    result = await townhall("chat", "one.yaml")
    assert result.code == 2
    assert "plugin broken:plugin raises when it is imported: RuntimeError: boom" in result.err
    assert "broken.py:2" in result.err
    assert "Traceback" not in result.err


async def test_sigterm_ends_it_in_order(townhall, telegram: Simulator) -> None:
    """It said that it was up, ends with 0, and showed no secret."""
    settings = telegram.settings
    async with townhall.running("run", "eliza", "--verbose", **settings) as process:
        assert await townhall.line(process) == "telegram: up"
        process.send_signal(signal.SIGTERM)
        _, err = await process.communicate()
        assert process.returncode == 0
    assert b"stopping" in err
    assert settings["TELEGRAM_BOT_TOKEN"].encode() not in err


async def test_a_second_signal_ends_it_at_once(townhall, telegram: Simulator) -> None:
    """Whatever it is doing then."""
    async with townhall.running("run", "eliza", **telegram.settings) as process:
        await townhall.line(process)
        process.send_signal(signal.SIGSTOP)  # so that both are there when it looks
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGCONT)
        assert await process.wait() == 130


async def test_of_two_bots_on_one_database_the_second_is_told(
    townhall, telegram: Simulator
) -> None:
    """By the id of the process that holds it."""
    async with townhall.running("run", "eliza", **telegram.settings) as first:
        await townhall.line(first)
        second = await townhall("run", "eliza", **telegram.settings)
        assert second.code == 2
        assert f"process {first.pid}" in second.err


async def test_a_wrong_token_leaves_the_others_up(townhall, telegram: Simulator) -> None:
    """The platform that refuses us is down, and named."""
    wrong = dict.fromkeys(_required("twitter"), "wrong")
    wrong["TWITTER_API_URL"] = telegram.url
    async with townhall.running("run", "eliza", **telegram.settings, **wrong) as process:
        lines = [await townhall.line(process), await townhall.line(process)]
        assert "telegram: up" in lines
        assert any(one.startswith("twitter: d") for one in lines)


async def test_with_nothing_left_to_do_it_ends(townhall, telegram: Simulator) -> None:
    """Where the only platform refuses us, with an error."""
    settings = {**telegram.settings, "TELEGRAM_BOT_TOKEN": "1:wrong"}
    result = await townhall("run", "eliza", **settings)
    assert result.code == 1
    assert result.out == "telegram: down; the log says why\n"
    assert "error: " in result.err


async def test_what_is_wrong_is_said_once(townhall, telegram: Simulator) -> None:
    """Though it is known to the log, and to the lines about the platforms."""
    settings = {**telegram.settings, "TELEGRAM_BOT_TOKEN": "1:wrong"}
    result = await townhall("run", "eliza", **settings)
    lines = (result.out + result.err).splitlines()
    assert sum("Telegram does not know this token" in one for one in lines) == 1
    assert sum("Check TELEGRAM_BOT_TOKEN" in one for one in lines) == 1
    assert len({one.partition("]")[2] or one for one in lines}) == len(lines)


def _required(platform: str) -> list[str]:
    from bot.discovery import installed_connectors
    from bot.settings import names_of

    fields = installed_connectors()[platform].config_type.model_fields.values()
    return [names_of(info)[0] for info in fields if info.is_required()]
