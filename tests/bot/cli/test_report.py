"""Reports of campaigns: what each kind says, and what none of them shows."""

from __future__ import annotations

import csv
import json
import tracemalloc
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from io import StringIO

import pytest

from bot.campaign import Campaign, CampaignState, Progress, Recipient
from bot.cli.report import Kind, write
from bot.cli.report.tally import MOST_NAMED, Timeline
from bot.content import Content

NINE = datetime(2026, 3, 1, 9, tzinfo=UTC)
SECRET = "hunter2"
CAMPAIGN = Campaign(
    content=Content(text="<script>alert(1)</script>\nIt's here."),
    audience=("topic:news", f"apprise:json://ann:{SECRET}@example.org/x"),
    state=CampaignState.DONE,
    started_at=NINE,
)


def recipient(place=1, state="sent", **fields):
    """One of the campaign's recipients, a second after the one before."""
    at = NINE + timedelta(seconds=place)
    fields = {"platform": "telegram", "account": "default", "room": f"-100{place}", **fields}
    return Recipient(place=place, campaign=CAMPAIGN.id, state=state, since=at, **fields)


THREE = [
    recipient(1, messages=("7", "8")),
    recipient(2, "failed", reason="<b>blocked</b> \x1b[31m", account="sales"),
    recipient(3, "skipped", platform="apprise", room=f"json://ann:{SECRET}@example.org/x"),
]
COUNTS = {"telegram": {"sent": 1}, "telegram/sales": {"failed": 1}, "apprise": {"skipped": 1}}
PROGRESS = Progress(campaign=CAMPAIGN, counts=COUNTS, waits={"telegram": "quiet <hours>"})


async def pages(recipients, size=2):
    for place in range(0, len(recipients), size):
        yield recipients[place : place + size]


async def report(kind, recipients=THREE, progress=PROGRESS):
    file = StringIO(newline="")
    await write(kind, CAMPAIGN, progress, pages(recipients), file)
    return file.getvalue()


class Page(HTMLParser):
    """What a browser would find: the text, and whatever it would have to fetch."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.words, self.fetched = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.fetched += [v for name, v in attributes if name in ("src", "href", "srcset", "data")]

    def handle_data(self, data):
        self.words.append(data)


async def test_csv_has_a_line_for_each_recipient():
    """Under names of columns, with what a program needs to go on."""
    rows = list(csv.DictReader(StringIO(await report("csv"))))
    assert [one["room"] for one in rows] == ["-1001", "-1002", "json://…"]
    assert [one["state"] for one in rows] == ["sent", "failed", "skipped"]
    assert (rows[0]["messages"], rows[1]["account"]) == ("7 8", "telegram/sales")
    assert rows[0]["delivery"] == str(THREE[0].delivery)
    assert datetime.fromisoformat(rows[0]["since"]) == THREE[0].since


async def test_json_is_one_object():
    """The campaign and its figures, then the recipients; also where there are none."""
    found = json.loads(await report("json"))
    assert found["progress"]["campaign"]["id"] == str(CAMPAIGN.id)
    assert found["progress"]["counts"] == COUNTS
    assert [one["messages"] for one in found["recipients"]] == [["7", "8"], [], []]
    assert json.loads(await report("json", []))["recipients"] == []


async def test_the_table_names_accounts_states_and_reasons():
    """Control characters in what a platform said are spelt out."""
    text = await report("table")
    assert "telegram/sales" in text
    assert "<b>blocked</b> \\x1b[31m" in text
    assert "\x1b" not in text


async def test_the_page_needs_nothing_else():
    """No script, no picture, no style from elsewhere; what people wrote is text in it."""
    page = Page(await report("html"))
    assert page.fetched == []
    assert not {"script", "link", "img", "iframe", "b"} & set(page.tags)
    assert "url(" not in "".join(page.words)
    text = " ".join(page.words)
    for words in ("<script>alert(1)</script>", "<b>blocked</b>", "quiet <hours>"):
        assert words in text


async def test_the_page_plots_deliveries_by_account():
    """A bar for each length of time and account, that says what it stands for."""
    sent = [recipient(place, platform=("discord", "telegram")[place % 2]) for place in range(600)]
    page = Page(await report("html", sent))
    assert page.tags.count("rect") == 2 * 40
    assert "01 Mar 09:00:15 to 01 Mar 09:00:30, discord: 7" in page.words


async def test_a_page_of_nothing_says_so():
    """A draft has a report, too."""
    draft = Progress(campaign=CAMPAIGN)
    assert "Nothing has been sent yet." in await report("html", [], draft)
    assert await report("table", [], draft)


@pytest.mark.parametrize("kind", Kind)
async def test_no_report_shows_the_secrets_of_an_address(kind):
    """An Apprise URL holds a password; of it only the scheme is shown."""
    text = await report(kind)
    assert SECRET not in text
    assert "json://" in text


async def test_the_first_who_did_not_get_it_are_named():
    """And it is said that there are more."""
    failed = [recipient(place, "failed", reason=f"why {place}") for place in range(2_000)]
    text = " ".join(Page(await report("html", failed)).words)
    assert "Who did not get it: 2,000" in text
    assert f"-100{MOST_NAMED - 1} " in text
    assert f"-100{MOST_NAMED} " not in text
    assert "other reasons" in text


@pytest.mark.parametrize("kind", [Kind.CSV, Kind.JSON, Kind.HTML])
async def test_memory_does_not_grow_with_the_recipients(kind):
    """They are written as they come."""

    class Nowhere(StringIO):
        def write(self, text):
            return len(text)

    async def many():
        for start in range(0, 20_000, 1_000):
            yield [recipient(place) for place in range(start, start + 1_000)]

    tracemalloc.start()
    await write(kind, CAMPAIGN, PROGRESS, many(), Nowhere())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 12 * 2**20


def test_long_campaigns_are_counted_in_longer_steps():
    """Nothing is left out, and there are few enough bars."""
    timeline = Timeline()
    for hour in range(1_000):
        timeline.add("telegram", NINE + timedelta(hours=hour))
    bars = timeline.within(96)["telegram"]
    assert timeline.step == 86_400
    assert sum(bars.values()) == 1_000
    assert len(bars) == 43
