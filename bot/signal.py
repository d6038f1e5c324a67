"""Signals: shown, and not kept."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Self

from bot.memory import Room

if TYPE_CHECKING:
    from bot.runtime import Runtime

TYPING_AFTER = 0.3
"""How long a turn may take before its room is told that an answer is being made, in seconds."""


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
        seconds = connector.capabilities.typing_seconds if connector else None
        while connector and seconds:
            try:
                await connector.typing(self.room)
            except Exception as error:  # noqa: BLE001 - a signal that fails does not matter
                self.runtime.logger.debug("typing failed", room=self.room.key, error=str(error))
            await asyncio.sleep(seconds)
