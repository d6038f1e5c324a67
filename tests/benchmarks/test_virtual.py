"""The clock that jumps: waiting takes no time, and what works is waited for."""

import subprocess
import sys
import time
from pathlib import Path

import orjson

HERE = Path(__file__).parent

WAITING = """
import asyncio, time
import virtual
from bot.value import now

async def main():
    begun, at = time.monotonic(), now()
    await asyncio.sleep(3600)
    print(time.monotonic() - begun, (now() - at).total_seconds())

virtual.run(main)
"""

WORKING = """
import asyncio, time
import virtual
from bot.stores.sqlite.worker import Worker

def work(jobs):
    time.sleep(0.2)
    return jobs

async def main():
    begun = time.monotonic()
    async with asyncio.timeout(0.1), Worker("slow", work) as worker:
        await worker.do(1)
        await asyncio.to_thread(time.sleep, 0.2)
    print(time.monotonic() - begun)

virtual.run(main)
"""


def run(*command):
    """What a process prints last; the clock of this one stays as it is."""
    done = subprocess.run(
        [sys.executable, *command], cwd=HERE, capture_output=True, text=True, timeout=50, check=True
    )
    return done.stdout.splitlines()[-1]


def test_an_hour_passes_in_a_moment():
    """For the loop, for all that measures time, and for all that asks for the date."""
    begun = time.monotonic()
    loop, date = map(float, run("-c", WAITING).split())
    assert 3599.99 < loop < 3601
    assert 3599.99 < date < 3601
    assert time.monotonic() - begun < 30


def test_time_stands_still_while_a_thread_works():
    """The store's or anybody else's: no deadline passes meanwhile."""
    assert float(run("-c", WORKING)) < 0.1


def test_a_campaign_takes_as_long_as_the_limits_say():
    """150 chats at 30 a second, over real sockets; nothing is refused."""
    found = orjson.loads(run("campaigns.py", "virtual", "telegram", "150"))
    assert found["missing"] == found["refused"] == 0
    assert (150 + found["replies"] - 1) / 30 - 0.1 < found["seconds"] < 150 / 30 + 0.5
