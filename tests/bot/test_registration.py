"""What is registered with a bot that runs."""

from __future__ import annotations

import asyncio

from bot.service import Service
from bot.testing.connector import LoopbackService, said


class Statistics(Service):
    service_type = "statistics"
    capability_description = "Reads what is set for a platform"
    platform = "loopback"


async def test_a_service_that_is_no_connector_leaves_its_platforms_sender_alone(bot, monkeypatch):
    """What is on the wire meanwhile arrives once, and nobody doubts it."""
    send, may_arrive, is_sending = LoopbackService.send, asyncio.Event(), asyncio.Event()

    async def slow(service, part):
        is_sending.set()
        await may_arrive.wait()
        return await send(service, part)

    monkeypatch.setattr(LoopbackService, "send", slow)
    async with bot() as runtime, asyncio.timeout(10):
        await runtime.send(said("").room, "once")
        await is_sending.wait()
        await runtime.register_service(Statistics)
        may_arrive.set()
        await runtime.drain()
        assert [part.text for part in LoopbackService.sent["lobby"]] == ["once"]
        assert (await runtime.store.counts())["parts.ever_ambiguous"] == 0
