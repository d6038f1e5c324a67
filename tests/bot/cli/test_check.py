"""A look at the settings before the start."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest

from bot.discovery import installed_simulators
from bot.stores.sqlite import SqliteStore
from bot.testing.simulator import Simulator


@pytest.fixture
async def x() -> AsyncIterator[Any]:
    """A platform that one logs in to in two ways, one of which changes its tokens."""
    async with installed_simulators()["twitter"]() as simulator:
        yield simulator


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


async def test_of_several_ways_to_log_in_the_one_that_is_set_is_named(townhall, x: Any) -> None:
    """Nobody is sent to keys that they do not use."""
    result = await townhall("check", "eliza", **{**x.oauth2, "TWITTER_REFRESH_TOKEN": "wrong"})
    assert result.code == 1
    assert "Check TWITTER_REFRESH_TOKEN." in result.out
    assert "Check TWITTER_API_KEY." not in result.out


@pytest.mark.parametrize("way", ["settings", "oauth2"])
async def test_beside_a_bot_that_runs_it_looks_and_harms_nothing(townhall, x: Any, way) -> None:
    """The database is the bot's: the login goes by what is noted there, and notes nothing."""
    settings, room = getattr(x, way), x.add_room("How are you?")
    async with townhall.running("run", "eliza", **settings):
        for count in (1, 2):
            await x.say(room, x.add_person(f"Ann {count}"), "Hello", mention=True)
            await x.wait_for_answers(room, count, timeout=30)
            result = await townhall("check", "eliza", **settings)
            assert (result.code, result.err) == (0, "")
            assert "Townhall Bot (@Townhall_Bot)" in result.out
    assert x.grants.given <= 1


async def test_tokens_that_it_could_not_store_are_left_to_the_bot(townhall, x: Any) -> None:
    """Whoever gets the new ones takes the old ones from everybody else."""
    assert (await townhall("check", "eliza", **x.oauth2)).code == 0
    async with SqliteStore(townhall.folder / "townhall.db") as store:
        note = orjson.loads(await store.note("twitter", "default", "oauth2"))
        async with store.commit() as c:
            c.keep("twitter", "default", "oauth2", orjson.dumps({**note, "ends": 0.0}).decode())
        result = await townhall("check", "eliza", **x.oauth2)
    assert (result.code, x.grants.given) == (1, 1)
    assert "if a bot runs with it, it renews them itself" in result.out


async def test_a_place_for_no_database_is_a_mistake(townhall, telegram: Simulator) -> None:
    """It says what to change."""
    (townhall.folder / "file").touch()
    place = {"TOWNHALL_DATABASE": str(townhall.folder / "file" / "townhall.db")}
    result = await townhall("check", "eliza", **telegram.settings, **place)
    assert result.code == 2
    assert "set TOWNHALL_DATABASE to another file" in result.err


async def test_the_database_can_be_named(townhall, telegram: Simulator) -> None:
    """As with the commands that use one; what a login notes is noted there."""
    result = await townhall("check", "eliza", "--database", "other.db", **telegram.settings)
    assert result.code == 0
    assert (townhall.folder / "other.db").exists()
    assert not (townhall.folder / "townhall.db").exists()


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
