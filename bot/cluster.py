"""The port of "who does what". Liveness only: correctness never rests on it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import AbstractAsyncContextManager
from typing import ClassVar

from bot.value import Value


class Lease(Value):
    """The right to do one piece of work.

    Args:
        name: what the work is, for instance `lanes/7` or `sender/telegram/default`.
        epoch: grows with each holder. A commit under an older epoch is refused by the store.
    """

    name: str
    epoch: int


class Cluster(ABC):
    """Spreads leases over processes and carries wake-ups between them."""

    name: ClassVar[str]

    @abstractmethod
    def lease(self, name: str) -> AbstractAsyncContextManager[Lease]:
        """Wait until `name` is ours and hold it for the block.

        The block is cancelled when the lease is lost.
        """

    @abstractmethod
    async def wake(self, name: str) -> None:
        """Tell the holder of `name` that there is work. It may be lost: the store is the truth."""

    @abstractmethod
    async def wait(self, name: str, timeout: float) -> None:
        """Return when `name` is woken, or after `timeout` seconds."""
