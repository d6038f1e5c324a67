"""A process that holds a database until its input ends or it is killed."""

import asyncio
import sys

from bot.stores.sqlite import SqliteStore


async def hold(path):
    async with SqliteStore(path):
        print("open", flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(hold(sys.argv[1]))
