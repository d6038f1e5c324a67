"""What the platforms told on a day on which all happens that can."""

from __future__ import annotations

import asyncio
import os
import random

import pytest

from tests.specifications import discord_day, telegram_day, twitter_day
from tests.specifications.recorder import Recorder

OK = 200
FEW = 3
"""How many payloads of a kind are kept from the morning, and from the evening."""


@pytest.fixture
def chance(request):
    """Draws what is told, as Hypothesis would: always the same where `CI` is set."""
    given = request.config.getoption("hypothesis_seed", None)
    drawn = 0 if "CI" in os.environ else random.randrange(2**32)
    seed = drawn if given is None else given
    print(f"the same again: --hypothesis-seed={seed}")  # shown where a test fails
    return random.Random(str(seed))


@pytest.fixture(scope="session")
def discord_told():
    """Pairs of an event's name and its payload."""
    return _varied(asyncio.run(discord_day.play(Recorder())), lambda one: one[0])


@pytest.fixture(scope="session")
def telegram_told(tmp_path_factory):
    """Pairs of nothing and an update."""
    recorder = Recorder()
    asyncio.run(telegram_day.play(recorder, tmp_path_factory.mktemp("files")))
    polls = [one.answer for one in recorder.exchanges if one.path.lower().endswith("/getupdates")]
    updates = [update for poll in polls if poll.get("ok") for update in poll["result"]]
    return _varied([("", update) for update in updates], _fields)


@pytest.fixture(scope="session")
def x_told():
    """Pairs of what is read (`posts` or `messages`), and one of it with what comes along."""
    recorder = Recorder()
    asyncio.run(twitter_day.play(recorder))
    # What the connector asks for comes with who said it.
    pages = [one for one in recorder.exchanges if "expansions" in one.query and one.status == OK]
    items = [
        (kind, {"item": item, "includes": page.answer.get("includes")})
        for page in pages
        if (kind := _kind(page.path)) and isinstance(page.answer, dict)
        for item in page.answer.get("data") or ()
    ]
    return _varied(items, lambda one: (one[0], *sorted(one[1]["item"])))


def _kind(path):
    if path.endswith(("/mentions", "/search/recent", "/tweets")):
        return "posts"
    return "messages" if path.endswith("/dm_events") else None


def _fields(told):
    objects = {name: one for name, one in told[1].items() if isinstance(one, dict)}
    return tuple((name, *sorted(one)) for name, one in objects.items())


class Told(list):
    """What was told; too much of it to be shown where a test fails."""

    def __repr__(self):
        return f"{len(self)} payloads"


def _varied(told, kind):
    """Some of each kind."""
    kinds = {}
    for one in told:
        kinds.setdefault(kind(one), []).append(one)
    return Told(one for many in kinds.values() for one in (*many[:FEW], *many[FEW:][-FEW:]))
