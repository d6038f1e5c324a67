"""What the reader types, key by key, while the screen is ours."""

from __future__ import annotations

import asyncio
import codecs
import os
import re
import sys
import termios
from collections.abc import Callable, Iterator
from contextlib import contextmanager

ESCAPES = re.compile(r"\x1b(\[[0-9;?]*[ -/]*[@-~]|O.|.)?")
"""What arrows and other keys send; we have no use for them."""
ENTER, RUBOUT, CLEAR, LEAVE = "\r\n", "\x7f\b", "\x15", "\x03\x04"


class Prompt:
    """One line of input.

    Args:
        submit: told of each finished line.
        leave: called on Ctrl-C and Ctrl-D.

    Attributes:
        text: what is typed so far.
    """

    def __init__(self, submit: Callable[[str], None], leave: Callable[[], None]) -> None:
        self.text = ""
        self._submit, self._leave = submit, leave

    def feed(self, typed: str) -> None:
        """Take some keys."""
        for key in ESCAPES.sub("", typed):
            if key in ENTER:
                line, self.text = self.text.strip(), ""
                self._submit(line)
            elif key in RUBOUT:
                self.text = self.text[:-1]
            elif key == CLEAR:
                self.text = ""
            elif key in LEAVE:
                self._leave()
            elif key.isprintable():
                self.text += key


@contextmanager
def keyboard(feed: Callable[[str], None]) -> Iterator[None]:
    """Hand every key to `feed` for the block; the terminal is as before at its end."""
    terminal, loop = _opened(sys.stdin.fileno()), asyncio.get_running_loop()
    decode = codecs.getincrementaldecoder("utf-8")(errors="ignore").decode

    def read() -> None:
        typed = os.read(terminal, 1024)
        feed(decode(typed) if typed else LEAVE)  # nothing to read: the terminal is gone

    before = termios.tcgetattr(terminal)
    ours = termios.tcgetattr(terminal)
    ours[3] &= ~(termios.ICANON | termios.ECHO | termios.ISIG)
    termios.tcsetattr(terminal, termios.TCSADRAIN, ours)
    loop.add_reader(terminal, read)
    try:
        yield
    finally:
        loop.remove_reader(terminal)
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)
        os.close(terminal)


def _opened(terminal: int) -> int:
    """The same terminal, opened anew where that can be done.

    The loop reads without blocking, and what is shown is to block where the terminal is slow.
    """
    try:
        return os.open(os.ttyname(terminal), os.O_RDONLY | os.O_NOCTTY)
    except OSError:  # it has no name here, as in some containers
        return os.dup(terminal)
