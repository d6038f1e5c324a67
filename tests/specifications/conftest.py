"""The platforms' own specifications, where they are at hand, and a record of what is said."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from .botapi import BotApi
from .openapi import OpenApi
from .recorder import Recorder

SPECIFICATIONS = Path(__file__).parents[3] / "shared" / "specs"


def read(name):
    """One of them; the tests that need it are skipped where it is not."""
    file = SPECIFICATIONS / f"{name}.json"
    if not file.exists():
        pytest.skip("the platforms' specifications are not in ../shared/specs")
    return orjson.loads(file.read_bytes())


@pytest.fixture(scope="session")
def discord_api():
    return OpenApi(read("discord-openapi"))


@pytest.fixture(scope="session")
def telegram_api():
    return BotApi(read("telegram-bot-api"))


@pytest.fixture(scope="session")
def x_api():
    return OpenApi(read("x-openapi"))


@pytest.fixture
async def recorder():
    return Recorder()
