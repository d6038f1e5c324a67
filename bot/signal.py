"""Signals: shown, and not kept."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Self

from bot.events import Event
from bot.memory import Room

if TYPE_CHECKING:
    from bot.runtime import Runtime

TYPING_AFTER = 0.3
"""How long a turn may take before its room is told that an answer is being made, in seconds."""

_under_way: set[asyncio.Task[None]] = set()
"""Signals that are being given; the loop itself holds its tasks only weakly."""


class Typing:
    """Shows that an answer is being made, if it takes long enough to matter."""

    def __init__(self, runtime: Runtime, room: Room) -> None:
        self.runtime, self.room = runtime, room
        self._task: asyncio.Task[None] | None = None

    def __enter__(self) -> Self:
        self._timer = asyncio.get_running_loop().call_later(TYPING_AFTER, self._begin)
        return self

    def __exit__(self, *exc: object) -> None:
        self._timer.cancel()
        if self._task:
            self._task.cancel()

    def _begin(self) -> None:
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
