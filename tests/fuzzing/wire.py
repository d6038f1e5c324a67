"""What goes over the wire of a simulated platform, between things that somebody says."""

from __future__ import annotations

import orjson

from bot.service import Status
from bot.testing.connectors.stage import Stage

EACH = 8
"""After so many, somebody says a word that must be answered; more words would be a flood."""


def can_be_sent(raw):
    """Whether JSON has a form for it."""
    try:
        orjson.dumps(raw)
    except TypeError:
        return False
    return True


def batched(many, size):
    """A list in pieces."""
    return [many[start : start + size] for start in range(0, len(many), size)]


class Wire(Stage):
    """Things are told that nobody should tell, and in between somebody speaks."""

    async def tell(self, platform, frame):
        """Let the platform tell something."""
        await platform.inject(frame)

    async def endure(self, path, told):
        """Tell what JSON can tell, and have answers to all that is said in between."""
        frames = [one for one in told if can_be_sent(one)]
        assert len(frames) > len(told) // 2
        async with self.play(path) as scene, scene.bot() as bot:
            for number, few in enumerate(batched(frames, EACH), 1):
                for one in few:
                    await self.tell(scene.platform, one)
                await scene.say(f"number {number}")
                answers = await scene.answers(number)
            health = await bot.fares()
            restarts = bot.supervisor.services[bot.service.name].restarts
        assert [one.text for one in answers] == [f"number {n}" for n in range(1, number + 1)]
        assert (health.status, restarts) == (Status.UP, 0)
