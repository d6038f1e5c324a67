"""Campaigns and subscriptions through the API."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.campaign import Campaign
from bot.errors import ConfigError, TownhallError
from bot.testing.connector import LoopbackService


async def ended(caller, campaign):
    """The progress of a campaign, once it is over."""
    async with asyncio.timeout(20):
        while True:
            progress = await caller.ask("GET", f"/api/campaigns/{campaign}/progress")
            if progress["campaign"]["state"] in ("done", "cancelled"):
                return progress
            await asyncio.sleep(0.02)


async def test_an_order_becomes_a_campaign(calling):
    """It is sent to each of its audience, once."""
    async with calling() as caller:
        order = {"text": "**hi**", "title": "News", "to": ["loopback:a", "loopback:b"]}
        made = await caller.ask("POST", "/api/campaigns", order)
        progress = await ended(caller, made["id"])
    assert Campaign.model_validate(made).title == "News"
    assert progress["counts"] == {"loopback": {"sent": 2}}
    assert [len(LoopbackService.sent[room]) for room in "ab"] == [1, 1]


async def test_the_same_key_is_the_same_campaign(calling):
    """However often it is asked for."""
    async with calling() as caller:
        order = {"text": "hi", "to": ["loopback:a"], "key": "monday"}
        made = [await caller.ask("POST", "/api/campaigns", order) for _ in range(3)]
        await ended(caller, "monday")
    assert len({one["id"] for one in made}) == 1
    assert len(LoopbackService.sent["a"]) == 1


async def test_another_message_needs_another_key(calling):
    """Nobody takes it for sent."""
    async with calling() as caller:
        order = {"text": "hi", "to": ["loopback:a"], "key": "monday"}
        await caller.ask("POST", "/api/campaigns", order)
        for other in ({"text": "bye"}, {"attachments": [{"url": "https://example.org/a.png"}]}):
            with pytest.raises(TownhallError, match="monday says something else"):
                await caller.ask("POST", "/api/campaigns", {**order, **other})
        await ended(caller, "monday")
    assert [part.text for part in LoopbackService.sent["a"]] == ["hi"]


async def test_asked_again_after_its_time_it_is_the_campaign_that_there_is(calling):
    """A program that repeats itself an hour later makes no mistake."""
    soon = (datetime.now(UTC) - timedelta(seconds=30)).isoformat()
    async with calling() as caller:
        order = {"text": "hi", "to": ["loopback:a"], "key": "monday", "at": soon}
        made = await caller.ask("POST", "/api/campaigns", order)
        again = await caller.ask("POST", "/api/campaigns", {**order, "at": "2020-01-31T09:00Z"})
    assert made["id"] == again["id"]


async def test_what_its_state_forbids_is_no_mistake_in_the_request(calling):
    """A program can tell it apart: 409, and for a command another exit status."""
    async with calling(TOWNHALL_HTTP_TOKEN="t0ken") as caller:
        order = {"text": "hi", "to": ["loopback:a"], "draft": True, "key": "k"}
        await caller.ask("POST", "/api/campaigns", order)
        with pytest.raises(TownhallError) as refused:
            await caller.ask("POST", "/api/campaigns/k/pause")
        headers = {"Authorization": "Bearer t0ken"}
        status, _ = await caller.send("POST", "/api/campaigns/k/pause", headers=headers)
    assert status == 409
    assert not isinstance(refused.value, ConfigError)


async def test_a_preview_sends_nothing(calling):
    """It has counts, messages and time."""
    async with calling() as caller:
        order = {"text": "hi", "to": ["loopback:a", "topic:none"]}
        preview = await caller.ask("POST", "/api/campaigns/preview", order)
        assert await caller.ask("GET", "/api/campaigns") == []
    assert preview["counts"] == {"loopback": 1}
    assert preview["parts"]["loopback"][0]["text"] == "hi"
    assert preview["unknown"] == ["topic:none"]
    assert not LoopbackService.sent["a"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"to": ["topic:nwes"]}, "topic:nwes"),
        ({"to": ["irc:x"]}, "irc"),
        ({"to": ["everybody"]}, "everybody"),
        ({"to": []}, "to: "),
        ({"without": ["loopback:a"]}, "nobody is left"),
        ({"text": ""}, "empty"),
        (
            {"at": "2020-01-31T09:00Z"},
            "at: 2020-01-31 09:00 UTC is over.*\n.*none to send it at once",
        ),
        ({"at": "2020-01-31T09:00Z", "draft": True}, "is over"),
        ({"attachments": [{"path": "/etc/passwd"}]}, "not kept here"),
    ],
)
async def test_an_order_that_makes_no_sense_is_refused(calling, change, words):
    """Before anything is stored; it says what is wrong."""
    async with calling() as caller:
        with pytest.raises(ConfigError, match=words):
            await caller.ask(
                "POST", "/api/campaigns", {"text": "hi", "to": ["loopback:a"], **change}
            )
        assert await caller.ask("GET", "/api/campaigns") == []


async def test_a_draft_waits_and_can_be_launched(calling):
    """What its state forbids is refused in words."""
    async with calling() as caller:
        order = {"text": "hi", "to": ["loopback:a"], "draft": True, "key": "k/1"}
        draft = await caller.ask("POST", "/api/campaigns", order)
        assert draft["state"] == "draft"
        with pytest.raises(TownhallError, match="cannot be paused"):
            await caller.ask("POST", "/api/campaigns/k%2F1/pause")
        assert not LoopbackService.sent["a"]
        await caller.ask("POST", f"/api/campaigns/{draft['id']}/launch")
        await ended(caller, draft["id"])
        [one] = await caller.ask("GET", "/api/campaigns/k%2F1/recipients?state=sent")
    assert (one["room"], one["state"]) == ("a", "sent")


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("GET /api/campaigns/none", 404, "no campaign none"),
        ("POST /api/campaigns/none/pause", 404, "no campaign none"),
        ("POST /api/campaigns/none/explode", 404, "nothing here"),
        ("GET /api/campaigns?limit=many", 400, "limit: 'many'"),
        ("POST /api/files", 400, "name: "),
        ("POST /api/files?name=x", 400, "x is empty"),
        ("POST /api/campaigns", 400, "not JSON"),
    ],
)
async def test_a_wrong_request_is_explained(calling, path, status, words):
    """With the status that fits."""
    method, path = path.split()
    async with calling(TOWNHALL_HTTP_TOKEN="t0ken") as caller:
        headers = {"Authorization": "Bearer t0ken"}
        answer = await caller.send(method, path, headers=headers)
        refused = await caller.send(method, path, headers={"Authorization": "Bearer other"})
    assert (answer[0], words in answer[1]["error"]) == (status, True), answer
    assert refused[0] == 401


async def test_a_file_is_given_first_and_then_attached(calling):
    """Byte for byte, under its name alone."""
    async with calling(TOWNHALL_HTTP_TOKEN="t0ken") as caller:
        headers = {"Authorization": "Bearer t0ken"}
        path = "/api/files?name=../../a.txt"
        _, kept = await caller.send("POST", path, headers=headers, data=b"1234")
        order = {"to": ["loopback:a"], "text": "see", "attachments": [kept]}
        made = await caller.ask("POST", "/api/campaigns", order)
        await ended(caller, made["id"])
    [file] = made["content"]["attachments"]
    content = await asyncio.to_thread(Path(file["key"]).read_bytes)
    assert (file["name"], content) == ("a.txt", b"1234")


async def test_addresses_are_put_on_lists_and_taken_off(calling):
    """What is bad is told with its place."""
    async with calling() as caller:
        body = {"topic": "news", "add": ["loopback:a", "nonsense", "loopback:b", "topic:x"]}
        told = await caller.ask("POST", "/api/subscribers", body)
        again = await caller.ask("POST", "/api/subscribers", {"add": ["loopback:a"]})
        assert await caller.ask("GET", "/api/topics") == {"news": 2}
        body = {"topic": "news", "remove": ["loopback:a", "loopback:c", "irc:x"]}
        gone = await caller.ask("POST", "/api/subscribers", body)
        left = await caller.ask("GET", "/api/subscribers?topic=news")
    assert (told["added"], told["known"]) == (2, 0)
    assert [one[:2] for one in told["bad"]] == [[2, "nonsense"], [4, "topic:x"]]
    assert (again["added"], again["known"]) == (0, 1)
    assert (gone["added"], gone["known"], len(gone["bad"])) == (1, 1, 1)
    assert left == [["loopback", "default", "b"]]


async def test_who_adds_and_removes_at_once_is_told_to_ask_twice(calling):
    """The counts of one answer could tell of neither, and nothing is done by halves."""
    async with calling() as caller:
        body = {"add": ["loopback:a"], "remove": ["loopback:b"]}
        with pytest.raises(ConfigError, match="`add` and for `remove` in a request of its own"):
            await caller.ask("POST", "/api/subscribers", body)
        assert await caller.ask("GET", "/api/topics") == {}
        told = await caller.ask("POST", "/api/subscribers", {"add": ["loopback:a"], "remove": []})
    assert told["added"] == 1
