"""A budget grants slots so that no window is ever overrun, and replies go first."""

from __future__ import annotations

import asyncio
import time
from itertools import pairwise

from bot.budget import Budget
from bot.capabilities import Rate
from bot.memory import Room, RoomKind
from bot.metrics import Counts, figures
from bot.part import Priority
from bot.testing.connector import said

LOBBY = Room(platform="test", account="default", key="lobby")
FLOOR = Room(platform="test", account="default", key="floor")
ROOF = Room(platform="test", account="default", key="roof")
CELLAR = Room(platform="test", account="default", key="cellar")


async def send(budget, room=LOBBY, priority=Priority.REPLY, log=None):
    async with budget.slot(room, priority):
        if log is not None:
            log.append((priority, time.monotonic()))


async def test_no_window_holds_more_than_its_count():
    """Any `seconds` hold at most `count` slots."""
    budget, log = Budget([Rate(count=3, seconds=0.1)], concurrency=10), []
    await asyncio.gather(*(send(budget, log=log) for _ in range(10)))
    times = [at for _, at in log]
    gaps = [later - earlier for earlier, later in zip(times, times[3:], strict=False)]
    assert min(gaps) >= 0.099


async def test_a_message_counts_from_when_it_is_through():
    """A slow one is not in the window's past when it arrives."""
    budget = Budget([Rate(count=1, seconds=0.1)], concurrency=10)
    async with budget.slot(LOBBY, Priority.REPLY):
        await asyncio.sleep(0.1)
    through = time.monotonic()
    await send(budget)
    assert time.monotonic() - through >= 0.099


async def test_threads_share_the_window_of_their_room():
    """Two threads of one group leave one after the other."""
    budget, log = Budget([Rate(count=1, seconds=0.05, per_room=True)], concurrency=10), []
    threads = [LOBBY.model_copy(update={"key": key, "parent": "lobby"}) for key in "ab"]
    await asyncio.gather(*(send(budget, thread, log=log) for thread in threads))
    assert log[1][1] - log[0][1] >= 0.049


async def test_each_room_has_its_own_window():
    """A room that used up its share does not hold up another."""
    budget = Budget([Rate(count=1, seconds=5, per_room=True)], concurrency=10)
    await send(budget, LOBBY)
    async with asyncio.timeout(1):
        await send(budget, FLOOR)


async def test_a_rate_may_be_about_some_kinds_of_rooms():
    """A limit on groups does not concern a private chat."""
    budget = Budget([Rate(count=1, seconds=5, per_room=True, kinds=("group",))], concurrency=10)
    private = LOBBY.model_copy(update={"kind": RoomKind.DM})
    async with asyncio.timeout(1):
        await send(budget, private)
        await send(budget, private)


async def test_a_limit_of_one_kind_of_room_holds_up_no_other_kind():
    """Direct messages that have to wait let a post go first."""
    budget = Budget([Rate(count=1, seconds=5, kinds=("dm",))], concurrency=10)
    private = LOBBY.model_copy(update={"kind": RoomKind.DM})
    await send(budget, private)
    waiter = asyncio.create_task(send(budget, private))
    await asyncio.sleep(0)
    async with asyncio.timeout(1):
        await send(budget, LOBBY)
    assert not waiter.done()
    waiter.cancel()


async def test_a_reply_takes_the_next_free_slot():
    """Whoever ranks first goes first, whenever it came."""
    budget, log = Budget([Rate(count=1, seconds=0.05)], concurrency=10), []
    await send(budget)
    bulk = [asyncio.create_task(send(budget, priority=Priority.BULK, log=log)) for _ in range(2)]
    await asyncio.sleep(0)
    reply = asyncio.create_task(send(budget, priority=Priority.REPLY, log=log))
    await asyncio.gather(reply, *bulk)
    assert [priority for priority, _ in log] == [Priority.REPLY, Priority.BULK, Priority.BULK]


async def test_a_share_of_each_long_window_is_kept_for_replies():
    """A broadcast alone leaves a fifth of the window unused."""
    budget = Budget([Rate(count=10, seconds=60)], concurrency=100)
    bulk = [asyncio.create_task(send(budget, priority=Priority.BULK)) for _ in range(10)]
    await asyncio.sleep(0.01)
    assert sum(task.done() for task in bulk) == 8
    async with asyncio.timeout(1):
        await send(budget)
        await send(budget)
    for task in bulk:
        task.cancel()
    await asyncio.gather(*bulk, return_exceptions=True)


async def test_a_pause_holds_just_what_it_names():
    """A pause of one room leaves the others alone."""
    budget = Budget([], concurrency=10)
    budget.pause(5, LOBBY)
    async with asyncio.timeout(1):
        await send(budget, FLOOR)
    begun = time.monotonic()
    budget.pause(0.05)
    await send(budget, FLOOR)
    assert time.monotonic() - begun >= 0.045


async def test_no_more_are_on_the_wire_than_allowed():
    """Concurrency is a limit too, and a slot is free again when its holder ends."""
    budget, most, now = Budget([], concurrency=3), 0, 0

    async def one():
        nonlocal most, now
        async with budget.slot(LOBBY, Priority.REPLY):
            now += 1
            most = max(most, now)
            await asyncio.sleep(0)
            now -= 1

    await asyncio.gather(*(one() for _ in range(20)))
    assert most == 3


async def test_a_waiter_that_is_cancelled_takes_no_slot():
    """Giving up while waiting leaves the slot to the next."""
    budget = Budget([], concurrency=1)
    async with budget.slot(LOBBY, Priority.REPLY):
        waiter = asyncio.create_task(send(budget))
        await asyncio.sleep(0)
        waiter.cancel()
        await asyncio.gather(waiter, return_exceptions=True)
    async with asyncio.timeout(1):
        await send(budget)


async def test_what_is_no_reply_leaves_no_slot_of_a_short_window_unused():
    """It is spread evenly at the full rate, and a reply takes the slot that becomes free next."""
    budget, log = Budget([Rate(count=50, seconds=1)], concurrency=100), []
    bulk = [asyncio.create_task(send(budget, priority=Priority.BULK, log=log)) for _ in range(100)]
    await asyncio.sleep(0.5)
    asked = time.monotonic()
    await send(budget)
    waited = time.monotonic() - asked
    await asyncio.gather(*bulk)
    assert waited < 0.3
    assert log[-1][1] - log[0][1] < 2.2


async def test_a_budget_tells_how_many_wait():
    """For their room or for the account, until they have a slot or give up."""
    budget = Budget([Rate(count=1, seconds=60, per_room=True)], concurrency=2)
    await send(budget)
    async with budget.slot(FLOOR, Priority.REPLY), budget.slot(ROOF, Priority.REPLY):
        waiters = [asyncio.create_task(send(budget, room)) for room in (LOBBY, FLOOR, CELLAR)]
        await asyncio.sleep(0)
        assert budget.waiting == 3
    await waiters[2]
    assert budget.waiting == 2
    for waiter in waiters[:2]:
        waiter.cancel()
    await asyncio.gather(*waiters, return_exceptions=True)
    assert budget.waiting == 0


async def test_metrics_tell_how_many_parts_wait(bot):
    """By account; none before anything was sent, and none that has a free way."""
    async with bot() as runtime:
        assert await waiting(runtime) == {("loopback",): 0}
        await runtime.deliver(said("one", 1))
        await runtime.drain()
        budget = runtime.outbox.senders["loopback", "default"]._carrier._budget
        taken = 0
        while budget.take(LOBBY, Priority.REPLY):
            taken += 1
        await runtime.deliver(said("two", 2))
        await until_one_waits(budget)
        assert await waiting(runtime) == {("loopback",): 1}
        for _ in range(taken):
            budget.leave(LOBBY)


async def until_one_waits(budget):
    async with asyncio.timeout(10):
        while not budget.waiting:  # noqa: ASYNC110 - nothing announces it
            await asyncio.sleep(0.005)


async def waiting(runtime):
    """The figure, as it is now."""
    found = [one async for one in figures(runtime, Counts(runtime.store))]
    [samples] = [one.samples for one in found if one.name == "townhall_parts_waiting"]
    return samples


async def test_after_a_pause_nothing_goes_in_a_burst():
    """The platform said that it takes fewer: what waited goes evenly from the beginning."""
    budget, log = Budget([Rate(count=20, seconds=1.0)], concurrency=10), []
    budget.pause(0.1)
    await asyncio.gather(*(send(budget, priority=Priority.BULK, log=log) for _ in range(4)))
    times = [at for _, at in log]
    assert min(b - a for a, b in pairwise(times)) >= 0.045
