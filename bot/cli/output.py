"""What other programs print: cleaned, and cut to the tail that fits into a message."""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

from bot.capabilities import Capabilities
from bot.content import Attachment, Content
from bot.discovery import installed_connectors
from bot.errors import ConfigError
from bot.render.layout import lay
from bot.web.files import LARGEST_FILE, Files
from bot.web.words import literal

CODES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
"""ECMA-48's sequences: colours, moves, titles."""
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
TAIL = 20_000
"""So many characters of the end are kept in memory: no platform shows more in one message."""
NAME = "output.txt"
"""What the whole is called, where it is attached."""


class Output:
    """A text that may be long: all of it in a file, the end of it at hand.

    Attributes:
        tail: the end.
        is_whole: whether that is all.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self.tail, self.is_whole = "", True
        self._file = file

    @classmethod
    @contextmanager
    def of(cls, message: str) -> Iterator[Output | None]:
        """What standard input says, where there is no message or it is `-`; otherwise None.

        Raises:
            ConfigError: there is none of both.
        """
        if message not in ("", "-"):
            yield None
            return
        if sys.stdin.isatty() and not message:
            raise ConfigError("there is no message", fix="Give one, or pipe it in: date | …")
        with tempfile.TemporaryFile() as file:
            output = cls(file)
            output.read(sys.stdin.buffer)
            if not output.tail.strip():
                raise ConfigError("the message is empty: standard input said nothing")
            yield output

    def read(self, source: IO[bytes]) -> None:
        """Take in all of `source`."""
        end, size = list[str](), 0
        while piece := source.readline(2**16):
            line = cleaned(piece.decode("utf-8", "replace"))
            self._file.write(line.encode())
            end.append(line)
            size += len(line)
            if size > 2 * TAIL:
                end, size, self.is_whole = ["".join(end)[-TAIL:]], TAIL, False
        self.tail = "".join(end).rstrip()

    def kept(self, files: Files) -> dict[str, str] | None:
        """The whole as an attachment; None where it is too large for any platform."""
        if self._file.tell() > LARGEST_FILE:
            return None
        self._file.seek(0)
        with files.new(NAME) as kept:
            while piece := self._file.read(2**20):
                kept.write(piece)
        return {"path": str(kept.path)}


def cleaned(line: str) -> str:
    """A line as it is on a screen in the end: without colours, and without what was overwritten."""
    text, newline = line.rstrip("\r\n"), "\n" if line.endswith("\n") else ""
    return CONTROLS.sub("", CODES.sub("", text).rpartition("\r")[2]) + newline


def fitted(
    output: Output, order: dict[str, Any], accounts: tuple[str, ...], files: Files
) -> dict[str, Any]:
    """The fields of an order that say what fits into one message of each account.

    What does not is cut off at its beginning, and the whole is attached.
    """
    kinds = installed_connectors()
    platforms = {account.partition("/")[0] for account in accounts} & set(kinds)
    limits = [kinds[name].capabilities for name in platforms]
    title = order["title"]
    if output.is_whole and _fits(_content(output.tail, title), limits):
        return _said(output.tail)
    whole = output.kept(files)
    attached = [*order["attachments"], whole] if whole else order["attachments"]
    file = Attachment(key=NAME, name=NAME, holder="file") if whole else None
    low, high = 1, len(output.tail)
    while low < high:
        middle = (low + high + 1) // 2
        fits = _fits(_content(_end(output.tail, middle), title, file), limits)
        low, high = (middle, high) if fits else (low, middle - 1)
    return {**_said(_end(output.tail, low)), "attachments": attached}


def _end(text: str, length: int) -> str:
    """The last characters, from the beginning of a line if there is one among them."""
    end = text[-length:]
    first, newline, rest = end.partition("\n")
    return f"…\n{rest}" if newline and rest.strip() else f"…{first}"


def _said(text: str) -> dict[str, Any]:
    """Several lines stand as they were printed; one is a text like any other."""
    if "\n" not in text:
        return {"text": literal(text), "markdown": True}
    runs = re.findall(r"`+", text)
    fence = "`" * max(3, *(len(run) + 1 for run in runs), 3)
    return {"text": f"{fence}\n{text}\n{fence}", "markdown": True}


def _content(text: str, title: str, file: Attachment | None = None) -> Content:
    head = f"# {literal(title)}\n\n" if title else ""
    files = (file,) if file else ()
    return Content(text=head + _said(text)["text"], markdown=True, attachments=files)


def _fits(content: Content, limits: list[Capabilities]) -> bool:
    return all(len(lay(content, one)) == 1 for one in limits)
