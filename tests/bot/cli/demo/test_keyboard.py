"""What the reader of the demo types."""

from __future__ import annotations

import pytest

from bot.cli.demo.keyboard import Prompt


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("hello\r", "hello"),
        ("helpo\x7f\x7flo\r", "hello"),
        ("nonsense\x15hello\r", "hello"),
        ("he\x1b[A\x1b[1;5Cllo\x1bOP\r", "hello"),
        ("grüße 👋\n", "grüße 👋"),
    ],
)
def test_keys_make_a_line(typed: str, line: str) -> None:
    """Arrows and the like are left out."""
    lines: list[str] = []
    Prompt(lines.append, lambda: None).feed(typed)
    assert lines == [line]


@pytest.mark.parametrize("key", ["\x03", "\x04"])
def test_two_keys_leave(key: str) -> None:
    """Ctrl-C and Ctrl-D."""
    left: list[bool] = []
    Prompt(lambda _: None, lambda: left.append(True)).feed(key)
    assert left
