"""Text that knows its styles: it can be cut anywhere, and each cut is whole again."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from enum import IntEnum
from itertools import accumulate
from typing import NamedTuple


class Style(IntEnum):
    """How a text is shown."""

    QUOTE = 1
    HEADING = 2
    LINK = 3
    BOLD = 4
    ITALIC = 5
    STRIKE = 6
    CODE = 7
    BLOCK = 8
    """Lines of code."""
    MARKER = 9
    """What stands before an item of a list."""


class Mark(NamedTuple):
    """A style, and what goes with it.

    Args:
        value: a link's address, a block's language, a heading's level.
    """

    style: Style
    value: str = ""


class Run(NamedTuple):
    """A piece of text of one style.

    Args:
        marks: the outermost first.
    """

    text: str
    marks: tuple[Mark, ...] = ()


class Styled:
    """A text as a reader sees it, with its styles."""

    def __init__(self, runs: Iterable[Run]) -> None:
        self.runs = tuple(run for run in runs if run.text)
        self.text = "".join(run.text for run in self.runs)
        self._ends = tuple(accumulate(len(run.text) for run in self.runs))

    def between(self, start: int, end: int) -> list[Run]:
        """What stands between two places of `text`."""
        runs = []
        for index in range(bisect_right(self._ends, start), len(self.runs)):
            run, last = self.runs[index], self._ends[index]
            first = last - len(run.text)
            if first >= end:
                break
            runs.append(run._replace(text=run.text[max(start - first, 0) : end - first]))
        return runs
