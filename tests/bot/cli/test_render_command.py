"""`townhall render`: a text as each platform would show it."""

from __future__ import annotations

import json

TEXT = "# News\n\nWe **open** at [nine](https://example.org).\n"


async def test_each_platform_shows_its_own(townhall):
    """With what it loses."""
    (townhall.folder / "news.md").write_text(TEXT)
    result = await townhall("render", "news.md")
    assert result.code == 0
    assert "<b>open</b>" in result.out
    assert "We **open** at" in result.out
    assert "! links are written out" in result.out
    for platform in ("discord", "telegram", "twitter"):
        assert f"{platform}: 1 message" in result.out


async def test_one_platform_is_shown_to_programs(townhall):
    """From standard input, too; a long text is split."""
    text = TEXT + "word " * 120
    result = await townhall("render", "-", "--platform", "twitter", "--json", stdin=text)
    found = json.loads(result.out)
    assert list(found) == ["twitter"]
    assert len(found["twitter"]["parts"]) == 3
    assert "split into 3 messages" in found["twitter"]["losses"]


async def test_a_mistake_is_told(townhall):
    """What there is not, and what is empty."""
    (townhall.folder / "empty.md").write_text(" \n")
    (townhall.folder / "news.md").write_text(TEXT)
    for arguments, words in (
        (["none.md"], "none.md"),
        (["empty.md"], "nothing to show"),
        (["news.md", "--platform", "irc"], "there is no platform irc"),
    ):
        result = await townhall("render", *arguments)
        assert (result.code, words in result.err) == (2, True), result
