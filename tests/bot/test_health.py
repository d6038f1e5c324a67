"""How services fare, as whoever runs the bot is told: why, and what to do."""

from __future__ import annotations

import asyncio

import pytest

from bot.errors import (
    ConfigError,
    RateLimited,
    StoreError,
    StoreFull,
    Unauthorized,
    Unavailable,
)
from bot.service import CHECK, WAIT, Health, Status
from bot.settings import Layer, Settings
from bot.supervisor import AWAY, HEALTHY_SECONDS, ROOM
from tests.bot.supervision import Clock, supervised, until


def failing(problem, *, times):
    """A service that raises so many times, and then holds."""
    left = [problem] * times

    class Failing(Clock):
        async def run(self):
            if left:
                raise left.pop()
            await asyncio.Event().wait()

    return Failing


async def test_what_crashed_is_up_once_it_has_held_for_a_while():
    """One that works between its crashes is not well: until then health says how it failed."""
    async with supervised(failing(RuntimeError("again"), times=2)) as supervisor:
        one = supervisor.services["clock"]
        await until(lambda: one.restarts == 2 and one.running.is_set())
        health = (await supervisor.health())["clock"]
        assert (health.status, health.since) == (Status.DEGRADED, one.down_since)
        assert (health.why, health.fix) == ("it runs again, after: again", WAIT)
        one.begun -= HEALTHY_SECONDS
        health = (await supervisor.health())["clock"]
        assert (health.status, health.why, health.fix) == (Status.UP, "", "")


@pytest.mark.parametrize(
    ("problem", "fix"),
    [
        (Unavailable("the host is not reached"), AWAY),
        (StoreFull("the disk has no room"), ROOM),
        (StoreError("locked"), WAIT),
    ],
    ids=["away", "full", "locked"],
)
async def test_whoever_was_not_to_blame_is_up_as_soon_as_it_can_be(problem, fix):
    """That is no crash: it is tried again soon, and nothing has to show that it holds."""
    away = failing(problem, times=2)
    async with supervised(away, delay=lambda _: 60.0) as supervisor:
        one = supervisor.services["clock"]
        await until(lambda: one.problem)
        assert (one.problem, one.fix) == (str(problem), fix)
        await until(lambda: one.restarts == 2 and one.running.is_set())
        assert (await supervisor.health())["clock"].status is Status.UP


def ailing(name, problem=None, **told):
    """A service that raises, or tells something else of itself."""

    class Ailing(Clock):
        service_type = name

        async def run(self):
            if problem:
                raise problem
            await asyncio.Event().wait()

        async def health(self):
            if not told:
                raise TimeoutError
            return Health(**told)

    return Ailing


async def test_health_always_says_why_and_what_to_do():
    """Wherever a service is not up, whatever it raised or left unsaid."""
    problems = {
        "crash": (RuntimeError(), WAIT),
        "away": (Unavailable("the host is not reached"), AWAY),
        "busy": (RateLimited("too fast", retry_after=1.0), WAIT),
        "poor": (Unavailable("no credit", fix="Buy some."), "Buy some."),
        "key": (Unauthorized("the token is refused"), CHECK),
        "lock": (Unauthorized("the token is refused", fix="Make a new one."), "Make a new one."),
        "words": (ConfigError("there is no such level"), CHECK),
    }
    kinds = [ailing(name, error, status="up") for name, (error, _) in problems.items()]
    kinds += [ailing("mute"), ailing("terse", status="degraded"), ailing("off", status="down")]
    async with supervised(*kinds, delay=lambda _: 60.0) as supervisor:
        await until(lambda: all(supervisor.services[name].problem for name in problems))
        supervisor.register("late", Clock, lambda: None)
        health = await supervisor.health()
    assert len(health) == len(kinds) + 1
    assert all(one.why and one.fix for one in health.values())
    assert Status.UP not in {one.status for one in health.values()}
    assert {name: health[name].fix for name in problems} == {
        name: fix for name, (_, fix) in problems.items()
    }


async def test_what_a_service_says_of_itself_is_asked_before_the_general_advice():
    """It may know more than the error that it raises."""

    class Adviser(Clock):
        async def run(self):
            self.report(Status.DOWN, "refused", "Ask Bob.")
            raise Unauthorized("refused")

    async with supervised(Adviser) as supervisor:
        await supervisor.services["clock"].task
        assert (await supervisor.health())["clock"].fix == "Ask Bob."


async def test_no_secret_gets_into_health():
    """Neither by what a service raises nor by what it says of itself."""
    settings = Settings([Layer("test", {"KEY": "hush-hush"}, secret=frozenset({"KEY"}))])
    text = "http://h/?key=hush-hush"
    kinds = [
        ailing("crash", RuntimeError(text), status="up"),
        ailing("away", Unavailable(text, fix=text), status="up"),
        ailing("key", Unauthorized(text, fix=text), status="up"),
        ailing("words", ConfigError(text, fix=text), status="up"),
        ailing("teller", status="degraded", why=text, fix=text),
        ailing("spender", status="up", why=text),
    ]
    async with supervised(*kinds, delay=lambda _: 60.0, redacted=settings.redacted) as supervisor:
        await until(lambda: all(one.problem for one in [*supervisor.services.values()][:4]))
        health = await supervisor.health()
    assert all("http://h/?key=***" in one.why for one in health.values())
    assert "hush" not in f"{health} {supervisor.services}"
