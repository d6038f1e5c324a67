"""Laws of logging in and of the settings."""

import subprocess
import sys

import pytest

from bot.errors import ConfigError, Unauthorized
from bot.testing.runtime import create_mock_runtime
from connectors.telegram.connector import TelegramService


async def test_login_says_who_the_bot_is(scene):
    """With nothing to warn of."""
    me = await scene.service.login()
    assert (me.key, me.username, me.warnings) == ("424242", "townhall_bot", ())


async def test_login_warns_of_privacy_mode(private):
    """It is the default of every new bot, and surprises people."""
    [warning] = (await private.service.login()).warnings
    assert "/setprivacy" in warning


async def test_login_warns_of_a_webhook(scene):
    """Updates would go there, not here."""
    await scene.service.client._bot.set_webhook("https://example.org/x")
    [warning] = (await scene.service.login()).warnings
    assert "example.org" in warning


@pytest.mark.parametrize("token", ["1:wrong", "no token at all"])
async def test_a_wrong_token_is_unauthorized(scene, token):
    """Whatever its form."""
    settings = scene.telegram.settings | {"TELEGRAM_BOT_TOKEN": token}
    service = await TelegramService.start(create_mock_runtime(settings))
    with pytest.raises(Unauthorized):
        await service.login()
    await service.stop()


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({}, "TELEGRAM_BOT_TOKEN is not set"),
        ({"TELEGRAM_API_URL": "localhost:8081"}, "TELEGRAM_API_URL.*http://"),
        ({"TELEGRAM_ON_AMBIGUOUS": "perhaps"}, "TELEGRAM_ON_AMBIGUOUS.*'resend' or 'hold'"),
    ],
)
def test_a_wrong_setting_is_named(settings, words):
    """With what to do about it."""
    given = {"TELEGRAM_BOT_TOKEN": "1:x"} | settings if settings else {}
    with pytest.raises(ConfigError, match=words):
        TelegramService(create_mock_runtime(given))


def test_limits_are_kept_unless_switched_off():
    """A simulator has none."""
    limited, free = (
        TelegramService(create_mock_runtime({"TELEGRAM_BOT_TOKEN": "1:x"} | more))
        for more in ({}, {"TELEGRAM_LIMITS": "off"})
    )
    assert limited.capabilities.rates
    assert free.capabilities.rates == ()


def test_the_library_is_imported_when_it_is_needed():
    """Who runs another platform does not pay for this one."""
    code = "import sys, connectors.telegram.connector; sys.exit('telegram' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
