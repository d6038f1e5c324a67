"""The terminal as a platform: one room, one person, a line is a message.

Where a person sits at it, the last line is a prompt: an answer takes its place and puts it below.
"""

from __future__ import annotations

import asyncio
import getpass
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from typing import IO, TYPE_CHECKING
from uuid import uuid4

from bot.capabilities import Capabilities
from bot.connector import Connector
from bot.content import Content
from bot.errors import Rejected, StoreFull
from bot.events import Deliver, Event, EventKind
from bot.memory import Entity, Room, RoomKind
from bot.part import Part, Receipt
from bot.retry import pause
from bot.service import Status
from bot.value import now

if TYPE_CHECKING:
    from bot.runtime import Runtime

CLEAR = "\r\x1b[K"
"""Takes the line away that the cursor is in: ECMA-48, EL."""


class TerminalService(Connector):
    """Talks to whoever sits here.

    Args:
        source: the descriptor of the file that lines come from: standard input.
        target: where answers go instead of standard output.
    """

    service_type = platform = "terminal"
    capability_description = "Talks to the person at this terminal."
    ends = True
    capabilities = Capabilities(max_length=100_000, concurrency=1)

    def __init__(
        self,
        runtime: Runtime,
        account: str = "default",
        *,
        source: int = 0,
        target: IO[str] | None = None,
    ) -> None:
        super().__init__(runtime, account)
        self.here = Room(platform="terminal", account=account, key="here", kind=RoomKind.DM)
        self._source, self._target, self._prompt = source, target, ""

    async def listen(self, deliver: Deliver) -> None:
        """Deliver line by line; returns once the input has ended and all of it is stored."""
        lines: asyncio.Queue[str | None] = asyncio.Queue()
        loop = asyncio.get_running_loop()

        def put(line: str | None) -> None:
            loop.call_soon_threadsafe(lines.put_nowait, line)

        # A daemon, because nothing can wake a thread that waits for somebody to type.
        threading.Thread(target=_read, args=(self._source, put), daemon=True).start()
        self.report(Status.UP)
        with self._prompting():
            while (line := await lines.get()) is not None:
                self._ask()
                if line.strip():
                    await self._keep(deliver, self._event(line.rstrip("\r\n")))

    async def send(self, part: Part) -> Receipt:
        """Print it."""
        try:
            self._print(f"{CLEAR if self._prompt else ''}{part.text}\n{self._prompt}")
        except OSError as error:
            raise Rejected(f"the terminal is gone: {error}") from error
        return Receipt(message=uuid4().hex)

    @contextmanager
    def _prompting(self) -> Iterator[None]:
        """Ask for words in the block, if a person sees it and answers."""
        target = self._target or sys.stdout
        if not (os.isatty(self._source) and target.isatty()):
            yield
            return
        self._prompt = f"{_person().name}> "
        self._ask()
        try:
            yield
        finally:
            self._prompt = ""
            with suppress(OSError):
                self._print("\n")  # what comes after it has a line of its own

    def _ask(self) -> None:
        if self._prompt:
            with suppress(OSError):  # then the terminal is gone, and the input will end, too
                self._print(f"{CLEAR}{self._prompt}")

    def _print(self, text: str) -> None:
        print(text, end="", file=self._target, flush=True)

    async def _keep(self, deliver: Deliver, event: Event) -> None:
        """Deliver until it is stored: nobody will type it again."""
        for tries in count(1):
            try:
                await deliver(event)
            except StoreFull as error:
                self.report(Status.DEGRADED, str(error))
                await asyncio.sleep(pause(tries))
            else:
                self.report(Status.UP)
                return

    def _event(self, text: str) -> Event:
        key = uuid4().hex  # the same line, said again or after a restart, is another message
        return Event(
            kind=EventKind.MESSAGE,
            platform=self.platform,
            account=self.account,
            ids=(key,),
            at=now(),
            room=self.here,
            sender=_person(),
            content=Content(text=text),
            message=key,
            addressed=True,
        )


def _read(source: int, put: Callable[[str | None], object]) -> None:
    # RuntimeError: the loop has closed while we waited, and nobody listens any more.
    with suppress(RuntimeError):
        # A file of our own: the interpreter, when it exits, waits for who reads its `sys.stdin`.
        with open(source, errors="replace", closefd=False) as typed:
            for line in typed:
                put(line)
        put(None)


def _person() -> Entity:
    name = "you"
    with suppress(KeyError, OSError):  # a container may run as a user without a name
        name = getpass.getuser()
    return Entity(platform="terminal", key=name, name=name, username=name)
