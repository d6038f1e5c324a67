"""Durations, quiet hours and orders, as people write them."""

from __future__ import annotations

import pytest

from bot.errors import TownhallError
from bot.web.files import Files
from bot.web.orders import Order
from bot.web.words import quiet_hours, seconds


@pytest.mark.parametrize(
    ("text", "wanted"), [("90", 90), ("1.5", 1.5), ("90s", 90), ("1H30m", 5400), ("2d", 172_800)]
)
def test_a_duration_is_read(text, wanted):
    """In seconds, or with its units."""
    assert seconds(text) == wanted


@pytest.mark.parametrize("text", ["", "soon", "-5", "1x", "h", "1e999"])
def test_what_is_no_duration_is_named(text):
    """With an example of one."""
    with pytest.raises(ValueError, match="1h30m"):
        seconds(text)


def test_quiet_hours_have_a_zone():
    """UTC where none is named."""
    assert quiet_hours("22:00-07:00@Europe/Berlin")["zone"] == "Europe/Berlin"
    assert quiet_hours("22:00-07:00")["zone"] == "UTC"


@pytest.mark.parametrize("text", ["22-7", "late", "22:00-07:00@Nowhere", "22:00-07:00@../etc"])
def test_what_are_no_quiet_hours_is_named(text):
    """With an example of some."""
    with pytest.raises(ValueError, match="Europe/Berlin"):
        quiet_hours(text)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"text": "hi"}, "to: "),
        ({"text": "hi", "to": []}, "to: "),
        ({"to": ["all"]}, "message is empty"),
        ({"text": "hi", "too": ["all"]}, "to: "),
        ({"text": "hi", "to": ["all"], "buton": []}, "no field 'buton'"),
        ({"text": "hi", "to": ["all"], "over": "soon"}, "over: 'soon'"),
        ({"text": "hi", "to": ["all"], "over": -1}, "over: "),
        ({"text": "hi", "to": ["all"], "quiet": "late"}, "quiet: 'late'"),
        ({"text": "hi", "to": ["all"], "at": "2030-01-31T09:00"}, "at: .*timezone"),
        ({"text": "hi", "to": ["all"], "at": "tomorrow"}, "at: "),
        ({"text": "hi", "to": ["all"], "priority": "reply"}, "priority: "),
        ({"text": "hi", "to": ["all"], "buttons": [{"label": "x"}]}, "url or a value"),
        (
            {"text": "hi", "to": ["all"], "buttons": [{"label": "x", "url": "javascript:1"}]},
            "https://",
        ),
        ({"text": "hi", "to": ["all"], "attachments": [{"url": "file:///etc/passwd"}]}, "https://"),
        ({"text": "hi", "to": ["all"], "attachments": [{}]}, "url or a path"),
    ],
)
def test_a_wrong_order_names_the_field(given, words):
    """In plain words."""
    with pytest.raises(TownhallError, match=words):
        Order.of(given)


def test_a_headline_is_shown_as_it_stands(tmp_path):
    """It never becomes markup."""
    order = Order.of({"title": "*Now* [x](y)", "text": "**hi**", "to": ["all"]})
    assert order.content(Files(tmp_path / "db")).text == "# \\*Now\\* \\[x\\]\\(y\\)\n\n**hi**"


def test_only_files_that_were_given_to_us_are_attached(tmp_path):
    """The API reads no other file of the machine."""
    files = Files(tmp_path / "db")
    (tmp_path / "secret.txt").write_text("secret")
    kept = files.add(tmp_path / "secret.txt")
    told = {"text": "hi", "to": ["all"]}
    content = Order.of({**told, "attachments": [{"path": str(kept)}]}).content(files)
    assert [(one.name, one.holder) for one in content.attachments] == [("secret.txt", "file")]
    for path in (tmp_path / "secret.txt", files.folder / ".." / "secret.txt", files.folder):
        with pytest.raises(TownhallError, match="not kept here"):
            Order.of({**told, "attachments": [{"path": str(path)}]}).content(files)


def test_the_same_file_is_kept_once(tmp_path):
    """With a name of its own for each content, so that none is overwritten."""
    files, one = Files(tmp_path / "db"), tmp_path / "report.txt"
    one.write_text("first")
    first = files.add(one)
    assert files.add(one) == first
    one.write_text("second")
    assert files.add(one) != first
    assert first.read_text() == "first"
    assert sorted(p.name for p in files.folder.rglob("*.txt")) == ["report.txt", "report.txt"]
