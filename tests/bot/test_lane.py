"""Lanes keep the order of each key, and hold little of what waits."""

from __future__ import annotations

import asyncio
from collections import defaultdict

from bot.lane import Later
from bot.lanes import FIRST_WIDTH, Lanes


class Box:
    """A store of numbers per key, and lanes over it."""

    def __init__(self, *, depth=4, width=100, most=1_000, wait=None):
        self.waiting = defaultdict(list)
        self.handled = defaultdict(list)
        self.wait = wait
        self.lanes = Lanes(
            self.handle, self.load, lambda item: item, depth=depth, width=width, most=most
        )

    def say(self, key, number):
        item = (key, number)
        self.waiting[key].append(item)
        self.lanes.put(key, item)

    async def load(self, key, limit):
        await asyncio.sleep(0)
        return self.waiting[key][:limit]

    async def handle(self, item):
        await (self.wait.wait() if self.wait else asyncio.sleep(0))
        key, number = item
        self.waiting[key].remove(item)
        self.handled[key].append(number)


async def test_each_key_keeps_its_order():
    """However many wait, a key's items are handled in the order in which they came."""
    box = Box()
    for number in range(50):
        for key in "abc":
            box.say(key, number)
    await box.lanes.drain()
    assert dict(box.handled) == {key: list(range(50)) for key in "abc"}


async def test_a_slow_key_delays_no_other():
    """A key whose handler waits does not hold up the rest."""
    slow = asyncio.Event()
    done = []

    async def handle(item):
        if item == "slow":
            await slow.wait()
        done.append(item)

    async def load(_key, _limit):
        return []

    lanes = Lanes(handle, load, lambda item: item)
    lanes.put("a", "slow")
    lanes.put("b", "quick")
    await asyncio.sleep(0.01)
    assert done == ["quick"]
    slow.set()
    await lanes.drain()
    assert done == ["quick", "slow"]


async def test_what_does_not_fit_is_read_from_the_store():
    """A lane holds `depth` items; the others stay where they are until there is room."""
    gate = asyncio.Event()
    box = Box(depth=4, wait=gate)
    for number in range(100):
        box.say("a", number)
    lane = box.lanes._lanes["a"]
    assert len(lane._items) == 4
    gate.set()
    await box.lanes.drain()
    assert box.handled["a"] == list(range(100))


async def test_all_lanes_together_hold_little():
    """Once there are many items in all, a lane holds one, and the store has the others."""
    gate = asyncio.Event()
    box = Box(depth=4, most=10, wait=gate)
    for number in range(20):
        for key in range(50):
            box.say(key, number)
    assert box.lanes.held == 50
    gate.set()
    await box.lanes.drain()
    assert all(done == list(range(20)) for done in box.handled.values())
    assert box.lanes.held == 0


async def test_what_waits_in_the_store_is_taken_up_in_steps():
    """Few lanes are opened at once, and more as long as all of them wait for something."""
    keys = range(600)
    box = Box(width=1_000, wait=asyncio.Barrier(len(keys)))  # opens when all are there at once
    box.waiting |= {key: [(key, 0)] for key in keys}
    box.lanes.wake(keys)
    assert len(box.lanes._lanes) == FIRST_WIDTH
    await box.lanes.drain()
    assert len(box.handled) == len(keys)


async def test_a_key_that_speaks_now_does_not_wait_for_those_that_waited():
    """A new item has its lane at once, however many keys wait in the store."""
    gate = asyncio.Event()
    box = Box(width=1_000, wait=gate)
    box.waiting |= {key: [(key, 0)] for key in range(2 * FIRST_WIDTH)}
    box.lanes.wake(range(2 * FIRST_WIDTH))
    box.say("now", 0)
    assert "now" in box.lanes._lanes
    gate.set()
    await box.lanes.drain()


async def test_keys_beyond_the_width_wait_for_a_free_lane():
    """No more than `width` lanes are open at once, and every key gets its turn."""
    gate = asyncio.Event()
    box = Box(width=3, wait=gate)
    for key in range(20):
        box.say(key, 0)
    assert len(box.lanes._lanes) == 3
    gate.set()
    await box.lanes.drain()
    assert len(box.handled) == 20


async def test_items_that_come_while_the_store_is_read_are_not_lost():
    """An item put during a read is neither lost nor handled twice."""
    box = Box(depth=2)
    for number in range(5):
        box.say("a", number)
    for number in range(5, 200):
        await asyncio.sleep(0)
        box.say("a", number)
    await box.lanes.drain()
    assert box.handled["a"] == list(range(200))


async def test_waking_a_key_reads_what_the_store_has():
    """What an earlier process left is found when its key is woken."""
    box = Box()
    box.waiting["a"] = [("a", 1), ("a", 2)]
    box.lanes.wake(["a"])
    await box.lanes.drain()
    assert box.handled["a"] == [1, 2]


async def test_stopping_finishes_the_item_in_hand_and_leaves_the_rest():
    """After a stop the item in hand is done and nothing else was begun."""
    gate = asyncio.Event()
    box = Box(wait=gate)
    for number in range(3):
        box.say("a", number)
    stop = asyncio.create_task(box.lanes.stop(5))
    await asyncio.sleep(0)
    gate.set()
    await stop
    assert box.handled["a"] == [0]
    assert len(box.waiting["a"]) == 2


async def test_stopping_gives_up_on_what_takes_too_long():
    """An item that outlives the deadline is cancelled and stays in the store."""
    box = Box(wait=asyncio.Event())
    box.say("a", 0)
    await asyncio.sleep(0)
    await box.lanes.stop(0.01)
    assert box.waiting["a"] == [("a", 0)]


async def test_what_a_lane_is_reserved_for_goes_first():
    """What is put there meanwhile waits behind it, though it was stored before."""
    box = Box()
    assert box.lanes.reserve("a")
    box.say("a", 2)
    box.waiting["a"].append(("a", 1))
    box.lanes.launch("a", [("a", 1)])
    await box.lanes.drain()
    assert box.handled["a"] == [1, 2]


async def test_a_reservation_that_is_given_up_leaves_what_came_meanwhile():
    """Lanes are not idle while one is reserved, and go on with what was put there."""
    box = Box()
    assert box.lanes.reserve("a")
    box.say("a", 2)
    box.lanes.release("a")
    await box.lanes.drain()
    assert box.handled["a"] == [2]


async def test_a_lane_is_not_reserved_past_what_waits():
    """Neither while it is open, nor while it is reserved already, nor once lanes have stopped."""
    box = Box(wait=asyncio.Event())
    box.say("a", 1)
    assert not box.lanes.reserve("a")
    assert box.lanes.reserve("b")
    assert not box.lanes.reserve("b")
    box.lanes.release("b")
    box.wait.set()
    await box.lanes.stop(1)
    assert not box.lanes.reserve("c")


class Moving(Box):
    """Numbers that are handled when the gate opens, under whatever key they have by then."""

    def __init__(self):
        super().__init__(wait=asyncio.Event())
        self.begun = []

    async def handle(self, item):
        self.begun.append(item[1])
        await self.wait.wait()
        for waiting in self.waiting.values():
            waiting[:] = [one for one in waiting if one[1] != item[1]]

    def move(self, old, new):
        self.waiting[new] = [(new, n) for _, n in self.waiting.pop(old, [])] + self.waiting[new]
        self.lanes.follow(old, new)

    async def handled_once(self, *numbers):
        self.wait.set()
        async with asyncio.timeout(5):
            await self.lanes.drain()
        assert sorted(self.begun) == sorted(numbers)
        assert self.lanes.held == 0


async def test_what_is_in_hand_while_its_key_moves_is_handled_once():
    """Though the store shows it under the new key, which has a lane of its own already."""
    box = Moving()
    box.say("old", 1)
    box.say("old", 2)
    box.say("new", 3)
    await asyncio.sleep(0)
    box.move("old", "new")
    await box.handled_once(1, 2, 3)


async def test_a_key_that_waited_for_a_lane_takes_over_once():
    """Nothing of it is handled by two lanes."""
    box = Moving()
    box.lanes.width = box.lanes._allowed = 1
    box.say("old", 1)
    await asyncio.sleep(0)
    box.waiting["new"].append(("new", 2))
    box.lanes.wake(["new"])
    box.move("old", "new")
    await box.handled_once(1, 2)


async def test_a_key_may_move_again_at_once():
    """The last one has all that waits, after what was in hand under the first."""
    box = Moving()
    box.say("a", 1)
    box.say("a", 2)
    await asyncio.sleep(0)
    box.move("a", "b")
    box.move("b", "c")
    await box.handled_once(1, 2)
    assert box.begun == [1, 2]


async def test_a_key_may_move_while_a_lane_is_reserved_for_it():
    """What is launched there begins with the first; the rest goes where it is by then."""
    box = Moving()
    box.waiting["old"] = [("old", 1), ("old", 2)]
    assert box.lanes.reserve("old")
    box.move("old", "new")
    box.lanes.launch("old", [("old", 1), ("old", 2)])
    await box.handled_once(1, 2)


async def test_what_has_begun_is_handled_though_the_lanes_stop():
    """It is on its way: nobody else would know."""
    box = Box()
    box.waiting["a"] = [("a", 1)]
    assert box.lanes.reserve("a")
    box.lanes.launch("a", [("a", 1)])
    await box.lanes.stop(1)
    assert box.handled["a"] == [1]


async def test_a_key_may_move_back_while_something_is_in_hand():
    """Neither lane waits for the other's."""
    box = Moving()
    box.say("old", 1)
    await asyncio.sleep(0)
    box.move("old", "new")
    await asyncio.sleep(0)
    box.move("new", "old")
    await asyncio.sleep(0)
    await box.handled_once(1)


async def test_whoever_is_woken_while_an_item_is_put_off_looks_again_at_once():
    """A person at the desk does not wait for the end of a pause that began just then."""
    begun, go = asyncio.Queue(), asyncio.Event()

    async def handle(item):
        begun.put_nowait(item)
        await go.wait()
        raise Later(60.0)

    async def load(_key, _limit):
        return ["item"]

    lanes = Lanes(handle, load, identify=str)
    lanes.wake(["key"])
    async with asyncio.timeout(5):
        await begun.get()
        lanes.rouse("key")
        go.set()
        await begun.get()
        await lanes.drain()  # nobody rang again: now it sleeps
    assert begun.empty()
    await lanes.stop(1.0)


async def test_what_waits_in_the_store_gets_on_while_the_loop_is_busy(monkeypatch):
    """Although those who speak now hold more lanes than it may have."""
    monkeypatch.setattr("bot.lanes.BUSY", -1.0)
    box = Box(wait=asyncio.Event())
    box.lanes._allowed = 1
    for key in "abc":
        box.say(key, 1)
    box.waiting["old"].append(("old", 1))
    box.lanes.wake(["old"])
    async with asyncio.timeout(5):
        while "old" not in box.lanes._lanes:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.01)
        box.wait.set()
        await box.lanes.drain()
    assert box.handled["old"] == [1]
