"""The story of what leaves: whose copy it is, what it waits for, and what it does."""

from __future__ import annotations

import pytest

from bot.cli.ledger import page, record
from bot.content import Content, Verb
from bot.errors import Rejected, Unavailable
from bot.ledger import why
from bot.memory import Room
from bot.records import EventState, Step, StepState
from bot.stores.sqlite import SqliteStore
from bot.testing.connector import LoopbackService, said
from tests.bot.services.test_campaign_acts import DONE, running, until
from tests.bot.test_desk_campaigns import put_off

ROOM = Room(platform="loopback", account="default", key="a")


def lines(stories):
    """As a person reads them."""
    return [line.plain for line in page.stories(stories)]


async def test_a_copy_tells_its_campaign_and_all_that_was_tried(bot):
    """With what was sent anew and what took it back, whichever of them is asked about."""
    async with running(bot, "a") as (runtime, service):
        LoopbackService.outcomes.append(Rejected("no"))
        campaign = await service.broadcast("hello", "topic:news", key="k4", title="News")
        await until(service, campaign, DONE, failed=1)
        await service.retry_failed(campaign.id)
        await until(service, campaign, DONE, sent=1)
        await service.retract(campaign.id)
        await until(service, campaign, DONE, retracted=1)
        [one] = await service.recipients(campaign.id)
        told = [await why(runtime.store, str(delivery)) for delivery in one.tried]
    [story] = told[0]
    verbs = [reply.delivery.content.verb for reply in story.replies]
    assert verbs == [Verb.SAY, Verb.SAY, Verb.DELETE]
    assert all(more.replies == story.replies for [more] in told)
    assert sum(f"campaign k4  {campaign.id}  News" in line for line in lines([story])) == 3
    shown = record.story(story)["replies"][0]["campaign"]
    assert shown == {"id": campaign.id, "key": "k4", "title": "News"}


async def test_what_waits_says_behind_what(bot):
    """The delivery that holds up its room, and why that one does not leave."""
    async with running(bot) as (runtime, _):
        LoopbackService.outcomes.extend([Unavailable("no such host")] * 99)
        first = await runtime.send(ROOM, Content(text="first"))
        await put_off(runtime)
        second = await runtime.send(ROOM, Content(text="second"))
        [story] = await why(runtime.store, str(second))
        LoopbackService.outcomes.clear()
    [told] = [line for line in lines([story]) if line.startswith("waits")]
    assert f"behind 1 in its room, first delivery {first}" in told
    assert told.endswith("no such host")
    assert record.story(story)["replies"][0]["behind"] == [first]


@pytest.mark.parametrize(("verb", "text"), [(Verb.DELETE, ""), (Verb.EDIT, "better")])
async def test_an_edit_and_a_deletion_tell_what_they_are_about(bot, verb, text):
    """In a list and in a story, for people and for programs."""
    async with running(bot) as (runtime, _):
        delivery = await runtime.send(ROOM, Content(text="first"))
        await runtime.drain()
        memory = (await runtime.store.delivery(delivery)).memory
        change = await runtime.send(ROOM, Content(text=text, verb=verb, target=memory))
        await runtime.drain()
        [out] = await runtime.store.parts(change)
        stories = await why(runtime.store, str(change))
    about = f"[{verb} {out.part.target}] {text}"
    assert any(about in line for line in lines(stories))
    assert any(about in line.plain for line in page.parts([out], 1))
    assert (record.part(out)["verb"], record.part(out)["target"]) == (verb, out.part.target)


async def test_a_turn_that_was_begun_runs(tmp_path):
    """It does not wait any more."""
    event = said("hello")
    async with SqliteStore(tmp_path / "townhall.db") as store:
        async with store.commit() as c:
            ticket = c.accept(event, EventState.PENDING)
        before = lines(await why(store, event.key))
        async with store.commit() as c:
            c.step(ticket.seq, Step(ordinal=0, kind="action", name="pay", state=StepState.STARTED))
        after = lines(await why(store, event.key))
    assert any(line.startswith("waits") for line in before)
    assert not any(line.startswith("waits") for line in after)
    assert any(line.startswith("running     since ") for line in after)
