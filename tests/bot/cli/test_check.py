"""A look at the settings before the start."""

from __future__ import annotations

from bot.testing.simulator import Simulator


async def test_it_logs_in_and_says_who_we_are(townhall, telegram: Simulator) -> None:
    """And where each setting came from, but no secret."""
    result = await townhall("check", "eliza", **telegram.settings)
    assert result.code == 0
    assert "Townhall (@townhall_bot)" in result.out
    assert "environment" in result.out
    assert telegram.settings["TELEGRAM_BOT_TOKEN"] not in result.out + result.err


async def test_a_wrong_token_is_named(townhall, telegram: Simulator) -> None:
    """With what to do about it."""
    settings = {**telegram.settings, "TELEGRAM_BOT_TOKEN": "1:wrong"}
    result = await townhall("check", "eliza", **settings)
    assert result.code == 1
    assert "✗ telegram" in result.out
    assert "Check TELEGRAM_BOT_TOKEN." in result.out


async def test_offline_it_tries_no_login(townhall) -> None:
    """Complete settings are enough."""
    settings = {"TELEGRAM_BOT_TOKEN": "1:wrong", "TELEGRAM_API_URL": "http://127.0.0.1:1"}
    result = await townhall("check", "eliza", "--offline", **settings)
    assert result.code == 0
    assert "not tried" in result.out


async def test_the_line_of_a_setting_in_the_character_is_told(townhall) -> None:
    """The environment wins over it."""
    (townhall.folder / "one.yaml").write_text(
        "name: One\nsettings:\n  TELEGRAM_BOT_TOKEN: '1:file'\n  TELEGRAM_API_URL: http://file\n"
    )
    result = await townhall("check", "one.yaml", "--offline", TELEGRAM_API_URL="http://outside")
    assert "one.yaml (line 3)" in result.out
    assert "http://outside" in result.out
    assert "http://file" not in result.out


async def test_a_misspelt_setting_is_noticed(townhall) -> None:
    """With the one that was meant."""
    settings = {"TELEGRAM_BOT_TOKEN": "1:x", "TELEGRAM_API_ULR": "http://127.0.0.1:1"}
    result = await townhall("check", "eliza", "--offline", **settings)
    assert "TELEGRAM_API_ULR" in result.out
    assert "Did you mean TELEGRAM_API_URL?" in result.out


async def test_nothing_set_up_is_not_fine(townhall) -> None:
    """It says what is needed."""
    result = await townhall("check", "eliza")
    assert result.code == 1
    assert "TELEGRAM_BOT_TOKEN" in result.out


async def test_a_missing_part_of_what_is_set_up_is_named(townhall) -> None:
    """With its help."""
    result = await townhall("check", "eliza", TWITTER_API_KEY="some-key")
    assert result.code == 1
    assert "✗ twitter: TWITTER_API_SECRET_KEY is not set" in result.out


async def test_a_bad_file_is_a_mistake(townhall) -> None:
    """Of another kind than a login that fails."""
    (townhall.folder / "bad.yaml").write_text("bio: no name")
    assert (await townhall("check", "bad.yaml")).code == 2
