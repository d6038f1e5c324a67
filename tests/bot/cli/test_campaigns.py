"""`townhall campaigns`: looking at campaigns, and acting on them."""

from __future__ import annotations

import csv
import io
import json

from tests.bot.cli.test_broadcast import running


async def test_a_campaign_is_looked_at_and_reported(townhall, telegram):
    """By its id or its key: as a table, and as files."""
    async with running(townhall, telegram, "Ada") as [room]:
        wish = ["broadcast", "hi", "--title", "News", "--key", "k", "--to", f"telegram:{room}"]
        await townhall(*wish, "--to", "telegram:999999", "--watch")
        listed = await townhall("campaigns", "list")
        shown = await townhall("campaigns", "show", "k")
        followed = await townhall("campaigns", "show", "k", "--watch")
        data = json.loads((await townhall("campaigns", "show", "k", "--json")).out)
        table = await townhall("campaigns", "export", "k")
        page = await townhall("campaigns", "export", "k", "--format", "html", "-o", "report.html")
        wrong = await townhall("campaigns", "export", "k", "-o", "no/such/folder.csv")
    assert "News" in listed.out
    assert "telegram" in shown.out
    assert "done" in followed.out
    assert data["counts"] == {"telegram": {"sent": 1, "failed": 1}}
    rows = {row["room"]: row["state"] for row in csv.DictReader(io.StringIO(table.out))}
    assert rows == {room: "sent", "999999": "failed"}
    assert (page.code, page.out) == (0, "")
    assert "News" in (townhall.folder / "report.html").read_text()
    assert (wrong.code, "cannot be written" in wrong.err) == (2, True)


async def test_a_campaign_is_paused_resumed_and_cancelled(townhall, telegram):
    """What its state forbids is refused in words."""
    async with running(townhall, telegram, "Ada", "Bob", "Cleo", "Dan") as rooms:
        to = [word for room in rooms for word in ("--to", f"telegram:{room}")]
        await townhall("broadcast", "hi", "--key", "k", "--over", "1h", *to)
        acts = ["pause", "pause", "resume", "cancel"]
        told = [await townhall("campaigns", act, "k") for act in acts]
    assert [one.code for one in told] == [0, 1, 0, 0]
    assert "this campaign is paused" in told[1].err
    assert told[3].out.startswith("cancelled: ")
    assert sum(len(telegram.said_by_bot(room)) for room in rooms) < 4


async def test_a_campaign_is_taken_back(townhall, telegram):
    """Every copy is deleted."""
    async with running(townhall, telegram, "Ada") as [room]:
        await townhall("broadcast", "hi", "--key", "k", "--to", f"telegram:{room}", "--watch")
        retracted = await townhall("campaigns", "retract", "k")
        followed = await townhall("campaigns", "show", "k", "--watch")
        data = json.loads((await townhall("campaigns", "show", "k", "--json")).out)
    assert (retracted.code, followed.code) == (0, 0)
    assert data["counts"] == {"telegram": {"retracted": 1}}


async def test_a_draft_is_launched_without_and_with_a_bot(townhall, telegram):
    """What a command did while none ran is gone on with by the next one that does."""
    room = telegram.add_room(telegram.add_person("Ada"), kind="dm")
    settings = telegram.settings
    to = ["--to", f"telegram:{room}", "--draft", "--key", "k"]
    await townhall("broadcast", "hi", *to, **settings)
    launched = await townhall("campaigns", "launch", "k", **settings)
    assert launched.out.startswith("running: ")
    assert not telegram.said_by_bot(room)
    async with townhall.running("run", "eliza", **settings):
        await telegram.wait_for_answers(room, 1, timeout=30)


async def test_what_is_not_there_is_told(townhall):
    """A campaign, or the whole database, which is not made by looking."""
    missing = await townhall("campaigns", "list")
    assert (missing.code, "there is no database" in missing.err) == (2, True)
    assert not (townhall.folder / "townhall.db").exists()
    await townhall("subscribers", "add", "telegram:1", TELEGRAM_BOT_TOKEN="1:x")
    unknown = await townhall("campaigns", "show", "none")
    assert (unknown.code, unknown.err) == (1, "error: there is no campaign none\n")
