"""Several things at once, each no longer than it may be."""

from __future__ import annotations

import asyncio

from structlog.testing import capture_logs

from bot.race import Solo, meanwhile


async def test_one_is_let_in_after_the_other():
    """The next once the one before has left."""
    solo, inside, most = Solo(60.0), 0, 0

    async def visit():
        nonlocal inside, most
        async with solo.enter():
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(visit() for _ in range(10)))
    assert (inside, most) == (0, 1)


async def test_who_stays_for_long_keeps_nobody_out():
    """The next is let in after a while, and one at a time again from then on."""
    solo, gate, order = Solo(0.05), asyncio.Event(), []

    async def visit(name):
        async with solo.enter():
            order.append(name)
            await gate.wait()

    visitors = [asyncio.create_task(visit(name)) for name in "abc"]
    async with asyncio.timeout(5):
        while len(order) < len(visitors):  # noqa: ASYNC110 - what is waited for is a time
            await asyncio.sleep(0.01)
    gate.set()
    await asyncio.gather(*visitors)
    async with asyncio.timeout(5), solo.enter():
        order.append("d")
    assert order == ["a", "b", "c", "d"]


async def test_what_fails_beside_a_block_is_told_at_once():
    """A block may last for as long as the bot does."""

    async def failing():
        raise RuntimeError("broken")

    with capture_logs() as lines:
        async with meanwhile(failing()):
            await asyncio.sleep(0.01)
            assert [one["why"] for one in lines] == ["RuntimeError('broken')"]
        async with meanwhile(asyncio.sleep(60)):
            pass
    assert len(lines) == 1
