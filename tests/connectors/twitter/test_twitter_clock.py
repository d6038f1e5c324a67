"""A clock that is wrong makes good keys look bad, until somebody sets it."""

import pytest

from bot.errors import Unauthorized, Unavailable
from bot.service import Status
from bot.testing.runtime import create_mock_runtime
from connectors.twitter import clock


@pytest.mark.parametrize(
    ("ahead", "words"),
    [(420, "7 minutes slow"), (-420, "7 minutes fast"), (9e4, "25.0 hours slow")],
)
async def test_a_wrong_clock_is_named_and_passes(x, service, part, ahead, words):
    """By how much and which way; nothing has to be started again once it is set."""
    x.set_clock(ahead)
    with pytest.raises(Unavailable, match=f"this machine's clock is {words}"):
        await service.send(part("timeline", "Hello"))
    x.set_clock(0)
    await service.send(part("timeline", "Hello"))
    assert [said.text for said in x.said_by_bot("timeline")] == ["Hello"]


async def test_reading_goes_on_when_the_clock_is_right_again(x, service, say, listening, until):
    """Health says meanwhile what to do, and what was said is heard then."""
    async with listening(service) as task:
        await until(lambda: service._health.status is Status.UP)
        x.set_clock(420)
        await until(lambda: service._health.status is Status.DEGRADED)
        health = await service.health()
        await say("Are you there?")
        x.set_clock(0)
        await service.runtime.wait_for_events(1)
        assert not task.done()
    assert "7 minutes slow" in health.why
    assert "Set this machine's clock" in health.fix


async def test_refused_keys_are_refused_whatever_time_it_is_elsewhere(x, service, part):
    """A clock within X's bounds is no excuse, nor is an answer without a date a reason to hope."""
    for date in ("", "yesterday"):
        x.fail_next("POST", "tweets", 401, {"title": "Unauthorized"}, headers={"Date": date})
        with pytest.raises(Unauthorized):
            await service.send(part("timeline", "Hello"))
    x.set_clock(200)
    x.keys.secret = "another"
    with pytest.raises(Unauthorized):
        await service.send(part("timeline", "Hello"))


async def test_an_access_token_tells_no_time(x, start, part):
    """One that X refuses for good is no matter of the clock."""
    service = await start(create_mock_runtime(x.oauth2))
    x.set_clock(420)
    x.gate.serves = lambda _: False
    with pytest.raises(Unauthorized):
        await service.send(part("timeline", "Hello"))


def test_a_difference_is_told_in_words():
    """Minutes where they can be grasped, hours where not."""
    assert [clock.off(one) for one in (-300, 3000, 7200)] == [
        "5 minutes slow",
        "50 minutes fast",
        "2.0 hours fast",
    ]
