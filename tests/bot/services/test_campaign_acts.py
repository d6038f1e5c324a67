"""Nothing that is done to a campaign, in whatever order, sends twice or loses somebody."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from datetime import time

import pytest

from bot.campaign import CampaignState, Quiet, RecipientState
from bot.desk import Desk
from bot.errors import Rejected, TownhallError, Unconfirmed
from bot.memory import Room
from bot.part import Priority
from bot.services.notification import NotificationService, plugin
from bot.services.notification.control import SKIP_THE_REST, TAKE_BACK
from bot.testing.connector import LoopbackService

DAYS = 86_400.0
DONE, PAUSED = CampaignState.DONE, CampaignState.PAUSED
LONG = "word " * 600
"""Two messages of the loopback platform."""


def texts():
    """What was said to whom, in order."""
    return [(key, part.text) for key, parts in LoopbackService.sent.items() for part in parts]


@asynccontextmanager
async def running(bot, *rooms):
    async with bot(plugin) as runtime:
        service = runtime.get_service(NotificationService)
        for key in rooms:
            room = Room(platform="loopback", account="default", key=key)
            await service.subscribe(room)
        yield runtime, service


async def until(service, campaign, state=None, **counts):
    """Wait until a campaign is in a state, and has these counts."""
    async with asyncio.timeout(20):
        while True:
            told = await service.progress(campaign.id)
            have = told.counts.get("loopback", {})
            if (state in (None, told.campaign.state)) and (not counts or counts == have):
                return told
            await asyncio.sleep(0.01)


async def sent(service, **terms):
    """A campaign that is done."""
    campaign = await service.broadcast("hello", "topic:news", **terms)
    await until(service, campaign, DONE)
    return campaign


async def change(runtime, campaign, **changes):
    """A campaign as another process might have left it."""
    found = await runtime.store.campaign(campaign.id)
    async with runtime.store.commit() as c:
        c.put_campaign(found.model_copy(update=changes))


@pytest.fixture
def gate(monkeypatch):
    """Opened, it lets messages through that are no answers; three may be on the wire."""
    opened, send = asyncio.Event(), LoopbackService.send

    async def held(service, part):
        if part.priority is not Priority.REPLY:
            await opened.wait()
        return await send(service, part)

    monkeypatch.setattr(LoopbackService, "send", held)
    few = LoopbackService.capabilities.model_copy(update={"concurrency": 3})
    monkeypatch.setattr(LoopbackService, "capabilities", few)
    return opened


async def test_a_cancel_that_was_cut_short_is_finished(bot):
    """Whoever still waits is skipped when the next process starts."""
    async with running(bot, *"abcde") as (runtime, service):
        campaign = await service.broadcast("hello", "topic:news", over=DAYS)
        await until(service, campaign, sent=1, queued=4)
    async with runtime.store:
        state = CampaignState.CANCELLED
        await change(runtime, campaign, state=state, sweeps=(SKIP_THE_REST,))
    async with running(bot) as (_, service):
        await until(service, campaign, CampaignState.CANCELLED, sent=1, skipped=4)
        assert texts() == []


async def test_a_retraction_that_was_cut_short_is_finished(bot):
    """It goes on at the place where it was."""
    async with running(bot, *"abc") as (runtime, service):
        campaign = await sent(service)
    async with runtime.store:
        first, _ = await runtime.store.places(campaign.id)
        left = TAKE_BACK.model_copy(update={"after": first + 1})
        running_again = {"state": CampaignState.RUNNING, "retracting": True}
        await change(runtime, campaign, **running_again, sweeps=(left,))
    async with running(bot) as (_, service):
        await until(service, campaign, DONE, sent=1, retracted=2)


async def test_what_arrives_during_a_retraction_is_taken_back(bot, gate):
    """It was on the wire when the campaign was retracted."""
    async with running(bot, *"abcdef") as (_, service):
        campaign = await service.broadcast("hello", "topic:news")
        await until(service, campaign, sending=6)
        await service.pause(campaign.id)
        await until(service, campaign, PAUSED, queued=3, sending=3)
        await service.retract(campaign.id)
        gate.set()
        await until(service, campaign, DONE, skipped=3, retracted=3)


async def test_nobody_gets_what_was_retracted(bot):
    """Those who failed are not tried again, neither during a retraction nor after."""
    async with running(bot, "a", "b") as (_, service):
        LoopbackService.outcomes.append(Rejected("no"))
        campaign = await sent(service)
        await service.retract(campaign.id)
        with pytest.raises(TownhallError, match="was retracted"):
            await service.retry_failed(campaign.id)
        await until(service, campaign, DONE, failed=1, retracted=1)
        with pytest.raises(TownhallError, match="was retracted"):
            await service.retry_failed(campaign.id)


async def test_what_arrived_of_a_message_is_not_said_again(bot):
    """A retry goes on with the part that failed."""
    async with running(bot, "a") as (_, service):
        LoopbackService.outcomes.extend([None, Rejected("no")])
        campaign = await service.broadcast(LONG, "topic:news")
        await until(service, campaign, DONE, failed=1)
        await service.retry_failed(campaign.id)
        await until(service, campaign, DONE, sent=1)
        assert "".join(text for _, text in texts()).split() == LONG.split()
        [one] = await service.recipients(campaign.id)
        assert len(one.messages) == 2


async def test_half_a_message_is_taken_back(bot):
    """Who got only some of it failed, and keeps nothing of it."""
    async with running(bot, "a") as (_, service):
        LoopbackService.outcomes.extend([None, Rejected("no")])
        campaign = await service.broadcast(LONG, "topic:news")
        await until(service, campaign, DONE, failed=1)
        await service.retract(campaign.id)
        await until(service, campaign, DONE, retracted=1)


async def test_pausing_and_resuming_hurries_nobody(bot):
    """What is spread over days is not sent at once by starting it again and again."""
    async with running(bot, *"abcde") as (_, service):
        campaign = await service.broadcast("hello", "topic:news", over=DAYS)
        await until(service, campaign, sent=1, queued=4)
        for _ in range(3):
            await service.pause(campaign.id)
            await service.resume(campaign.id)
            await asyncio.sleep(0.1)
        await service.pause(campaign.id)
        await until(service, campaign, PAUSED, sent=1, queued=4)


async def test_two_addresses_of_one_room_get_one_message_in_spite_of_a_pause(
    bot, gate, monkeypatch
):
    """What was withdrawn and sent anew is recognised when its other address comes."""

    async def room_of(self, address):
        return self.room(address.lstrip("@"))

    monkeypatch.setattr(LoopbackService, "room_of", room_of)
    async with running(bot) as (_, service):
        members = [f"loopback:{room}" for room in ("x", "y", "z", "ada", "@ada")]
        campaign = await service.broadcast("hello", members, over=4.0)
        await until(service, campaign, sending=4, queued=1)
        await service.pause(campaign.id)
        await until(service, campaign, PAUSED, sending=3, queued=2)
        gate.set()
        await service.resume(campaign.id)
        await until(service, campaign, DONE, sent=4, skipped=1)
        assert sorted(room for room, _ in texts()) == ["ada", "x", "y", "z"]


async def test_taking_back_does_not_wait(bot):
    """Neither is it spread, nor do quiet hours hold it."""
    async with running(bot, "a", "b") as (runtime, service):
        campaign = await sent(service)
        all_day = Quiet(begins=time(0), ends=time(23, 59, 59))
        await change(runtime, campaign, over=DAYS, quiet=all_day)
        await service.retract(campaign.id)
        await until(service, campaign, DONE, retracted=2)


async def test_a_retry_is_not_spread(bot):
    """Few are left, and their time is past."""
    async with running(bot, "a", "b") as (runtime, service):
        LoopbackService.outcomes.extend([Rejected("no"), Rejected("no")])
        campaign = await sent(service)
        await change(runtime, campaign, over=DAYS)
        await service.retry_failed(campaign.id)
        await until(service, campaign, DONE, sent=2)


async def test_accounts_that_are_gone_hold_up_no_campaign_that_knows_whom_it_is_for(bot):
    """What its members mean matters only until the audience is frozen."""
    async with running(bot, *"abc") as (runtime, service):
        campaign = await service.broadcast("hello", "topic:news", over=DAYS)
        await until(service, campaign, sent=1, queued=2)
    async with runtime.store:
        await change(runtime, campaign, audience=("telegram:1",), over=0.0)
    async with running(bot) as (_, service):
        await until(service, campaign, DONE, sent=3)


# the desk


async def acts(runtime, service, verb, key, **given):
    """Ann acts, and the bot goes on with what waits."""
    waiting = await getattr(Desk(runtime.store, by="ann"), verb)(key, **given)
    if waiting:
        runtime.wake(waiting.room, waiting.delivery)
        await service.look()


async def given_up(service, error, **counts):
    """A campaign that ended badly for its one recipient, and the key of the delivery."""
    LoopbackService.outcomes.append(error)
    campaign = await service.broadcast("hello", "topic:news")
    await until(service, campaign, DONE, **counts)
    [one] = await service.recipients(campaign.id)
    return campaign, str(one.delivery)


async def test_who_is_replayed_at_the_desk_got_it(bot):
    """A dead letter of a campaign that is sent after all is no failure of it."""
    async with running(bot, "a") as (runtime, service):
        campaign, key = await given_up(service, Rejected("no"), failed=1)
        await acts(runtime, service, "replay", key)
        await until(service, campaign, DONE, sent=1)
        assert texts() == [("a", "hello")]


@pytest.mark.parametrize(("verb", "said"), [("resend", 1), ("settle", 0)])
async def test_who_knows_what_became_of_a_recipient_decides(bot, hides, verb, said):
    """What is ambiguous is sent again, or taken as sent; the campaign knows."""
    async with running(bot, "a") as (runtime, service):
        campaign, key = await given_up(service, Unconfirmed("gone"), ambiguous=1)
        await acts(runtime, service, verb, key)
        told = await until(service, campaign, DONE, sent=1)
        assert told.campaign.ended_at is not None
        assert len(texts()) == said


async def test_what_is_discarded_is_not_tried_again(bot):
    """Neither at the desk nor with those who failed."""
    async with running(bot, "a") as (runtime, service):
        campaign, key = await given_up(service, Rejected("no"), failed=1)
        await acts(runtime, service, "discard", key)
        await service.retry_failed(campaign.id)
        await until(service, campaign, DONE, skipped=1)
        [one] = await service.recipients(campaign.id, [RecipientState.SKIPPED])
        assert (one.reason, texts()) == ("discarded by ann", [])


async def test_a_campaign_under_way_learns_of_the_desk(bot):
    """It runs, and a recipient that had failed is sent by hand meanwhile."""
    async with running(bot, *"abc") as (runtime, service):
        LoopbackService.outcomes.append(Rejected("no"))
        campaign = await service.broadcast("hello", "topic:news", over=DAYS)
        await until(service, campaign, failed=1, queued=2)
        [one] = await service.recipients(campaign.id, [RecipientState.FAILED])
        await acts(runtime, service, "replay", str(one.delivery))
        await until(service, campaign, CampaignState.RUNNING, sent=1, queued=2)
