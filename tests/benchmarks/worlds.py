"""The bot that is measured."""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import structlog

from bot import Plugin, action
from bot.action import Action
from bot.character import Character
from bot.connector import Connector
from bot.events import Deliver, Event, EventKind
from bot.runtime import Runtime
from bot.settings import Layer, Settings
from bot.stores.sqlite import SqliteStore

PATIENT = 1_000_000
"""How many messages a minute of one person are answered at once: here, one person says it all."""


@action
async def echo(turn, text: str = "") -> str:
    """Say it again. Like most actions it does not claim that it may be run twice."""
    return text


@action(name="echo", idempotent=True)
async def echo_again(turn, text: str = "") -> str:
    """Say it again; may be run twice, which spares a commit."""
    return text


def make_bot(
    database: Path,
    connectors: Mapping[str, type[Connector]],
    *actions: Action,
    settings: Mapping[str, Any] | None = None,
) -> Runtime:
    """A bot on `connectors`, quiet on the log."""
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    return Runtime(
        Character(name="Eliza", connectors=tuple(connectors), flood=PATIENT),
        settings=Settings([Layer("benchmark", settings or {})]),
        store=SqliteStore(database),
        plugins=[Plugin(name="benchmark", actions=actions)],
        connectors=connectors,
    )


class Tally:
    """Counts events on their way in, until there are as many as are expected."""

    def __init__(self, expected: int) -> None:
        self.all: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._left = expected

    def begin(self) -> float:
        """The clock, now. What was prepared is left out of the garbage collector's rounds."""
        gc.collect()
        gc.freeze()
        return time.perf_counter()

    def count(self, events: int) -> None:
        """So many came."""
        self._left -= events
        if self._left <= 0 and not self.all.done():
            self.all.set_result(None)

    async def deliver(self, deliver: Deliver, *events: Event) -> None:
        """Deliver events, and count those that people caused."""
        await deliver(*events)
        self.count(sum(event.kind is EventKind.MESSAGE for event in events))

    async def settle(self, bot: Runtime) -> None:
        """Return when all are stored and nothing is left to do about them."""
        await self.all
        await bot.turns.lanes.drain()
        for sender in bot.outbox.senders.values():
            await sender.drain()
