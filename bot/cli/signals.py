"""How a person or a supervisor of processes ends us."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
ENDED_BY_SIGNAL = 130
"""The exit code that shells give for it."""


@contextmanager
def until_signalled() -> Iterator[None]:
    """End the block, and no more, at the first signal; end the process at the second.

    The first cancels what the block awaits, so that everything in it is left in order.
    """
    loop, task, received = asyncio.get_running_loop(), asyncio.current_task(), False
    assert task is not None

    def receive() -> None:
        nonlocal received
        if received:
            os._exit(ENDED_BY_SIGNAL)
        received = True
        task.cancel()

    heeded = [one for one in SIGNALS if signal.getsignal(one) is not signal.SIG_IGN]
    for one in heeded:
        loop.add_signal_handler(one, receive)
    try:
        yield
    except asyncio.CancelledError:
        if not received:
            raise
        task.uncancel()
    finally:
        for one in heeded:
            loop.remove_signal_handler(one)
