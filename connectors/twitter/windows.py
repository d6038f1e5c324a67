"""How often X's endpoints may still be asked, as its headers said, across restarts too."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from http import HTTPStatus
from typing import Self

import structlog
from pydantic import TypeAdapter, ValidationError

from bot.errors import RateLimited, StoreError
from bot.race import meanwhile
from bot.value import Value
from connectors.twitter.clock import fast
from connectors.twitter.purse import Notes

NAMES = ("x-rate-limit", "x-app-limit-24hour", "x-user-limit-24hour")
"""How the headers of each window begin (docs.x.com/x-api/fundamentals/rate-limits)."""

PAUSE = 60.0
"""Seconds to wait after a 429 that does not say how long."""

ROUNDING = 2.0
"""Seconds by which the date of an answer differs from our time though both clocks are right."""

SOON = 1.0
"""Seconds to wait after a 429 whose window is open again by now."""

LONGEST = 86_400.0
"""Seconds; the longest window that docs.x.com/x-api/fundamentals/rate-limits names is a day."""

NOTE, NOTE_SECONDS = "windows", 1.0
"""What the note is called, and the least time between two writings of it."""

logger = structlog.get_logger("connectors.twitter")


class Window(Value):
    """How often one endpoint may still be asked.

    Args:
        left: how many requests.
        reset: when it opens anew, by `time.time()`.
    """

    left: int
    reset: float

    @property
    def wait(self) -> float:
        """Seconds until it is surely open anew."""
        # X counts in whole seconds, so that it may open up to a second after the one it names.
        return min(max(self.reset + 1 - time.time(), 0.0), LONGEST)


Endpoints = dict[str, dict[str, Window]]
_ENDPOINTS = TypeAdapter(Endpoints)


class Windows:
    """What is known of every endpoint.

    Attributes:
        changed: set when that differs so much from what was dumped that it is worth keeping.
    """

    def __init__(self) -> None:
        self.changed = asyncio.Event()
        self._known: Endpoints = {}
        self._dumped: Endpoints = {}
        self._on_the_way: Counter[str] = Counter()

    @classmethod
    def load(cls, text: str | None) -> Self:
        """What `dump` wrote; what is no dump is as good as nothing."""
        windows = cls()
        try:
            windows._known = _ENDPOINTS.validate_json(text or "{}")
        except ValidationError:
            logger.warning("the rate windows of x that were kept cannot be read")
        return windows

    def dump(self) -> str:
        """All windows that are not over."""
        self._known = {
            endpoint: running
            for endpoint, known in self._known.items()
            if (running := {name: one for name, one in known.items() if one.wait})
        }
        self._dumped = {endpoint: dict(known) for endpoint, known in self._known.items()}
        self.changed.clear()
        return _ENDPOINTS.dump_json(self._known).decode()

    @contextmanager
    def asking(self, endpoint: str) -> Iterator[None]:
        """A request is on its way for the length of the block.

        Raises:
            RateLimited: X would refuse it, so it is not to be made.
        """
        if wait := self._wait(endpoint):
            raise RateLimited(f"X: {endpoint} is used up for {wait:.0f} s", retry_after=wait)
        self._on_the_way[endpoint] += 1
        try:
            yield
        finally:
            self._on_the_way[endpoint] -= 1

    def note(self, endpoint: str, status: int, headers: Mapping[str, str]) -> None:
        """Learn from an answer."""
        told = read(headers)
        if status == HTTPStatus.TOO_MANY_REQUESTS and all(one.left for one in told.values()):
            told["pause"] = Window(left=0, reset=time.time() + PAUSE - 1)
        before = self._dumped.get(endpoint, {})
        if any(_is_news(before.get(name), one) for name, one in told.items()):
            self.changed.set()
        self._known[endpoint] = {**self._known.get(endpoint, {}), **told}

    def _wait(self, endpoint: str) -> float:
        busy = self._on_the_way[endpoint]
        running = [one for one in self._known.get(endpoint, {}).values() if one.wait]
        if any(one.left <= busy for one in running):
            # Those on their way may take what is left: a second shows what they did.
            return max((one.wait for one in running if one.left == 0), default=1.0)
        return 0.0


def read(headers: Mapping[str, str]) -> dict[str, Window]:
    """The windows that an answer tells of, by the beginning of their headers.

    X names times of its own clock, and ours may be minutes off.
    """
    ahead = fast(headers)
    ahead = ahead if abs(ahead) > ROUNDING else 0.0
    told = {
        name: (headers.get(f"{name}-remaining"), headers.get(f"{name}-reset")) for name in NAMES
    }
    return {
        name: Window(left=int(left), reset=float(reset) + ahead)
        for name, (left, reset) in told.items()
        if left and reset and _is_number(left) and _is_number(reset)
    }


def wait(headers: Mapping[str, str], *, untold: float) -> float:
    """Seconds until every window that an answer calls used up is open again.

    Args:
        untold: what it is if the answer calls none so.
    """
    used = [one.wait for one in read(headers).values() if one.left == 0]
    return max([SOON, *used]) if used else untold


@asynccontextmanager
async def kept(notes: Notes) -> AsyncIterator[Windows]:
    """The windows that a note holds, which follows them for the length of the block."""
    windows = Windows.load(await notes.note(NOTE))
    try:
        async with meanwhile(_follow(windows, notes)):
            yield windows
    finally:
        if windows.changed.is_set():
            await _write(windows, notes)


async def _follow(windows: Windows, notes: Notes) -> None:
    while True:
        await windows.changed.wait()
        await _write(windows, notes)
        await asyncio.sleep(NOTE_SECONDS)


async def _write(windows: Windows, notes: Notes) -> None:
    try:
        await notes.keep(NOTE, windows.dump())
    except StoreError as error:
        logger.debug("the rate windows of x are not stored", why=str(error))


def _is_news(before: Window | None, now: Window) -> bool:
    """Whether it is another window, or a tenth of what was left is gone, or all of it."""
    if before is None or before.reset != now.reset:
        return True
    return now.left < before.left and now.left <= 0.9 * before.left


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal()
