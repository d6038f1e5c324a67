"""Hooks: who is let in, and what is said."""

from __future__ import annotations

import asyncio
import hmac
import io
import json

import pytest

from bot.testing.connector import LoopbackService
from tests.bot.web.test_templates import ALERTS, ISSUE

SECRET = "correct horse"


def hook(name, template=None, to="loopback:ops"):
    """The settings of a hook."""
    found = {f"TOWNHALL_HOOK_{name}": SECRET, f"TOWNHALL_HOOK_{name}_TO": to}
    return found | ({f"TOWNHALL_HOOK_{name}_TEMPLATE": template} if template else {})


async def said(count=1):
    """What was said in the room, once it was so much."""
    async with asyncio.timeout(20):
        while len(LoopbackService.sent["ops"]) < count:  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.02)
    return [part.text for part in LoopbackService.sent["ops"]]


SHOWN = [
    {"headers": {"Authorization": f"Bearer {SECRET}"}},
    {"headers": {"X-Townhall-Secret": SECRET}},
    {"params": {"secret": SECRET}},
]


@pytest.mark.parametrize("shown", SHOWN)
async def test_whoever_shows_the_secret_is_heard(calling, shown):
    """In a header, or in the address where nothing else can be set."""
    async with calling(**hook("CI")) as caller:
        status, told = await caller.send("POST", "/notify/ci", data="Backup *done*", **shown)
        assert (status, await said()) == (200, ["Backup *done*"])
        campaign = await caller.ask("GET", f"/api/campaigns/{told['campaign']}")
    assert (campaign["by"], campaign["title"]) == ("hook/ci", "hook ci")


@pytest.mark.parametrize(
    "shown",
    [
        {},
        {"headers": {"Authorization": "Bearer wrong"}},
        {"headers": {"X-Townhall-Secret": ""}},
        {"params": {"secret": "é"}},
        {"headers": {"X-Hub-Signature-256": "sha256=00", "X-Townhall-Secret": SECRET}},
    ],
)
async def test_nobody_else_is(calling, shown):
    """Also not with a wrong signature and the right secret."""
    async with calling(**hook("CI")) as caller:
        status, told = await caller.send("POST", "/notify/ci", data="hi", **shown)
        assert (status, "show the secret" in told["error"]) == (401, True)
        assert await caller.ask("GET", "/api/campaigns") == []


async def test_github_signs_what_it_sends(calling):
    """A delivery that comes again is said once; what was changed on the way is not heard."""
    body = json.dumps(ISSUE).encode()
    signature = hmac.new(SECRET.encode(), body, "sha256").hexdigest()
    headers = {
        "X-GitHub-Event": "issues",
        "X-GitHub-Delivery": "72d3162e",
        "X-Hub-Signature-256": f"sha256={signature}",
        "Content-Type": "application/json",
    }
    async with calling(**hook("REPO", "github")) as caller:
        answers = [
            await caller.send("POST", "/notify/repo", data=data, headers=headers)
            for data in (body, body, body + b" ")
        ]
        assert [status for status, _ in answers] == [200, 200, 401]
        assert answers[0] == answers[1]
        await said()
        await caller.runtime.outbox.senders["loopback", "default"].drain()
    [text] = await said()
    assert text.startswith("ada/engine: issues #7 opened: [free]")


async def test_a_repeated_alert_is_said_once(calling):
    """Its end is said, too."""
    resolved = ALERTS | {"status": "resolved"}
    async with calling(**hook("AM", "alertmanager")) as caller:
        for body in (ALERTS, ALERTS, resolved):
            assert (await caller.send("POST", "/notify/am", json=body, **SHOWN[0]))[0] == 200
        texts = await said(2)
    assert sorted(text.partition(":")[0] for text in texts) == ["FIRING", "RESOLVED"]


async def test_a_template_of_ones_own_names_its_fields(calling):
    """What is missing is named to the caller."""
    settings = hook("MY-JOB".replace("-", "_"), "**{job.name}** ended: {job.code}")
    async with calling(**settings) as caller:
        good, bad = {"job": {"name": "_a_", "code": 0}}, {"job": {}}
        assert (await caller.send("POST", "/notify/my-job", json=good, **SHOWN[0]))[0] == 200
        status, told = await caller.send("POST", "/notify/my-job", json=bad, **SHOWN[0])
        assert await said() == ["_a_ ended: 0"]
    assert (status, told["error"]) == (400, "the body has no field 'job.name'")


@pytest.mark.parametrize(
    ("path", "data", "status", "words"),
    [
        ("/notify/none", "{}", 404, "no such hook"),
        ("/notify/ci_to", "{}", 404, "no such hook"),
        ("/notify/ci%2F..", "{}", 404, "no such hook"),
        ("/notify/ci", "{", 400, "not JSON"),
        ("/notify/ci", "[]", 400, "'alerts'"),
        ("/notify/ci", io.BytesIO(b"x" * (2**20 + 1)), 413, "larger than"),
        ("/notify/lost", "{}", 400, "TOWNHALL_HOOK_LOST_TO is not set"),
    ],
)
async def test_a_wrong_call_is_explained(calling, path, data, status, words):
    """With the status that fits."""
    settings = {**hook("CI", "grafana"), "TOWNHALL_HOOK_LOST": SECRET}
    async with calling(**settings) as caller:
        found, told = await caller.send("POST", path, data=data, **SHOWN[0])
    assert (found, words in told["error"]) == (status, True), told


async def test_the_secret_of_a_hook_is_kept_out_of_the_log(calling):
    """Once the hook was called."""
    async with calling(**hook("CI")) as caller:
        await caller.send("POST", "/notify/ci", data="hi", **SHOWN[0])
        assert SECRET in caller.runtime.settings.secrets()


async def test_a_body_that_does_not_come_is_not_waited_for(calling, monkeypatch):
    """Whoever sends half of it keeps a connection from others."""
    monkeypatch.setattr("bot.web.hooks.BODY_SECONDS", 0.2)

    async def half():
        yield b"Backup"
        await asyncio.Event().wait()

    async with calling(**hook("CI")) as caller, asyncio.timeout(10):
        status, told = await caller.send("POST", "/notify/ci", data=half(), **SHOWN[0])
    assert (status, "did not come" in told["error"]) == (408, True)
