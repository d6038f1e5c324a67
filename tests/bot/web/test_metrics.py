"""Metrics: who may read them, and what they say."""

from __future__ import annotations

import asyncio
import re
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from prometheus_client.parser import text_string_to_metric_families

from bot.audience import Audience
from bot.campaign import Campaign, CampaignState
from bot.campaigns import Slice
from bot.content import Content
from bot.errors import ModelError
from bot.metrics import SLOW_SECONDS, Counts
from bot.model import Generated, ModelType
from bot.plugin import ModelHandler, Plugin
from bot.service import Status
from bot.testing.connector import said
from bot.web.metrics import Metrics

TOKEN = "open sesame"


@asynccontextmanager
async def serving(runtime):
    """The address at which the metrics of a bot are."""
    metrics = Metrics(runtime, lambda request: request.headers.get("Authorization") == TOKEN)
    app = web.Application()
    app.add_routes(metrics.routes())
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/metrics"
    finally:
        await runner.cleanup()


async def read(url, token=TOKEN):
    """The status, and all samples, each by its name and labels."""
    headers = {"Authorization": token}
    async with aiohttp.ClientSession(headers=headers) as session, session.get(url) as response:
        text = await response.text()
    if response.status != 200:
        return response.status, text
    families = text_string_to_metric_families(text)
    samples = (sample for family in families for sample in family.samples)
    return 200, Found({(s.name, *sorted(s.labels.items())): s.value for s in samples})


class Found(dict):
    """Samples, to be asked by their names and labels."""

    def __call__(self, name, **labels):
        return self[f"townhall_{name}", *sorted(labels.items())]


@pytest.fixture
async def served(bot):
    async with bot() as runtime, serving(runtime) as url:
        yield runtime, url


async def settled(runtime):
    await runtime.turns.lanes.drain()
    await runtime.outbox.senders["loopback", "default"].drain()


async def test_metrics_want_the_token(served):
    """They tell who the bot speaks to, and how much."""
    _, url = served
    status, text = await read(url, "wrong")
    assert status == 401
    assert "townhall_" not in text


async def test_metrics_tell_what_came_and_left(served):
    """By state; what nothing is in counts zero."""
    runtime, url = served
    await runtime.deliver(said("hello", 1), said("goodbye", 2))
    await settled(runtime)
    _, found = await read(url)
    assert found("events", state="done") == found("parts", state="sent") == 2
    assert found("events", state="dead") == found("parts", state="queued") == 0
    assert found("memories") == 4
    assert found("outbox_rooms", account="loopback", state="queued") == 0
    assert found("turn_rooms") == 0


async def test_metrics_tell_how_long_answers_take(served):
    """Of the newest turns; where there was none, nothing is made up."""
    runtime, url = served
    _, found = await read(url)
    assert ("townhall_turn_seconds", ("quantile", "0.5")) not in found
    await runtime.deliver(said("hello", 1), said("goodbye", 2))
    await settled(runtime)
    _, found = await read(url)
    times = [found("turn_seconds", quantile=one) for one in ("0.5", "0.95", "1")]
    assert 0 <= times[0] <= times[1] <= times[2] < 10


async def test_metrics_tell_how_long_somebody_has_waited(bot):
    """By the event that has waited longest for its turn."""
    answering = asyncio.Event()

    async def slow(_params):
        await answering.wait()
        return Generated(text="Yes?", provider="slow")

    model = Plugin("slow", models=(ModelHandler(ModelType.TEXT_LARGE, slow, "slow"),))
    async with bot(model=model) as runtime, serving(runtime) as url:
        await runtime.deliver(said("hello"))
        _, first = await read(url)
        _, then = await read(url)
        answering.set()
        await settled(runtime)
        _, last = await read(url)
    assert 0 < first("oldest_pending_seconds") < then("oldest_pending_seconds")
    assert first("turn_rooms") == 1
    assert last("oldest_pending_seconds") == 0


async def test_metrics_tell_how_services_fare(served):
    """One of its statuses is 1, the others are 0."""
    _, url = served
    _, found = await read(url)
    fares = [found("service_status", service="loopback", status=one) for one in Status]
    assert dict(zip(Status, fares, strict=True)) == {"up": 1, "degraded": 0, "down": 0}
    assert found("service_restarts_total", service="loopback") == 0


async def test_metrics_tell_of_campaigns(served):
    """Which state each is in, and its recipients."""
    runtime, url = served
    campaign = Campaign(content=Content(text="News"), audience=("loopback:lobby",))
    audience = Audience(named=(("loopback", "default", "lobby"),))
    async with runtime.store.commit() as c:
        c.put_campaign(campaign)
        c.freeze(campaign.id, audience, Slice(ordinal=1, source="named", is_last=True))
    _, found = await read(url)
    name = str(campaign.id)
    states = [found("campaign_state", campaign=name, state=one) for one in CampaignState]
    assert states == [1, 0, 0, 0, 0, 0]
    assert found("campaign_recipients", campaign=name, account="loopback", state="queued") == 1


async def test_metrics_tell_what_platforms_told(served):
    """By kind; what they tell again, too."""
    runtime, url = served
    await runtime.deliver(said("hello"))
    await runtime.deliver(said("hello"))
    _, found = await read(url)
    assert found("told_total", account="loopback", kind="message") == 2
    assert found("events", state="pending") + found("events", state="done") == 1


async def test_metrics_tell_what_came_of_asking_models(bot):
    """One is out, so the next one answers."""

    async def out(_params):
        raise ModelError("out of credit")

    asked = Plugin("out", models=(ModelHandler(ModelType.TEXT_LARGE, out, "out", 1),))
    async with bot(asked) as runtime, serving(runtime) as url:
        await runtime.deliver(said("hello"))
        await settled(runtime)
        _, found = await read(url)
    for provider, outcome in (("out", "failed"), ("parrot", "answered")):
        labels = {"model": "text_large", "provider": provider, "outcome": outcome}
        assert found("model_calls_total", **labels) == 1


async def test_what_takes_long_to_count_is_counted_seldom():
    """A large ledger is not held up by whoever collects metrics."""

    class Large:
        asked = 0

        async def counts(self):
            self.asked += 1
            await asyncio.sleep(SLOW_SECONDS * 1.5)
            return {"memories": self.asked}

    counts = Counts(Large())
    assert [await counts.read() for _ in range(3)] == [{"memories": 1}] * 3


async def test_a_store_that_is_gone_is_no_zero(bot):
    """Whoever collects metrics sees that there are none."""
    async with bot() as runtime, serving(runtime) as url:
        await runtime.store.__aexit__()
        status, text = await read(url)
        await runtime.store.__aenter__()
    assert status == 503
    assert "closed" in text


async def test_every_metric_is_described(served):
    """The page names all of them, and none that there is not."""
    _, url = served
    page = (Path(__file__).parents[3] / "docs" / "metrics.md").read_text()
    async with aiohttp.ClientSession(headers={"Authorization": TOKEN}) as session:
        text = await (await session.get(url)).text()
    told = set(re.findall(r"^# TYPE (townhall_\w+)", text, re.MULTILINE))
    assert told == set(re.findall(r"^\| `(townhall_\w+)`", page, re.MULTILINE))
