"""A look at what belongs to no platform: Townhall's settings, hooks, and the character itself."""

from __future__ import annotations

import pytest

TOKEN = {"TELEGRAM_BOT_TOKEN": "1:x", "TELEGRAM_API_URL": "http://127.0.0.1:1"}


@pytest.fixture
def offline(townhall):
    """Look at a bot on one platform, and try no login."""

    async def check(source: str = "eliza", **settings: str):
        return await townhall("check", source, "--offline", **{**TOKEN, **settings})

    return check


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TOWNHALL_HTTP_PORT", "abc"),
        ("TOWNHALL_KEEP_DAYS", "1"),
        ("TOWNHALL_DEAD_DAYS", "-1"),
    ],
)
async def test_a_wrong_setting_of_townhall_is_named(offline, name, value) -> None:
    """No start finds what a look did not."""
    result = await offline(**{name: value})
    assert result.code == 1
    assert f"✗ townhall: {name}: should be" in result.out
    assert "✓ telegram" in result.out


async def test_each_setting_of_townhall_is_shown(townhall, offline) -> None:
    """With its place, and no secret."""
    (townhall.folder / "one.yaml").write_text("name: One\nsettings:\n  TOWNHALL_KEEP_DAYS: 7\n")
    result = await offline("one.yaml", TOWNHALL_HTTP_TOKEN="open-sesame")
    rows = [line.split() for line in result.out.splitlines() if "TOWNHALL_" in line]
    names = ("DATABASE", "LOG_LEVEL", "LOG_FORMAT", "HTTP_HOST", "HTTP_PORT", "HTTP_TOKEN")
    shown = {row[0]: " ".join(row[1:]) for row in rows}
    assert {f"TOWNHALL_{name}" for name in (*names, "KEEP_DAYS", "DEAD_DAYS")} == set(shown)
    assert shown["TOWNHALL_KEEP_DAYS"].endswith("one.yaml (line 3)")
    assert shown["TOWNHALL_HTTP_TOKEN"] == "set, 11 characters environment"
    assert result.code == 0


@pytest.mark.parametrize(
    ("set_up", "missing"),
    [
        ({"TOWNHALL_HOOK_OPS": "open-sesame"}, "TOWNHALL_HOOK_OPS_TO"),
        ({"TOWNHALL_HOOK_OPS_TO": "topic:ops"}, "TOWNHALL_HOOK_OPS"),
        ({"TOWNHALL_HOOK_OPS_TEMPLATE": "github"}, "TOWNHALL_HOOK_OPS"),
    ],
)
async def test_a_hook_that_lacks_a_setting_is_noticed(offline, set_up, missing) -> None:
    """Before somebody calls it."""
    result = await offline(**set_up)
    assert result.code == 1
    assert f"✗ hook ops: {missing} is not set" in result.out


async def test_a_whole_hook_is_fine(townhall, offline) -> None:
    """Its secret may be in a file, and is not shown."""
    (townhall.folder / "secret").write_text("open-sesame\n")
    hook = {"TOWNHALL_HOOK_OPS_FILE": "secret", "TOWNHALL_HOOK_OPS_TO": "topic:ops"}
    result = await offline(**hook)
    assert result.code == 0
    assert "topic:ops" in result.out
    assert "open-sesame" not in result.out


async def test_a_file_that_cannot_be_read_is_its_settings_problem(townhall, telegram) -> None:
    """The other accounts are tried all the same."""
    lost = {"TELEGRAM_BOT_TOKEN__SALES_FILE": "nowhere", "TOWNHALL_HTTP_TOKEN_FILE": "nowhere"}
    result = await townhall("check", "eliza", **telegram.settings, **lost)
    assert result.code == 1
    assert "✗ telegram/sales: TELEGRAM_BOT_TOKEN__SALES_FILE names nowhere" in result.out
    assert "✗ townhall: TOWNHALL_HTTP_TOKEN_FILE names nowhere" in result.out
    assert "✓ telegram is Townhall" in result.out


@pytest.mark.parametrize(
    ("words", "warning"),
    [
        ("accounts: {telegrm: {a: {X: 1}}}", "no platform `telegrm`. Did you mean telegram?"),
        ("accounts: {pigeon: {a: {X: 1}}}", "no platform `pigeon`. Installed are"),
        ("rules: [{when: ferry, action: halp}]", "no plugin has the action `halp` for `ferry`."),
        ("rules: [{when: ferry, action: halp}]", "Did you mean help?"),
        ("rules: [{when: ferry, action: sail}]", "Name the plugin that brings it"),
    ],
)
async def test_what_a_character_names_and_nobody_has_is_noticed(
    townhall, offline, words, warning
) -> None:
    """It would be silent where it was to speak."""
    (townhall.folder / "one.yaml").write_text(f"name: One\n{words}\n")
    result = await offline("one.yaml")
    assert result.code == 0
    assert warning in result.out


async def test_what_a_character_names_rightly_is_no_mistake(townhall, offline) -> None:
    """However an action is written."""
    rules = "rules: [{when: ferry, action: HELP}, {when: boat, say: Ahoy}]"
    accounts = "accounts: {telegram: {a: {TELEGRAM_ROOMS: '1'}}}"
    (townhall.folder / "one.yaml").write_text(f"name: One\n{rules}\n{accounts}\n")
    assert "warning" not in (await offline("one.yaml")).out
