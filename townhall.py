"""The command `townhall`, which ends quietly at Ctrl-C from its first moment on.

What a bot is made of takes a while to import, and all of it comes with the first module of `bot`:
so this one is none of them.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

ENDED_BY_SIGNAL = 130
"""The exit code that shells give for it."""


def main() -> None:
    """Run the command line."""
    with _ended_by_ctrl_c():
        from bot.cli import app
    try:
        app(prog_name="townhall")
    except KeyboardInterrupt:
        sys.exit(ENDED_BY_SIGNAL)


@contextmanager
def _ended_by_ctrl_c() -> Iterator[None]:
    """End at once in the block: extensions that are being imported may choke on an exception."""
    before = signal.getsignal(signal.SIGINT)
    if before is signal.default_int_handler:  # otherwise it is ignored, as with nohup
        signal.signal(signal.SIGINT, lambda *_: os._exit(ENDED_BY_SIGNAL))
    yield
    signal.signal(signal.SIGINT, before)


if __name__ == "__main__":
    main()
