"""A bot that dies at any moment between two commits goes on from what is stored."""

from __future__ import annotations

import re
from itertools import count

import pytest

from bot.stores.sqlite import SqliteStore

ROOMS = ("one", "two", "three", "four")
LONG = " ".join(f"word{n}" for n in range(12))
TEXTS = ("hello", "look", LONG)
ANSWERS = f"helloI looked.{LONG}"
ASKED = re.compile(r", time \d+")
"""What the model adds: it may be asked again, until its answer is stored."""


async def deaths(live, tmp_path, side, texts):
    """The folder of each life that ended at another commit, after the life that came next."""
    for number in count(1):
        folder = tmp_path / str(number)
        folder.mkdir()
        if not await live(folder, f"{side} commit {number}", *texts):
            assert number > len(texts)
            return
        assert not await live(folder, "nowhere", *texts)
        yield folder


def lines(folder, name):
    file = folder / name
    return file.read_text().splitlines() if file.exists() else []


@pytest.mark.parametrize("side", ["before", "after"])
async def test_at_whatever_commit_it_dies_all_is_said_once_and_in_order(live, tmp_path, side):
    """Each answer arrives whole, though the platform tells everything again."""
    async for folder in deaths(live, tmp_path, side, TEXTS):
        said = "".join(lines(folder, "sent"))
        assert ASKED.sub("", said) == ANSWERS


@pytest.mark.parametrize("side", ["before", "after"])
async def test_at_whatever_commit_it_dies_it_pays_at_most_once(live, tmp_path, side):
    """Where nobody knows whether it paid, the event is ambiguous, and what follows is answered."""
    async for folder in deaths(live, tmp_path, side, ("pay", "hello")):
        async with SqliteStore(folder / "townhall.db", read_only=True) as store:
            ambiguous = (await store.counts()).get("events.ambiguous", 0)
        sent = lines(folder, "sent")
        assert sum(line.startswith("paid") for line in lines(folder, "done")) <= 1
        assert sum(line.startswith("You paid") for line in sent) == 1 - ambiguous
        assert sent[-1].startswith("hello")


@pytest.mark.parametrize("side", ["before", "after"])
async def test_at_whatever_commit_it_dies_a_campaign_reaches_everybody_once(live, tmp_path, side):
    """Its audience, and who got it, are in the store; asked again, it is the same campaign."""
    async for folder in deaths(live, tmp_path, side, ("announce",)):
        news = [line for line in lines(folder, "sent") if line.startswith("News")]
        assert sorted(news) == sorted(f"News to {room}" for room in ROOMS), folder.name
