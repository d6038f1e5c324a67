"""A stop reaches everything, in order, within the time that there is."""

from __future__ import annotations

import asyncio
import time

import pytest

from bot.model import ModelType
from bot.plugin import ModelHandler, Plugin
from bot.testing.connector import LoopbackService, said
from tests.bot.supervision import Clock, supervised, until


def named(name, stopped, seconds=0.0):
    """A service that takes so long to stop, and then notes that it has."""

    class Named(Clock):
        service_type = name

        async def stop(self):
            await asyncio.sleep(seconds)
            stopped.append(name)

    return Named


async def test_a_stray_cancellation_leaves_no_service_unstopped():
    """The task that stops them was cancelled itself, as by a signal."""
    stopped, is_up = [], asyncio.Event()

    class Sloppy(Clock):
        service_type = "sloppy"

        async def stop(self):
            own = asyncio.create_task(asyncio.sleep(60))
            own.cancel()
            await own

    async def live():
        async with supervised(named("first", stopped), Sloppy):
            is_up.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(live())
    await is_up.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert stopped == ["first"]


async def test_time_that_one_service_does_not_need_is_left_to_the_others():
    """The last may take nearly all of it."""
    stopped = []
    slow, quick = named("slow", stopped, 1.0), [named(str(n), stopped) for n in range(7)]
    async with supervised(slow, *quick) as supervisor:
        await supervisor.stop(5.0)
        assert stopped == [*reversed("0123456"), "slow"]


async def test_a_service_that_stops_already_is_not_interrupted():
    """It failed and is left to be started anew, when the bot ends."""
    stopped, is_stopping, may_stop = [], asyncio.Event(), asyncio.Event()

    class Failing(Clock):
        async def run(self):
            raise RuntimeError("broken")

        async def stop(self):
            is_stopping.set()
            await may_stop.wait()
            stopped.append(self.name)

    async with supervised(Failing, delay=lambda _: 60.0) as supervisor:
        async with asyncio.timeout(10):
            await is_stopping.wait()
        ending = asyncio.create_task(supervisor.stop(10.0))
        await asyncio.sleep(0)
        may_stop.set()
        await ending
        assert stopped == ["clock"]


async def test_a_service_that_never_stops_is_given_up_by_the_deadline():
    """Also if it was stopping before; then it is not started again."""

    class Stuck(Clock):
        starts = 0

        async def run(self):
            Stuck.starts += 1
            raise RuntimeError("broken")

        async def stop(self):
            await asyncio.sleep(60)

    async with supervised(Stuck) as supervisor:
        one = supervisor.services["clock"]
        await until(one.closing.locked)
        await supervisor.stop(0.1)
        await asyncio.wait([one.task], timeout=10)
        assert (one.task.done(), Stuck.starts) == (True, 1)


@pytest.mark.long
async def test_a_stop_takes_no_longer_than_it_says(bot, monkeypatch):
    """Though a turn, a part on the wire and a service never end; each gets its share of it."""
    monkeypatch.setattr("bot.runtime.STOP_SECONDS", 4.0)
    reached = []

    async def never(*_):
        await asyncio.sleep(60)

    async def stop(service):
        reached.append(service.name)
        await never()

    plugin = Plugin("never", models=(ModelHandler(ModelType.TEXT_LARGE, never, "never"),))
    async with bot(model=plugin) as runtime:
        monkeypatch.setattr(LoopbackService, "send", never)
        monkeypatch.setattr(LoopbackService, "stop", stop)
        await runtime.deliver(said("hello", room="a"))
        await runtime.send(said("", room="b").room, "hello")
        await asyncio.sleep(0.2)
        begun = time.monotonic()
    assert reached == ["loopback"]
    assert time.monotonic() - begun < 5.5
