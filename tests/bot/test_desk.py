"""What a person does about what was given up."""

from __future__ import annotations

import asyncio

import pytest

from bot.action import action
from bot.desk import Desk
from bot.errors import Rejected, TownhallError, Unavailable, Unconfirmed
from bot.flood import Flood, own_lane
from bot.ledger import why
from bot.memory import RoomKind
from bot.plugin import Plugin
from bot.records import EventState, PartState
from bot.testing.connector import LoopbackService, said


def texts(room="lobby"):
    return [part.text for part in LoopbackService.sent[room]]


async def does(runtime, verb, key, **given):
    """Ann acts, and the bot goes on with what waits."""
    waiting = await getattr(Desk(runtime.store, by="ann"), verb)(key, **given)
    if waiting:
        runtime.wake(waiting.room, waiting.delivery)
    await runtime.drain()


async def the_part(runtime, state):
    """The part that was put aside."""
    [out] = await runtime.store.outgoing([state])
    return out


async def test_a_failed_part_is_sent_when_it_is_replayed(bot):
    """What the platform refused, it may take later; who asked for it is written down."""
    async with bot() as runtime:
        LoopbackService.outcomes.append(Rejected("not now"))
        await runtime.deliver(said("hello"))
        await runtime.drain()
        key = str((await the_part(runtime, PartState.FAILED)).part.delivery)
        await does(runtime, "replay", key)
        [act] = await runtime.store.acts(subject=key)
    assert texts() == ["HELLO"]
    assert (act.by, act.verb) == ("ann", "replay")


async def test_what_is_discarded_stays_unsaid(bot):
    """It is a dead letter no more, and nothing can be done to it again."""
    async with bot() as runtime:
        LoopbackService.outcomes.append(Rejected("never"))
        await runtime.deliver(said("hello"))
        await runtime.drain()
        key = str((await the_part(runtime, PartState.FAILED)).part.delivery)
        await does(runtime, "discard", key, note="spam")
        assert (await the_part(runtime, PartState.DISCARDED)).reason == "discarded by ann"
        with pytest.raises(TownhallError, match=key):
            await does(runtime, "replay", key)
    assert texts() == []


@pytest.mark.parametrize(
    ("verb", "state"),
    [
        ("replay", PartState.FAILED),
        ("discard", PartState.FAILED),
        ("resend", PartState.HELD),
        ("settle", PartState.HELD),
    ],
)
async def test_what_went_wrong_stays_known_whatever_is_done_about_it(bot, hides, verb, state):
    """So does who did it, and why."""
    async with bot() as runtime:
        is_failed = state is PartState.FAILED
        LoopbackService.outcomes.append(Rejected("gone") if is_failed else Unconfirmed("gone"))
        await runtime.deliver(said("hello"))
        await runtime.drain()
        key = str((await the_part(runtime, state)).part.delivery)
        await does(runtime, verb, key, note="Ada asked")
        [story] = await why(runtime.store, key)
    [out] = story.replies[0].parts
    assert out.state in (PartState.SENT, PartState.DISCARDED)
    assert out.setbacks[0].why == "gone"
    assert [(act.by, act.verb, act.note) for act in story.acts] == [("ann", verb, "Ada asked")]


async def test_an_event_that_is_replayed_keeps_why_it_died(bot):
    """Though it is as if it were new."""
    works = []
    async with bot() as runtime:
        runtime.pipeline.run = broken(runtime.pipeline.run, works)
        await runtime.deliver(event := said("hello"))
        await runtime.drain()
        works.append(True)
        await does(runtime, "replay", event.key)
        [story] = await why(runtime.store, event.key)
    assert (story.event.state, story.event.reason) == (EventState.DONE, None)
    assert story.event.setbacks[-1].why == "RuntimeError: a mistake"
    assert [act.verb for act in story.acts] == ["replay"]


async def held(runtime):
    """An answer of which nobody knows whether it arrived; the key of its delivery."""
    LoopbackService.outcomes.append(Unconfirmed("gone"))
    LoopbackService.sent["lobby"].clear()
    await runtime.deliver(said("hello"))
    await runtime.drain()
    return str((await the_part(runtime, PartState.HELD)).part.delivery)


@pytest.mark.parametrize(("verb", "sent"), [("resend", ["HELLO"]), ("settle", [])])
async def test_who_knows_whether_a_part_arrived_decides(bot, hides, verb, sent):
    """It is sent again, or taken as sent."""
    async with bot() as runtime:
        await does(runtime, verb, await held(runtime))
        assert (await the_part(runtime, PartState.SENT)).part.text == "HELLO"
    assert texts() == sent


async def test_a_settled_message_can_be_named(bot, hides):
    """From then on the platform's message is known as what we said."""
    async with bot() as runtime:
        await does(runtime, "settle", await held(runtime), message="lobby/99")
        out = await the_part(runtime, PartState.SENT)
        delivery = await runtime.store.delivery(out.part.delivery)
        linked = await runtime.store.linked("loopback", "default", "lobby/99")
    assert linked == delivery.memory


@pytest.mark.parametrize(
    ("message", "told"),
    [("-1001234567890/44", "lobby/1"), ("lobby/1", "another message"), ("99", "lobby/1")],
)
async def test_a_message_of_elsewhere_is_not_what_was_settled(bot, hides, message, told):
    """It says how messages of the room are called, and the part waits on."""
    async with bot() as runtime:
        key = await held(runtime)
        with pytest.raises(TownhallError, match=told):
            await does(runtime, "settle", key, message=message)
        assert (await the_part(runtime, PartState.HELD)).receipt is None


async def test_an_event_becomes_no_message(bot):
    """What is settled of it is an action."""
    async with bot() as runtime:
        async with runtime.store.commit() as c:
            ticket = c.accept(event := said("/pay"), EventState.PENDING)
        async with runtime.store.commit() as c:
            c.finish(ticket.seq, EventState.AMBIGUOUS, "pay was started")
        with pytest.raises(TownhallError, match="no message"):
            await does(runtime, "settle", event.key, message="lobby/2")


async def test_the_wrong_verb_is_told_the_right_ones(bot, hides):
    """With the state that the thing is in."""
    async with bot() as runtime:
        key = await held(runtime)
        with pytest.raises(TownhallError, match=r"is held(.|\n)*ambiguous resend(.|\n)*settle"):
            await does(runtime, "replay", key)
        await does(runtime, "settle", key)
        with pytest.raises(TownhallError, match=r"is sent: there is nothing to replay"):
            await does(runtime, "replay", key)


async def test_a_dead_event_is_handled_when_it_is_replayed(bot):
    """With all its attempts, once the reason is gone."""
    works = []

    @action
    async def pay(turn):
        """Pay."""
        return "paid"

    async with bot(Plugin("shop", actions=(pay,))) as runtime:
        event = said("/pay")
        run, runtime.pipeline.run = runtime.pipeline.run, broken(runtime.pipeline.run, works)
        await runtime.deliver(event)
        await runtime.drain()
        assert (await runtime.store.event(event.key)).state is EventState.DEAD
        works.append(True)
        await does(runtime, "replay", event.key)
        runtime.pipeline.run = run
        assert (await runtime.store.event(event.key)).state is EventState.DONE
    assert texts() == ["paid"]


@pytest.mark.parametrize("moves", [False, True])
async def test_what_waited_in_a_lane_of_its_own_is_handled_when_it_is_replayed(bot, moves):
    """Somebody said too much; their event that died among it is found, wherever the room went."""
    works = []
    async with bot() as runtime:
        runtime.pipeline.run = broken(runtime.pipeline.run, works)
        runtime.turns.flood = Hasty(1)
        event = said("hello", kind=RoomKind.GROUP, addressed=True)
        await runtime.deliver(event)
        await runtime.drain()
        if moves:
            news = said("we moved", 2, room="new", kind=RoomKind.GROUP)
            await runtime.deliver(news.model_copy(update={"moved_from": "lobby"}))
        works.append(True)
        await does(runtime, "replay", event.key)
        assert (await runtime.store.event(event.key)).state is EventState.DONE
    assert texts("new" if moves else "lobby") == ["HELLO"]


class Hasty(Flood):
    """Takes everything for a flood, and hurries."""

    def lane(self, event):
        return own_lane(event.room, event.sender)

    async def wait(self, event, nap):
        pass


def broken(run, works):
    """A pipeline with a mistake in it, until it is mended."""

    async def fails(turn):
        if not works:
            raise RuntimeError("a mistake")
        await run(turn)

    return fails


async def test_a_stranger_to_the_desk_is_told_where_the_keys_are(bot):
    """Of what was never given up, nothing can be replayed."""
    async with bot() as runtime:
        with pytest.raises(TownhallError, match="dead-letters list"):
            await does(runtime, "replay", "nothing")


async def test_what_is_settled_while_it_waits_is_not_sent(bot):
    """The bot that runs holds the part as it was, and looks before it sends it again."""
    async with bot() as runtime:
        LoopbackService.outcomes.extend([Unconfirmed("gone"), Unavailable("away")])
        await runtime.deliver(said("hello"))
        async with asyncio.timeout(10):
            while not await runtime.store.outgoing([PartState.AMBIGUOUS]):  # noqa: ASYNC110 - nothing announces it
                await asyncio.sleep(0.005)
        out = await the_part(runtime, PartState.AMBIGUOUS)
        LoopbackService.sent["lobby"].clear()
        await does(runtime, "settle", str(out.part.delivery))
        await runtime.drain()
    assert texts() == []
