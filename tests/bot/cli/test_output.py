"""What other programs print, as a message shows it."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

import pytest

from bot.cli.output import Output, cleaned, fitted
from bot.content import Content
from bot.discovery import installed_connectors
from bot.render.layout import lay
from bot.web.files import Files


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("\x1b[1;31mred\x1b[0m\n", "red\n"),
        ("\x1b]0;title\x07text", "text"),
        ("10 %\r50 %\r100 %\r\n", "100 %\n"),
        ("a\x00\x07b\tc", "ab\tc"),
        ("plain\r\n", "plain\n"),
    ],
)
def test_a_line_is_what_a_screen_shows_in_the_end(line, wanted):
    """Without colours, and without what was overwritten."""
    assert cleaned(line) == wanted


def output_of(text):
    output = Output(tempfile.TemporaryFile())  # noqa: SIM115 - the test closes it
    output.read(io.BytesIO(text.encode()))
    return output


def shown(platform, fields):
    content = Content(text=fields["text"], markdown=True)
    return [one.text for one in lay(content, installed_connectors()[platform].capabilities)]


@pytest.mark.parametrize("accounts", [("telegram",), ("discord/sales",), ("telegram", "twitter")])
def test_of_long_output_the_end_fits_into_one_message(tmp_path, accounts):
    """On every platform that it goes to; the whole is attached."""
    text = "".join(f"line {n} of `many` ```\n" for n in range(5_000))
    order = {"title": "Tests", "attachments": []}
    output = output_of(text)
    with output._file:
        fields = fitted(output, order, accounts, Files(tmp_path / "db"))
    for account in accounts:
        [message] = shown(account.partition("/")[0], fields)
        assert "line 4999 of" in message
    assert "line 0 of" not in fields["text"]
    [attached] = fields["attachments"]
    assert Path(attached["path"]).read_text() == text


def test_short_output_is_shown_whole(tmp_path):
    """With its lines as they were, and nothing attached."""
    output = output_of("one  1\ntwo  2\n")
    with output._file:
        fields = fitted(
            output, {"title": "", "attachments": []}, ("telegram",), Files(tmp_path / "db")
        )
    assert fields == {"text": "```\none  1\ntwo  2\n```", "markdown": True}


def test_one_line_is_a_text_like_any_other(tmp_path):
    """And is shown as it stands."""
    output = output_of("*done* in 3 s\n")
    with output._file:
        fields = fitted(
            output, {"title": "", "attachments": []}, ("telegram",), Files(tmp_path / "db")
        )
    assert shown("telegram", fields) == ["*done* in 3 s"]


def test_a_line_without_end_takes_little_memory():
    """Only its end is kept at hand."""
    output = output_of("x" * 1_000_000)
    with output._file:
        assert len(output.tail) <= 40_000 + 2**16
        assert not output.is_whole
