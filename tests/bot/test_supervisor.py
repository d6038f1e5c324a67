"""One failing service stays one failing service."""

from __future__ import annotations

import asyncio

from bot.errors import Unauthorized
from bot.plugin import Plugin
from bot.service import Service, ServiceState, Status
from bot.settings import Config, setting
from bot.supervisor import OPEN_AFTER, OPEN_SECONDS, again_in


class Clock(Service):
    service_type = "clock"
    capability_description = "Tells the time"


class Flaky(Service):
    service_type = "flaky"
    capability_description = "Fails twice, then works"
    runs = 0

    async def run(self):
        Flaky.runs += 1
        if Flaky.runs < 3:
            raise RuntimeError("again")
        Flaky.recovered.set()
        await asyncio.Event().wait()


class Locked(Service):
    service_type = "locked"
    capability_description = "Has the wrong key"

    async def run(self):
        raise Unauthorized("the token is refused: make a new one")


class KeyConfig(Config):
    key: str = setting("KEY", help="Get one at the desk.")


class Keyless(Service):
    service_type = "keyless"
    capability_description = "Needs a key"
    config_type = KeyConfig


async def test_a_service_can_be_found_by_type_and_by_name(bot):
    """`get_service` takes both, and gives what runs."""
    async with bot(Plugin("p", services=(Clock,))) as runtime:
        assert isinstance(runtime.get_service(Clock), Clock)
        assert runtime.get_service("clock") is runtime.get_service(Clock)
        assert runtime.get_service("sundial") is None
        assert {s.service_type for s in runtime.get_all_services()} == {"clock", "loopback"}


async def test_a_crashing_service_is_started_again(bot):
    """It is restarted with backoff until it holds."""
    Flaky.runs, Flaky.recovered = 0, asyncio.Event()
    async with bot(Plugin("p", services=(Flaky,))) as runtime:
        async with asyncio.timeout(10):
            await Flaky.recovered.wait()
        assert runtime.supervisor.services["flaky"].restarts == 2
        assert (await runtime.health())["flaky"].status is Status.UP


async def test_wrong_credentials_stop_only_that_service(bot):
    """It stays down and says why; the others run."""
    async with bot(Plugin("p", services=(Locked, Clock))) as runtime:
        one = runtime.supervisor.services["locked"]
        async with asyncio.timeout(5):
            await one.task
        health = await runtime.health()
        assert one.state is ServiceState.FAILED
        assert "make a new one" in health["locked"].why
        assert health["clock"].status is Status.UP


async def test_missing_configuration_leaves_the_service_down(bot):
    """The setting and where to get it are named; nothing else stops."""
    async with bot(Plugin("p", services=(Keyless,))) as runtime:
        health = (await runtime.health())["keyless"]
        assert (health.why, health.fix) == ("KEY is not set", "Get one at the desk.")
        assert runtime.get_service("loopback") is not None


async def test_a_service_may_be_registered_while_the_bot_runs(bot):
    """`register_service` starts it at once."""
    async with bot() as runtime:
        assert isinstance(await runtime.register_service(Clock), Clock)
        assert runtime.get_service("clock") is not None


async def test_services_stop_in_reverse_order(bot):
    """What started last stops first."""
    stopped = []

    def noting(name):
        class Noting(Service):
            service_type = name
            capability_description = name

            async def stop(self):
                stopped.append(name)

        return Noting

    async with bot(Plugin("p", services=(noting("a"), noting("b")))):
        pass
    assert stopped == ["b", "a"]


def test_what_fails_again_and_again_is_left_alone_for_a_while():
    """At first it is tried soon, with a growing pause; then only now and then."""
    assert max(again_in(1) for _ in range(100)) < 1.0
    assert max(again_in(OPEN_AFTER - 1) for _ in range(100)) < 60.0
    assert again_in(OPEN_AFTER) >= OPEN_SECONDS
