"""A command on a leash: `python -m bot.cli.demo.leash run eliza` ends with whoever started it.

Its standard input is a pipe that nobody writes to. When the process that holds the other end is
gone, however it ended, the system closes the pipe, and we see its end.
"""

from __future__ import annotations

import os
import threading

from bot.cli import app

LEFT_ALONE = 1
"""The exit code then; nobody is there to see it."""


def _follow() -> None:
    while os.read(0, 1):
        pass
    os._exit(LEFT_ALONE)  # as a power cut: what is stored is enough


if __name__ == "__main__":
    # A daemon, because nothing wakes it when the command ends by itself.
    threading.Thread(target=_follow, daemon=True).start()
    app(prog_name="townhall")
