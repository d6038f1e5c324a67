"""Addresses out of files, with the lines that hold none."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from bot.cli.rows import rows
from bot.errors import ConfigError


def read(name, text):
    return [(r.number, r.address, r.why) for r in rows(Path(name), io.StringIO(text, newline=""))]


def test_a_plain_file_has_an_address_in_each_line():
    """Empty lines and remarks are left out, and counted."""
    text = "telegram:1\n\n# friends\n  discord:2  \n"
    assert read("list.txt", text) == [(1, "telegram:1", ""), (4, "discord:2", "")]


def test_csv_has_a_column_of_addresses():
    """Or says platform, account and room apart; other columns are nobody's business."""
    assert read("a.csv", "Name,Address\nAda,telegram:1\n") == [(2, "telegram:1", "")]
    apart = "platform,room,account\ntelegram,1,\ndiscord,2,sales\n"
    assert [one[1] for one in read("a.csv", apart)] == ["telegram:1", "discord/sales:2"]


def test_jsonl_has_an_object_or_a_text_in_each_line():
    """What is neither is told with its number."""
    text = '"telegram:1"\n{"platform": "discord", "room": 2}\n{"address": ""}\n[]\n{\n'
    found = read("a.jsonl", text)
    assert [one[:2] for one in found] == [
        (1, "telegram:1"),
        (2, "discord:2"),
        (3, ""),
        (4, ""),
        (5, ""),
    ]
    assert all(why for _, address, why in found if not address)


def test_csv_without_a_header_is_a_mistake():
    """It says what the header should be."""
    with pytest.raises(ConfigError, match=r"a\.csv:1.*\n.*address"):
        read("a.csv", "telegram:1\n")


def test_a_short_line_of_csv_is_bad_and_the_next_is_read():
    """One line is one line."""
    assert [one[1] for one in read("a.csv", "name,address\nAda\nBob,telegram:2\n")] == [
        "",
        "telegram:2",
    ]
