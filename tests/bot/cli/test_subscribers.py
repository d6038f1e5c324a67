"""`townhall subscribers`: who is on the list of a topic."""

from __future__ import annotations

import json

TELEGRAM = {"TELEGRAM_BOT_TOKEN": "1:x"}


async def test_a_list_is_read_in_with_its_bad_lines(townhall):
    """Each is told with its number; the good ones are taken, and those that are there counted."""
    (townhall.folder / "list.csv").write_text(
        "name,address\nAda,telegram:1\nBob,nonsense\nCleo,telegram:2\nDan,\nEve,telegram:1\n"
    )
    first = await townhall("subscribers", "import", "list.csv", **TELEGRAM)
    again = await townhall("subscribers", "import", "list.csv", "--json", **TELEGRAM)
    topics = await townhall("subscribers", "list", "--json", **TELEGRAM)
    assert first.code == 1
    assert "list.csv:3: 'nonsense' is nobody" in first.err
    assert "list.csv:5: it has no address" in first.err
    assert first.out == "2 subscribed to news, 1 there before, 2 bad lines\n"
    assert [json.loads(again.out)[name] for name in ("added", "known")] == [0, 3]
    assert json.loads(topics.out) == {"topics": {"news": 2}}


async def test_addresses_are_added_removed_and_listed(townhall):
    """To the topic that is named."""
    topic = ("--topic", "tag:vip")
    added = await townhall("subscribers", "add", "telegram:1", "telegram:-2", *topic, **TELEGRAM)
    removed = await townhall("subscribers", "remove", "telegram:1", "irc:5", *topic, **TELEGRAM)
    listed = await townhall("subscribers", "list", "tag:vip", **TELEGRAM)
    assert (added.code, added.out) == (0, "2 subscribed, 0 there before, 0 bad\n")
    assert (removed.code, removed.out) == (1, "1 removed, 0 not there, 1 bad\n")
    assert "irc:5" in removed.err
    assert listed.out == "telegram:-2\n"


async def test_a_file_that_cannot_be_read_is_named(townhall):
    """And so is a topic that can be none."""
    missing = await townhall("subscribers", "import", "none.csv", **TELEGRAM)
    assert (missing.code, "none.csv" in missing.err) == (2, True)
    (townhall.folder / "bare.csv").write_text("telegram:1\n")
    bare = await townhall("subscribers", "import", "bare.csv", **TELEGRAM)
    assert (bare.code, "bare.csv:1" in bare.err) == (2, True)
    topic = await townhall("subscribers", "add", "telegram:1", "--topic", "a b", **TELEGRAM)
    assert (topic.code, "topic" in topic.err) == (2, True)
