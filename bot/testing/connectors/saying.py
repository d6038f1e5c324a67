"""What is true of what the bot says."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path

import pytest

from bot.errors import RateLimited, Rejected
from bot.testing.connectors.stage import PATIENCE, Scene, Stage, part

CLUSTERS = ("👩‍👩‍👧‍👦", "e\u0301", "👍🏽", "\U0001d4b6", "❤\ufe0f")
"""Each is one character to who reads it, and several to who counts."""

BUSY, QUIET = 6, 48
"""Messages to one room, and rooms with one each: beyond what a room and an account usually may."""

PLAIN = (
    "2 * 3 * 4 & 5_6_7 < 8 > 7; `code`, ~~so~~, ||what||, [a](b), <b>c</b>, &amp;, \\\\, <@1>, :d:",
    "# one\n## two\n> three\n- four\n* five\n1. six\n```\nseven\n```",
)
"""What some platform or other would read as markup."""

PAUSE = 90
"""Seconds; longer than a library waits by itself."""


class SayingLaws(Stage):
    """All of it arrives, where it belongs, and no faster than it may."""

    async def test_an_answer_names_what_it_answers(self, scene: Scene) -> None:
        """Also where the next message is there before the answer to the last."""
        self.needs("replies")
        async with scene.bot():
            messages = [await scene.say(text) for text in ("one", "two", "three")]
            answers = await scene.answers(3)
        assert [one.reply_to for one in answers] == messages

    async def test_a_long_text_arrives_whole(self, scene: Scene) -> None:
        """In parts that the platform takes; between two, only white space may be missing."""
        words = [f"{one}word{n}" for n, one in enumerate(CLUSTERS * 5_000)]
        said, pieces = await long_text(scene, words, " ")
        assert len(pieces) > 1
        assert " ".join(pieces).split() == said

    @pytest.mark.parametrize("text", PLAIN)
    async def test_what_looks_like_markup_is_shown_as_it_is(self, scene: Scene, text: str) -> None:
        """Unless it is said to be some, a reader sees just these characters."""
        async with scene.bot() as bot:
            await bot.send(bot.service.room(scene.hall), text)
            await bot.is_done()
        assert [one.text for one in scene.platform.said_by_bot(scene.hall)] == [text]

    async def test_no_character_is_torn(self, scene: Scene) -> None:
        """A text without white space is broken between what a reader sees as characters."""
        said, pieces = await long_text(scene, CLUSTERS * 5_000, "")
        ends = set(accumulate(map(len, said)))
        assert "".join(pieces) == "".join(said)
        assert set(accumulate(map(len, pieces))) <= ends

    async def test_what_is_too_long_is_rejected(self, scene: Scene) -> None:
        """Only what does not fit is: the longest text that the connector promises is taken."""
        self.needs("limits")
        async with scene.bot() as bot:
            room = bot.service.room(scene.hall)
            longest = "x" * bot.capabilities(room).max_length
            await bot.service.send(part(room, longest))
            with pytest.raises(Rejected):
                await bot.service.send(part(room, f"{longest}!"))
        assert [one.text for one in scene.platform.said_by_bot(scene.hall)] == [longest]

    async def test_a_limit_says_how_long_to_wait(self, scene: Scene) -> None:
        """What was too much was surely not sent."""
        self.needs("limits")
        async with scene.bot() as bot:
            await scene.platform.limit_next(PAUSE)
            with pytest.raises(RateLimited) as caught:
                await bot.service.send(part(bot.service.room(scene.hall), "hello"))
        assert PAUSE - 5 <= caught.value.retry_after <= PAUSE + 5
        assert scene.platform.said_by_bot(scene.hall) == []

    async def test_no_limit_is_met(self, tmp_path: Path) -> None:
        """A burst goes out as fast as the platform takes it, and not one message is refused."""
        self.needs("groups", "limits")
        async with self.play(tmp_path, limits=True) as scene, scene.bot() as bot:
            rooms = [scene.platform.add_room(f"Room {n}") for n in range(QUIET)]
            for n, key in enumerate([*[scene.hall] * BUSY, *rooms]):
                await bot.send(bot.service.room(key), f"news {n}")
            async with asyncio.timeout(PATIENCE):
                await bot.is_done()
            said = [len(scene.platform.said_by_bot(key)) for key in (scene.hall, *rooms)]
        assert said == [BUSY, *[1] * QUIET]
        assert scene.platform.limited == 0


async def long_text(
    scene: Scene, units: Sequence[str], between: str
) -> tuple[list[str], list[str]]:
    """Say as many of `units` as do not fit into two messages; what was said, and what arrived."""
    async with scene.bot() as bot:
        room = bot.service.room(scene.hall)
        can, count = bot.capabilities(room), 50
        while can.length(text := between.join(units[:count])) <= 2 * can.max_length:
            count += 50
        await bot.send(room, text)
        await bot.is_done()
    pieces = [one.text for one in scene.platform.said_by_bot(scene.hall)]
    assert all(can.length(piece) <= can.max_length for piece in pieces)
    return list(units[:count]), pieces
