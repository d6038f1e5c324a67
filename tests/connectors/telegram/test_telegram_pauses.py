"""Laws of waiting: how long until Telegram is asked again."""

import asyncio

import pytest
from tenacity import Future, RetryCallState, Retrying

from bot.errors import RateLimited, Unauthorized
from bot.rest import AT_MOST
from connectors.telegram.listening import _pause

REFUSED = {"ok": False, "error_code": 401, "description": "Unauthorized"}


def failed(times, error):
    """What tenacity knows after so many failures in a row."""
    state = RetryCallState(Retrying(), None, (), {})
    state.attempt_number = times
    state.outcome = Future.construct(times, error, has_exception=True)
    return state


@pytest.mark.parametrize("told", [-1, 0, 1e-9])
def test_a_429_that_names_no_time_is_waited_for_longer_and_longer(told):
    """Whoever asks again at once is told so again at once, for ever."""
    error = RateLimited("Too Many Requests", retry_after=told)
    few, many = (sum(_pause(failed(n, error)) for _ in range(200)) / 200 for n in (1, 8))
    assert 0.1 < few < 1
    assert many > 10


def test_the_time_that_a_429_names_is_waited_out():
    """However often it came before."""
    error = RateLimited("Too Many Requests", retry_after=90)
    assert [_pause(failed(n, error)) for n in (1, 100)] == [90, 90]


def test_no_429_silences_a_bot_for_more_than_a_day():
    """Telegram keeps nothing for longer."""
    error = RateLimited("Too Many Requests", retry_after=10**12)
    assert _pause(failed(1, error)) == AT_MOST


async def test_an_answer_without_a_time_is_no_hot_loop(scene):
    """Other chats wait for the same event loop and the same Telegram."""
    body = {"ok": False, "error_code": 429, "parameters": {"retry_after": -1}}
    scene.telegram.fail_next("getUpdates", 429, body, times=10_000)
    async with scene.listening():
        await scene.until(lambda s: s.telegram.calls["getupdates"] >= 2)
        before = scene.telegram.calls["getupdates"]
        await asyncio.sleep(0.5)  # the time in which a loop would ask hundreds of times
        assert scene.telegram.calls["getupdates"] - before < 20


@pytest.mark.parametrize("status", [401, 404])
async def test_one_refusal_is_doubted(scene, status):
    """What comes once, from a proxy for instance, ends no listening."""
    scene.telegram.fail_next("getUpdates", status, REFUSED | {"error_code": status})
    async with scene.listening():
        await scene.until(lambda s: s.telegram.calls["getupdates"] == 1)
        await scene.say("Hello")
        [event] = await scene.heard(1)
    assert event.content.text == "Hello"


async def test_a_refusal_that_stays_is_believed(scene):
    """Somebody has revoked the token: there is no use in trying again."""
    scene.telegram.fail_next("getUpdates", 401, REFUSED)
    listening = asyncio.create_task(scene.service.run())
    await scene.until(lambda s: s.telegram.calls["getupdates"] == 1)
    scene.telegram.fail_next("getMe", 401, REFUSED)
    with pytest.raises(Unauthorized):
        await listening
