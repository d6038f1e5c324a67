"""One failing service stays one failing service."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from statistics import median

import pytest
from structlog.testing import capture_logs

from bot.errors import Unauthorized, Unavailable
from bot.plugin import Plugin
from bot.service import Service, ServiceState, Status
from bot.settings import Config, setting
from bot.supervisor import HEALTHY_SECONDS, OPEN_AFTER, OPEN_SECONDS, again_in
from bot.testing.connector import LoopbackService, said
from bot.testing.runtime import create_mock_runtime
from tests.bot.supervision import Clock, supervised, until


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


@pytest.mark.parametrize("ends", [True, False])
async def test_a_service_without_a_loop_stays(ends):
    """It has done what it had to do, and can still be asked."""
    kind = type("Sundial", (Clock,), {"ends": ends})
    async with supervised(kind) as supervisor:
        one = supervisor.services["clock"]
        await one.task
        assert one.state is ServiceState.RUNNING
        assert (await supervisor.health())["clock"].status is Status.UP


async def test_a_service_whose_loop_ends_is_started_again():
    """Returning is a failure like any other then: it waits longer each time, and health says it."""
    waits = []

    class Drowsy(Clock):
        async def run(self):
            pass

    def delay(failures):
        waits.append(failures)
        return 0.0 if failures < 3 else 60.0

    with capture_logs() as lines:
        async with supervised(Drowsy, delay=delay) as supervisor:
            await until(lambda: supervisor.services["clock"].restarts == 3)
            health = (await supervisor.health())["clock"]
    assert (waits, health.status, health.why[:8]) == ([1, 2, 3], Status.DOWN, "its loop")
    assert [one["why"] for one in lines if one["event"] == "service failed"] == [health.why] * 3


async def test_what_opened_is_closed_when_a_start_fails_half_way():
    """And it is tried again from the beginning."""
    noted = []

    class Halfway(Clock):
        @asynccontextmanager
        async def lifetime(self):
            noted.append("opened")
            try:
                if len(noted) < 3:
                    raise OSError("the second half is missing")
                yield
            finally:
                noted.append("closed")

    async with supervised(Halfway) as supervisor:
        await until(supervisor.services["clock"].running.is_set)
        assert noted == ["opened", "closed", "opened"]
    assert noted[3:] == ["closed"]


async def test_a_service_that_hangs_when_it_stops_holds_up_nobody():
    """The others stop in order, within the time that there is."""
    stopped = []

    class Hanging(Locked):
        async def run(self):
            await asyncio.Event().wait()

        async def stop(self):
            await asyncio.Event().wait()

    class Orderly(Clock):
        async def stop(self):
            stopped.append(self.name)

    begun = time.monotonic()
    async with supervised(Orderly, Hanging):
        pass
    assert stopped == ["clock"]
    assert time.monotonic() - begun < 5.0


async def test_a_stray_cancellation_is_a_failure_like_any_other():
    """Also when it comes out of a stop: the service is started again."""

    class Stray(Clock):
        starts = 0

        async def run(self):
            Stray.starts += 1
            if Stray.starts < 3:
                raise asyncio.CancelledError
            await asyncio.Event().wait()

        async def stop(self):
            raise asyncio.CancelledError

    async with supervised(Stray) as supervisor:
        await until(lambda: Stray.starts == 3)
        assert supervisor.services["clock"].restarts == 2


async def test_a_circuit_opens_and_closes_again():
    """Health tells since when, why and what to do; a try now and then shows that it is mended."""

    class Broken(Clock):
        tries = 0

        async def run(self):
            Broken.tries += 1
            if Broken.tries <= OPEN_AFTER:
                raise RuntimeError(f"broken {Broken.tries}")
            await asyncio.Event().wait()

    def delay(failures):
        return 0.5 if failures >= OPEN_AFTER else 0.0

    async with supervised(Broken, delay=delay) as supervisor:
        one = supervisor.services["clock"]
        begun = one.down_since
        await until(lambda: one.restarts == OPEN_AFTER)
        health = (await supervisor.health())["clock"]
        assert (health.status, health.why) == (Status.DOWN, f"broken {OPEN_AFTER}")
        assert health.since >= begun
        assert "6 times in a row" in health.fix
        await until(lambda: one.state is ServiceState.RUNNING)
        one.begun -= HEALTHY_SECONDS
        assert (await supervisor.health())["clock"].status is Status.UP


async def test_a_start_that_takes_long_and_fails_is_no_recovery():
    """Only what ran for a while has recovered: the circuit opens here, too."""
    waits = []

    def delay(failures):
        waits.append(failures)
        return 0.0 if failures < 3 else 60.0

    class Slow(Clock):
        async def open(self):
            one.begun -= HEALTHY_SECONDS  # as if the start took as long
            raise OSError("nobody answers")

    async with supervised(delay=delay) as supervisor:
        one = supervisor.register("slow", Slow, lambda: Slow.start(create_mock_runtime()))
        await supervisor.launch(one)
        await until(lambda: one.restarts == 3)
    assert waits == [1, 2, 3]


async def test_a_service_that_flaps_slows_nobody_down(bot):
    """The others answer in 1.5 times the time at most, by the median, in turn with and without."""
    flaps = asyncio.Event()

    class Flapping(Service):
        capability_description = "Holds for as long as it is asked to"

        async def run(self):
            await flaps.wait()
            raise Unavailable("gone again")

    kinds = [type(name, (Flapping,), {"service_type": name}) for name in map(str, range(20))]
    with_it, without = [], []
    async with bot(Plugin("p", services=tuple(kinds))) as runtime:
        for first in range(0, 400, 20):
            flaps.set() if first % 40 else flaps.clear()
            times = [await latency(runtime, number) for number in range(first, first + 20)]
            (with_it if flaps.is_set() else without).extend(times)
        assert sum(one.restarts for one in runtime.supervisor.services.values()) >= len(kinds)
    assert median(with_it) <= 1.5 * median(without)


async def latency(runtime, number):
    """The seconds from an event to its answer."""
    arrived = asyncio.Event()
    LoopbackService.on_sent[:] = [lambda _: arrived.set()]
    begun = time.perf_counter()
    await runtime.deliver(said(f"hello {number}", number))
    await asyncio.wait_for(arrived.wait(), 10)
    return time.perf_counter() - begun
