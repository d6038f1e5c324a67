"""What the tortured bot answers: by its answers one sees what became of each question.

A question is `No. 17: 3 lines`, or `No. 17: 3 lines, with a stamp`. Each line of the answer says
which question and line it is, and which decision it comes from: `[17:2:b3f1]`. So an answer that
was decided twice differs from one that was sent twice.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import signal
import time
from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any

import bot.value
from bot.action import action
from bot.model import Generated, GenerateText, ModelType, ToolCall
from bot.plugin import ModelHandler, Plugin

if TYPE_CHECKING:
    from bot.runtime import Runtime
    from bot.turn import Turn

STAMPS = "stamps"
"""The file beside the database that gets a line for each question that was stamped."""

AGAIN_AFTER = 0.1
"""Seconds after which a stamp is tried again that did not fit on the disk."""

STEP = 240.0
"""Seconds by which SIGUSR1 puts the clock forward, and SIGUSR2 back; with more than 300 some
platforms take our signatures for forged."""

ASKED = re.compile(r"No\. (\d+): (\d+) lines(, with a stamp)?")
FILLING = "and so it was written down by the clerk."
WIDTH = 56
"""About how many characters a line of an answer has."""


def question(number: int, lines: int, *, stamped: bool) -> str:
    """What a person says."""
    return f"No. {number}: {lines} lines{', with a stamp' if stamped else ''}"


def answer(number: int, lines: int) -> str:
    """What the bot says; another text each time that it is decided."""
    decision = secrets.token_hex(2)
    return "\n".join(f"[{number}:{line}:{decision}] {FILLING}" for line in range(lines))


@action
async def stamp(turn: Turn, number: int, lines: int) -> str:
    """Put a stamp on a question, which must not happen twice."""
    folder = Path(str(turn.runtime.get_setting("TOWNHALL_DATABASE"))).parent
    while not _stamped(folder / STAMPS, number):  # noqa: ASYNC110 - a disk does not say when
        await asyncio.sleep(AGAIN_AFTER)
    return answer(number, lines)


def _stamped(stamps: Path, number: int) -> bool:
    try:
        with stamps.open("a") as file:
            file.write(f"{number}\n")
    except OSError:  # the disk is full, and the stamp is not there
        return False
    return True


async def model(asked: GenerateText) -> Generated:
    """Decide what a question asks for."""
    found = ASKED.search(asked.messages[-1].text)
    if not found:
        return Generated(text="What?")
    number, lines = int(found[1]), int(found[2])
    if not found[3]:
        return Generated(text=answer(number, lines))
    arguments = {"number": number, "lines": lines}
    return Generated(calls=(ToolCall(id="1", name=stamp.name, arguments=arguments),))


class SteppingClock(datetime):
    """What the bot takes for the time."""

    ahead = 0.0

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        """See `datetime.now`."""
        return datetime.now(tz) + timedelta(seconds=cls.ahead)


async def _obey_clock_signals(_settings: Mapping[str, Any], _runtime: Runtime) -> None:
    """Nothing that an ordinary user may do steps the clock of one process: we step what it sees."""
    real = time.time

    def step(seconds: float) -> None:
        SteppingClock.ahead += seconds

    bot.value.datetime = SteppingClock  # type: ignore[attr-defined]  # its own import
    time.time = lambda: real() + SteppingClock.ahead
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGUSR1, step, STEP)
    loop.add_signal_handler(signal.SIGUSR2, step, -STEP)


plugin = Plugin(
    "clerk",
    init=_obey_clock_signals,
    actions=(stamp,),
    models=(ModelHandler(ModelType.TEXT_LARGE, model, "clerk", priority=1_000),),
)
