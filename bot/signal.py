"""Signals: shown, and not kept."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Self

from bot.events import Event
from bot.memory import Room

if TYPE_CHECKING:
    from bot.runtime import Runtime

TYPING_AFTER = 0.3
"""How long a turn may take before its room is told that an answer is being made, in seconds."""

_under_way: set[asyncio.Task[None]] = set()
"""Signals that are being given; the loop itself holds its tasks only weakly."""


class Patience:
    """Notices which turns take long. All have equally much time, so that one timer does for all."""

    def __init__(self) -> None:
        self._turns: deque[Typing] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def watch(self, turn: Typing) -> None:
        """Let a turn that has just begun know when it has taken long."""
        self._turns.append(turn)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_at(turn.due, self._look)

    def _look(self) -> None:
        loop, turns = asyncio.get_running_loop(), self._turns
        now = loop.time()
        while turns and (turns[0].is_over or turns[0].due <= now):
            turns.popleft().begin()
        self._timer = loop.call_at(turns[0].due, self._look) if turns else None


class Typing:
    """Shows that an answer is being made, if it takes long enough to matter.

    Args:
        limit: what ends the turn; it is armed when it does.
        seconds: how long the turn may take in all.
    """

    def __init__(
        self,
        runtime: Runtime,
        room: Room,
        patience: Patience,
        limit: asyncio.Timeout,
        seconds: float,
    ) -> None:
        self.runtime, self.room = runtime, room
        self.is_over = False
        self._patience, self._limit, self._seconds = patience, limit, seconds
        self._task: asyncio.Task[None] | None = None

    def __enter__(self) -> Self:
        self.due = asyncio.get_running_loop().time() + TYPING_AFTER
        self._patience.watch(self)
        return self

    def __exit__(self, *exc: object) -> None:
        self.is_over = True
        if self._task:
            self._task.cancel()

    def begin(self) -> None:
        """Show it from now on, unless the answer is there."""
        if not self.is_over:
            self._limit.reschedule(self.due - TYPING_AFTER + self._seconds)
            self._task = asyncio.create_task(self._keep_on())

    async def _keep_on(self) -> None:
        connector = self.runtime.connector(self.room)
        sender = self.runtime.outbox.sender(self.room)
        seconds = connector.capabilities.typing_seconds if connector else None
        while connector and sender and seconds:
            try:
                if sender.spares(self.room):
                    await connector.typing(self.room)
            except Exception as error:  # noqa: BLE001 - a signal that fails does not matter
                self.runtime.logger.debug("typing failed", room=self.room.key, error=str(error))
            await asyncio.sleep(seconds)


def dismiss(runtime: Runtime, event: Event) -> None:
    """Let the platform stop showing that we think about `event`, which is not answered."""
    connector = runtime.connector(event.room) if event.room else None
    if connector is None:
        return

    async def forget() -> None:
        try:
            await connector.dismiss(event)
        except Exception as error:  # noqa: BLE001 - a signal that fails does not matter
            runtime.logger.debug("dismissal failed", key=event.key, error=str(error))

    task = asyncio.create_task(forget())
    _under_way.add(task)
    task.add_done_callback(_under_way.discard)
