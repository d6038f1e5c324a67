"""The porter: how many come in, and how long they may dawdle."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager

import aiohttp
import pytest
from aiohttp import web

from bot.porter import MOST, listening, taken

IDLE = 0.2


async def greet(_request):
    return web.Response(text="welcome")


@asynccontextmanager
async def at_home():
    """The port of a server that loses patience soon."""
    app = web.Application()
    app.router.add_get("/", greet)
    with taken("127.0.0.1", 0) as sockets:
        async with listening(app, sockets, idle=IDLE):
            yield sockets[0].getsockname()[1]


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"GET / HTTP/1.1\r\nHost: bot\r\nX-Slow",
        b"GET / HTTP/1.1\r\nHost: bot\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: bot\r\n\r\nGET / HTTP/1.1\r\nX-Slow",
    ],
)
async def test_who_sends_no_whole_head_is_let_go(sent):
    """Whether a connection sent nothing, half a request, or nothing more after one."""
    async with at_home() as port, asyncio.timeout(20):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(sent)
        assert (await reader.read()).count(b"welcome") == sent.count(b"\r\n\r\n")
        writer.close()


async def test_those_who_dawdle_keep_nobody_out_for_long():
    """As many as are let in say half a word each; soon after another is served."""
    async with at_home() as port, AsyncExitStack() as stack, aiohttp.ClientSession() as session:
        for _ in range(MOST):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            stack.callback(writer.close)
            writer.write(b"GET / HTTP/1.1\r\nX-Slow")
        async with asyncio.timeout(20):
            while not await is_served(session, port):
                pass


async def is_served(session, port):
    """Whether a server answers; it may also cut who comes where too many are."""
    try:
        async with session.get(f"http://127.0.0.1:{port}/") as answer:
            return answer.status == 200
    except aiohttp.ClientError:
        return False
