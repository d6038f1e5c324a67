"""Laws of absence: what Telegram has forgotten by now is named."""

from datetime import timedelta

import pytest

from bot.value import now

NOTE = ("telegram", "default", "read/updates")


@pytest.fixture
def returning(scene):
    """Another run after an absence; it ends once it has read."""

    async def returning(away, **settings):
        notes = scene.runtime.store.notes
        notes[NOTE] = before = f"{now() - away}"
        async with scene.another(**settings):
            await scene.until(lambda _: notes[NOTE] != before)

    return returning


async def test_an_absence_longer_than_telegram_keeps_updates_is_told(returning, capsys):
    """It keeps them for a day; the log has it once."""
    await returning(timedelta(hours=23))
    assert "is missed" not in capsys.readouterr().out
    await returning(timedelta(hours=25))
    assert capsys.readouterr().out.count("is missed") == 1


async def test_with_a_webhook_it_is_told_too(returning, capsys):
    """Telegram keeps what it could not hand over no longer than what nobody asked for."""
    url = {"TELEGRAM_WEBHOOK_URL": "http://127.0.0.1:1/hook"}
    await returning(timedelta(hours=25), **url)
    assert capsys.readouterr().out.count("is missed") == 1


async def test_a_first_start_has_missed_nothing(scene, capsys):
    """From then on it is known when something was read."""
    async with scene.another():
        await scene.until(lambda s: NOTE in s.runtime.store.notes)
    assert "is missed" not in capsys.readouterr().out
