"""A process that commits without end and says what was acknowledged, until it is killed.

Called with the engine, the address and the name of this run.
"""

from __future__ import annotations

import asyncio
import os
import sys
from itertools import count
from pkgutil import resolve_name

from bot.events import Event
from bot.part import Receipt
from bot.records import EventState, PartState
from bot.store import Store
from bot.testing.store.engine import a_delivery, an_event, parts_of

TASKS = 50


async def commit(store: Store, event: Event) -> None:
    """One commit with one row of everything, and two parts of which one is sent."""
    memory, delivery = event.memory(), a_delivery(event.key, event=event.key)
    assert memory is not None
    first, second = parts_of(delivery, 2)
    async with store.commit() as c:
        c.accept(event, EventState.PENDING)
        c.remember(memory)
        c.link(event.platform, event.account, str(event.message), memory.id)
        c.enqueue(delivery, [first, second])
        c.mark(first, PartState.SENT, receipt=Receipt(message=f"sent {event.message}"))


async def write(store: Store, task: str) -> None:
    """Commit one event after the other; a line on standard output for each that is durable."""
    for n in count():
        await commit(store, an_event(n, ids=(task, str(n)), message=f"{task}/{n}"))
        os.write(sys.stdout.fileno(), f"{task} {n}\n".encode())


async def main(engine: str, address: str, run: str) -> None:
    """Write with many tasks at once."""
    async with resolve_name(engine)(address) as store:
        await asyncio.gather(*(write(store, f"{run}.{task}") for task in range(TASKS)))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
