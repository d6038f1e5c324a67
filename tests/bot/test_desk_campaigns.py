"""What a person does at the desk never says a broadcast twice, nor what was taken back."""

from __future__ import annotations

import asyncio

import pytest

from bot.campaign import CampaignState, RecipientState
from bot.content import Content
from bot.desk import Desk
from bot.errors import Rejected, TownhallError, Unavailable, Unconfirmed
from bot.memory import Room
from bot.records import PartState
from bot.testing.connector import LoopbackService
from tests.bot.services.test_campaign_acts import DONE, LONG, acts, given_up, running, texts, until

ROOM = Room(platform="loopback", account="default", key="a")


async def dead(runtime):
    """What is given up and can be sent after all."""
    return await runtime.store.outgoing([PartState.FAILED])


async def test_what_was_sent_anew_is_no_dead_letter(bot):
    """It left the list with the reason, and nobody can send it a second time."""
    async with running(bot, "a") as (runtime, service):
        campaign, key = await given_up(service, Rejected("no"), failed=1)
        await service.retry_failed(campaign.id)
        await until(service, campaign, DONE, sent=1)
        [again] = await service.recipients(campaign.id)
        [old] = await runtime.store.outgoing([PartState.DISCARDED])
        assert (str(old.part.delivery), await dead(runtime)) == (key, [])
        assert old.reason == f"sent anew as {again.delivery}"
        with pytest.raises(TownhallError, match="discarded"):
            await acts(runtime, service, "replay", key)
    assert texts() == [("a", "hello")]


async def test_an_old_dead_letter_is_not_sent_beside_the_new_one(bot):
    """One that a process left which died, or an earlier version."""
    async with running(bot, "a") as (runtime, service):
        campaign, key = await given_up(service, Rejected("no"), failed=1)
        [old] = await dead(runtime)
        await service.retry_failed(campaign.id)
        await until(service, campaign, DONE, sent=1)
        async with runtime.store.commit() as c:
            c.mark(old.part, PartState.FAILED, reason="no")
        with pytest.raises(TownhallError, match="sent anew as"):
            await acts(runtime, service, "replay", key)
    assert texts() == [("a", "hello")]


@pytest.mark.parametrize(
    ("error", "verb", "counts"),
    [(Rejected("no"), "replay", {"failed": 1}), (Unconfirmed("gone"), "resend", {"ambiguous": 1})],
)
async def test_nobody_gets_from_the_desk_what_was_retracted(bot, hides, error, verb, counts):
    """Neither what failed, which is no dead letter any more, nor what may have arrived."""
    async with running(bot, "a") as (runtime, service):
        campaign, key = await given_up(service, error, **counts)
        await service.retract(campaign.id)
        await until(service, campaign, DONE)
        with pytest.raises(TownhallError, match=r"retracted|discarded"):
            await acts(runtime, service, verb, key)
        assert await dead(runtime) == []
        with pytest.raises(TownhallError, match="retracted"):
            await service.retry_failed(campaign.id)
    assert texts() == []


async def test_what_did_arrive_of_a_retracted_campaign_is_taken_back(bot, hides):
    """Who settles it names the message, and that is deleted."""
    async with running(bot, "a") as (runtime, service):
        campaign, key = await given_up(service, Unconfirmed("gone"), ambiguous=1)
        await service.retract(campaign.id)
        await until(service, campaign, DONE)
        await acts(runtime, service, "settle", key, message="a/99")
        await until(service, campaign, DONE, retracted=1)


async def test_who_is_gone_is_tried_again_when_a_retry_is_asked_for(bot):
    """Whoever asks for it knows more than we do."""
    async with running(bot, "a") as (runtime, service):
        campaign, _ = await given_up(service, Rejected("chat not found"), failed=1)
        assert await runtime.store.dead("loopback", "default")
        await service.retry_failed(campaign.id)
        await until(service, campaign, DONE, sent=1)
        assert not await runtime.store.dead("loopback", "default")


async def test_what_never_began_cannot_be_retracted(bot):
    """A draft that was cancelled stays cancelled."""
    async with running(bot, "a") as (_, service):
        campaign = await service.broadcast("hello", "topic:news", draft=True)
        await service.cancel(campaign.id)
        with pytest.raises(TownhallError, match="never began"):
            await service.retract(campaign.id)
        told = await service.progress(campaign.id)
        assert told.campaign.state is CampaignState.CANCELLED


async def put_off(runtime):
    """The part that the platform could not take yet."""
    async with asyncio.timeout(10):
        while True:
            found = await runtime.store.outgoing([PartState.QUEUED])
            if late := [out for out in found if out.setbacks]:
                return late[0]
            await asyncio.sleep(0.005)


async def test_what_holds_up_its_room_can_be_discarded(bot):
    """It was put off; what waits behind it leaves, and nothing of it does."""
    async with running(bot) as (runtime, service):
        LoopbackService.outcomes.extend([Unavailable("no such host")] * 99)
        first = await runtime.send(ROOM, Content(text="first"))
        await put_off(runtime)
        await runtime.send(ROOM, Content(text="second"))
        await acts(runtime, service, "discard", str(first))
        LoopbackService.outcomes.clear()
        await runtime.drain()
        [act] = await runtime.store.acts(subject=str(first))
    assert (texts(), act.verb) == ([("a", "second")], "discard")


async def test_what_was_not_put_off_is_not_discarded(bot):
    """It waits for its turn and for nothing else."""
    async with running(bot) as (runtime, _):
        runtime.outbox.senders["loopback", "default"].put = lambda parts: None
        key = str(await runtime.send(ROOM, Content(text="first")))
        with pytest.raises(TownhallError, match="is queued: there is nothing to discard"):
            await Desk(runtime.store, by="ann").discard(key)


async def test_a_recipient_whose_message_is_discarded_while_it_waits_is_skipped(bot):
    """It did not fail, so that no retry sends it."""
    async with running(bot, "a") as (runtime, service):
        LoopbackService.outcomes.extend([Unavailable("no such host")] * 99)
        campaign = await service.broadcast("hello", "topic:news")
        out = await put_off(runtime)
        await acts(runtime, service, "discard", str(out.part.delivery))
        await until(service, campaign, DONE, skipped=1)
        [one] = await service.recipients(campaign.id)
    assert (one.state, one.reason) == (RecipientState.SKIPPED, "discarded by ann")


async def test_half_a_message_whose_rest_was_discarded_is_taken_back(bot):
    """Its recipient is skipped, and has something all the same."""
    async with running(bot, "a") as (runtime, service):
        LoopbackService.outcomes.extend([None, Rejected("no")])
        campaign = await service.broadcast(LONG, "topic:news")
        await until(service, campaign, DONE, failed=1)
        [out] = await dead(runtime)
        await acts(runtime, service, "discard", str(out.part.delivery))
        await until(service, campaign, DONE, skipped=1)
        await service.retract(campaign.id)
        await until(service, campaign, DONE, retracted=1)
