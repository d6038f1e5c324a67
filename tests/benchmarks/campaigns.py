"""A campaign of a million, and broadcasts at the limits of platforms while people are answered.

python tests/benchmarks/campaigns.py create 1000000
python tests/benchmarks/campaigns.py telegram 10000
python tests/benchmarks/campaigns.py discord 1000
python tests/benchmarks/campaigns.py virtual discord 10000

The last one is on a clock that jumps: see virtual.py.
"""

from __future__ import annotations

import asyncio
import random
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import apsw
import virtual
from figures import Figure, disk, measure, report
from worlds import echo_again, make_bot

from bot.campaign import RecipientState
from bot.cli.setup import run_loop
from bot.service import Status
from bot.services.notification import NotificationService
from bot.testing.connector import LoopbackService
from connectors.discord.connector import DiscordService
from connectors.discord.simulator import DiscordSimulator
from connectors.telegram.connector import TelegramService
from connectors.telegram.paying import PAID
from connectors.telegram.simulator import TelegramSimulator

MILLION = 1_000_000
CHATS, PAYING = 1_000, 5_000
PER_SECOND = 30
"""Messages that Telegram takes, as its FAQ for bots says."""
STRICT = 25
"""What it takes where it is stricter than that."""
ASK_EVERY = 1.1, 1.3
"""Seconds between two questions during a broadcast: a chat takes one message a second."""
LOOK_EVERY = 0.01
pauses = random.Random(7)
"""So that no question keeps step with the slots of a limit."""


def subscribe_many(database: Path, count: int) -> None:
    """Put so many rooms of the loopback platform on the list of the news, past the port."""
    db = apsw.Connection(str(database))
    rooms = ((f"{10**9 + n}",) for n in range(count))
    with db:
        db.execute("INSERT OR IGNORE INTO topics (name) VALUES ('news')")
        db.execute("INSERT OR IGNORE INTO accounts (name) VALUES ('loopback/default')")
        db.executemany(
            "INSERT INTO subscriptions SELECT t.id, a.id, ?, 0 FROM topics t, accounts a", rooms
        )
    db.close()


async def create(count: int) -> dict[str, float]:
    """How long it takes until all are frozen, and until the first message is out."""
    connectors = {"loopback": LoopbackService}
    with disk() as folder:
        database = folder / "townhall.db"
        async with make_bot(database, connectors, echo_again):
            pass
        subscribe_many(database, count)
        async with make_bot(database, connectors, echo_again) as runtime:
            service = await service_of(runtime)
            sent = asyncio.Event()
            LoopbackService.on_sent.append(lambda _part: sent.set())
            begun = time.perf_counter()
            campaign = await service.broadcast("hello", "topic:news", over=86_400)
            await sent.wait()
            first = time.perf_counter() - begun
            longest = await frozen(runtime, campaign, count)
            seconds = time.perf_counter() - begun
            await service.cancel(campaign.id)
    return {"seconds": seconds, "first": first, "megabytes": peak(), "longest_ms": longest * 1e3}


async def frozen(runtime: Any, campaign: Any, count: int) -> float:
    """Wait until all are recipients; the longest that another commit took meanwhile, in seconds."""
    longest, found = 0.0, 0
    while found < count:
        begun = time.perf_counter()
        await runtime.keep("loopback", "default", "beat", str(begun))
        longest = max(longest, time.perf_counter() - begun)
        tallies = await runtime.store.tallies(campaign.id)
        found = sum(sum(counts.values()) for counts in tallies.values())
        await asyncio.sleep(LOOK_EVERY)
    return longest


async def telegram(chats: int, per_second: int = PER_SECOND, **more: str) -> dict[str, float]:
    """A broadcast to private chats, on a Telegram that takes so many messages a second."""
    async with TelegramSimulator(limits=True, per_second=per_second) as simulator:
        people = [simulator.add_person(f"p{n}") for n in range(chats)]
        rooms = [simulator.add_room(one, kind="dm") for one in people]
        ada = simulator.add_person("ada")
        lobby = simulator.add_room(ada, kind="dm")
        found = await told(TelegramService, simulator, rooms, (lobby, ada), **more)
        paid, refused = simulator.paid, simulator.limited
    ratio = found["seconds"] / least(chats + found["replies"], PAID if paid else per_second)
    return found | {"ratio": ratio, "refused": refused, "paid": paid}


async def strict(chats: int) -> dict[str, float]:
    """Telegram takes less than its documentation says."""
    return await telegram(chats, per_second=STRICT)


async def paid(chats: int) -> dict[str, float]:
    """The bot pays for speed."""
    return await telegram(chats, TELEGRAM_PAID_BROADCASTS="on")


async def discord(chats: int) -> dict[str, float]:
    """A broadcast to channels of a server."""
    async with DiscordSimulator(limits=True) as simulator:
        rooms = [simulator.add_room(f"r{n}") for n in range(chats)]
        ada = simulator.add_person("ada")
        lobby = simulator.add_room(ada, kind="dm")
        found = await told(DiscordService, simulator, rooms, (lobby, ada))
        refused = simulator.limited
    own = next(one for one in DiscordService.capabilities.rates if not one.per_room)
    ratio = found["seconds"] / least(chats + found["replies"], own.count)
    return found | {"ratio": ratio, "refused": refused}


def least(messages: float, per_second: int) -> float:
    """Seconds from the first to the last of so many, if each second's went all at once.

    That is the least that the limit allows. Spread evenly, they take up to a second more, and
    nobody who asks something has to wait for the next second.
    """
    return float((messages - 1) // per_second)


async def told(
    connector: Any, simulator: Any, rooms: list[str], asking: tuple[str, str], **more: str
) -> dict[str, float]:
    """Announce something to rooms, while somebody asks something all the time."""
    name = connector.platform
    with disk() as folder:
        bot = make_bot(
            folder / "townhall.db",
            {name: connector},
            echo_again,
            settings={**simulator.settings, **more},
        )
        async with bot as runtime:
            await logged_in(runtime.get_service(name))
            service = await service_of(runtime)
            await service.import_rows(enumerate(f"{name}:{room}" for room in rooms))
            idle = [await asked(simulator, *asking, n) for n in range(10)]
            heard, busy, work = list[float](), list[float](), time.process_time()
            simulator.on_said.append(lambda one: heard.append(one.at) if one.by_bot else None)
            campaign = await service.broadcast("hello", "topic:news")
            while (told := await service.progress(campaign.id)).campaign.ended_at is None:
                busy.append(await asked(simulator, *asking, 100 + len(busy)))
            work = time.process_time() - work
    counts, begun = told.counts[name], campaign.created_at.timestamp()
    ended = told.campaign.ended_at.timestamp()
    return {
        "seconds": ended - begun,
        "first_ms": (heard[0] - begun) * 1e3,
        "last_ms": (ended - max(one for one in heard if one < ended)) * 1e3,
        "missing": len(rooms) - counts.get(RecipientState.SENT, 0),
        "idle_ms": median(idle) * 1e3,
        "busy_ms": median(busy) * 1e3,
        "worst_ms": max(busy) * 1e3,
        "replies": len(busy),
        "work_us": work / len(rooms) * 1e6,
    }


async def asked(simulator: TelegramSimulator, room: str, person: str, number: int) -> float:
    """Seconds until a question is answered; then a pause."""
    begun = time.monotonic()
    await simulator.say(room, person, f"/echo {number}")
    await simulator.wait_for(
        lambda _: any(one.text == str(number) for one in simulator.said_by_bot(room)), timeout=60
    )
    seconds = time.monotonic() - begun
    await asyncio.sleep(pauses.uniform(*ASK_EVERY))
    return seconds


async def logged_in(connector: Any) -> None:
    """Return once it hears what is asked."""
    while (await connector.health()).status is not Status.UP:  # noqa: ASYNC110 - nothing tells
        await asyncio.sleep(LOOK_EVERY)


async def service_of(runtime: Any) -> NotificationService:
    """The service, whether or not its plugin is installed."""
    service = runtime.get_service(NotificationService)
    service = service or await runtime.register_service(NotificationService)
    assert isinstance(service, NotificationService)
    return service


def peak() -> float:
    """The most memory that the process ever had, in MB."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024 / 1e6


def figures(times: int) -> Iterator[Figure]:
    """What a campaign takes of this machine, and of the time."""
    found = measure("campaigns.py", "create", MILLION)
    yield Figure("1,000,000 recipients created", "s", found["seconds"], most=10)
    yield Figure("their first message out", "s", found["first"], most=1)
    yield Figure("memory, at its peak", "MB", found["megabytes"], most=300)
    yield Figure("another commit meanwhile, at worst", "ms", found["longest_ms"], most=100)
    for name, kind, most in (
        ("Telegram", "telegram", 1.03),
        ("Telegram that takes 25/s", "strict", 1.5),
        ("Discord", "discord", 1.03),
    ):
        yield from held(name, kind, measure("campaigns.py", kind, CHATS * times), most)
    found = measure("campaigns.py", "paid", PAYING * times)
    yield Figure("Telegram, paid for", "messages/s", PAYING * times / found["seconds"])
    yield Figure("Telegram, paid for, refused", "messages", found["refused"], most=0)


def limits(_: int) -> Iterator[Figure]:
    """The limits alone: on a clock that jumps, nothing but waiting takes time."""
    for name, kind, count, most in (
        ("10,000 Telegram chats", "telegram", 10_000, 1.03),
        ("10,000 on a Telegram that takes 25/s", "strict", 10_000, 1.1),
        ("1,000 Discord channels", "discord", 1_000, 1.03),
        ("10,000 Discord channels", "discord", 10_000, 1.03),
    ):
        found = measure("campaigns.py", "virtual", kind, count, patience=600)
        yield from held(name, kind, found, most)
    found = measure("campaigns.py", "virtual", "paid", 10_000, patience=600)
    yield Figure("10,000 paid for", "messages/s", 10_000 / found["seconds"], least=970)
    yield from held("10,000 paid for", "paid", found, 1.03)


def held(name: str, kind: str, found: dict[str, float], most: float) -> Iterator[Figure]:
    """Whether a broadcast held a limit, and used it."""
    yield Figure(f"{name}, of the least time", "x", found["ratio"], most=most)
    allowed = None if kind == "strict" else 0
    yield Figure(f"{name}, refused", "messages", found["refused"], most=allowed)
    yield Figure(f"{name}, not sent", "messages", found["missing"], most=0)
    late = found["busy_ms"] - found["idle_ms"]
    yield Figure(f"{name}, replies meanwhile, later by", "ms", late, most=50)


KINDS = {
    "create": create,
    "telegram": telegram,
    "strict": strict,
    "paid": paid,
    "discord": discord,
}

if __name__ == "__main__":
    *clock, what, number = sys.argv[1:]
    run = virtual.run if clock == ["virtual"] else run_loop
    report(run(partial(KINDS[what], int(number))))
