"""What all tests share."""

from __future__ import annotations

from functools import partial

import pytest

from bot.character import Character
from bot.errors import Unconfirmed
from bot.model import Generated, ModelType
from bot.plugin import ModelHandler, Plugin
from bot.runtime import Runtime
from bot.settings import Layer, Settings
from bot.stores.sqlite import SqliteStore
from bot.testing.connector import LoopbackService


async def parrot(params):
    """A model that says what it heard, in capitals."""
    return Generated(text=params.messages[-1].text.upper(), provider="parrot")


PARROT = Plugin(name="parrot", models=(ModelHandler(ModelType.TEXT_LARGE, parrot, "parrot"),))


def pytest_collection_modifyitems(items):
    """What is marked as long begins first."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


def make_bot(path, *plugins, settings=None, model=PARROT, **character):
    """A bot on the loopback platform, with a database at `path`."""
    LoopbackService.reset()
    return Runtime(
        Character(**{"name": "Eliza", "connectors": ("loopback",), **character}),
        settings=Settings([Layer("test", settings or {})]),
        store=SqliteStore(path),
        plugins=(model, *plugins),
        connectors={"loopback": LoopbackService},
        discover=False,
    )


@pytest.fixture
def bot(tmp_path):
    """Make bots, all on one database."""
    return partial(make_bot, tmp_path / "townhall.db")


@pytest.fixture
def hides(monkeypatch):
    """A platform that cannot tell whether a part arrived, and an account that holds such parts."""

    async def find(_self, part):
        raise Unconfirmed("nobody knows")

    monkeypatch.setattr(LoopbackService, "find", find)
    monkeypatch.setattr(LoopbackService, "on_ambiguous", "hold")
