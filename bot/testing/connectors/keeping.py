"""What is true of what was said: it is kept, in order, whatever ends."""

from __future__ import annotations

import asyncio
import gc
import warnings
from logging import WARNING

import pytest

from bot.testing.connectors.stage import Scene, Stage, until

MANY = [f"line {n}" for n in range(12)]


class KeepingLaws(Stage):
    """Nothing is lost, nothing is answered twice, and rooms keep their order."""

    async def test_what_is_not_stored_is_told_again(self, scene: Scene) -> None:
        """An event is acknowledged after its commit, not before."""
        async with scene.bot() as bot:
            await scene.greet()
            bot.is_full = True
            await scene.say("one")
            lost = await bot.loses()
            await scene.say("two")
            bot.is_full = False
            answers = await scene.answers(3)
        assert [one.text for one in answers] == ["hello", "one", "two"]
        assert bot.events()[1].key == lost.key

    async def test_what_is_not_stored_is_told_to_the_next_one(self, scene: Scene) -> None:
        """A connector that ends before its event is stored leaves it with the platform."""
        self.needs("history")
        async with scene.bot() as bot:
            await scene.greet()
            bot.is_full = True
            await scene.say("one")
            lost = await bot.loses()
        async with scene.bot() as after:
            answers = await scene.answers(2)
        assert [one.text for one in answers] == ["hello", "one"]
        assert lost.key in {one.key for one in after.events()}

    async def test_what_is_told_twice_is_answered_once(self, scene: Scene) -> None:
        """Where the acknowledgement is lost, the same event comes with the same key."""
        async with scene.bot() as bot:
            await scene.greet()
            bot.is_unheard = True
            await scene.say("one")
            await bot.loses()
            bot.is_unheard = False
            await scene.say("two")
            await scene.answers(3)
            await bot.is_done()
            texts = [one.content.text for one in bot.events() if one.content]
        assert [one.text for one in await scene.answers()] == texts == ["hello", "one", "two"]

    async def test_a_room_keeps_its_order(self, scene: Scene) -> None:
        """What was said first is told and answered first."""
        async with scene.bot() as bot:
            for text in MANY:
                await scene.say(text)
            answers = await scene.answers(len(MANY))
            told = [one.content.text for one in bot.events() if one.content]
        assert [one.text for one in answers] == told == MANY

    async def test_rooms_do_not_wait_for_each_other(self, scene: Scene) -> None:
        """A long thought in one room delays no other."""
        self.needs("groups")
        yard = scene.platform.add_room("Yard")
        async with scene.bot() as bot:
            await scene.say("Hm?")
            await scene.say("still there?")
            for text in MANY:
                await scene.say(text, yard)
            assert [one.text for one in await scene.answers(len(MANY), yard)] == MANY
            assert scene.platform.said_by_bot(scene.hall) == []
            bot.idea.set()
            assert [one.text for one in await scene.answers(2)] == ["Hm?", "still there?"]

    async def test_what_was_said_while_away_is_answered(self, scene: Scene) -> None:
        """In order, once, on the next start; and not again on the one after it."""
        self.needs("history")
        async with scene.bot():
            await scene.greet()
        for number, text in enumerate(MANY, 1):
            await scene.say(text)
            if number % 6 == 0:
                async with scene.bot() as bot:
                    await scene.answers(1 + number)
                    await bot.is_done()
        assert [one.text for one in await scene.answers()] == ["hello", *MANY]

    async def test_a_stop_in_the_middle_loses_nothing(self, scene: Scene) -> None:
        """What was not heard before the stop is heard after it."""
        self.needs("history")
        async with scene.bot():
            await scene.greet()
            for text in MANY:
                await scene.say(text)
        async with scene.bot() as bot:
            await scene.answers(1 + len(MANY))
            await bot.is_done()
        assert [one.text for one in await scene.answers()] == ["hello", *MANY]

    async def test_a_stop_leaves_nothing_open(
        self, scene: Scene, caplog: pytest.LogCaptureFixture
    ) -> None:
        """No connection, no task, no warning."""
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            before = asyncio.all_tasks()
            for _ in ("once", "again"):
                async with scene.bot() as bot:
                    await scene.say("hello")
                    await bot.hears()
            await until(lambda: not scene.platform.connections)
            async with scene.platform.outage():
                await until(lambda: asyncio.all_tasks() <= before)
            gc.collect()
        assert [str(one.message) for one in warned] == []
        assert [one.getMessage() for one in caplog.records if one.levelno >= WARNING] == []
