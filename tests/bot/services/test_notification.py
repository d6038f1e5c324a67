"""One message to many: who gets it, what becomes of it, and what can be done to it."""

from __future__ import annotations

import asyncio
import shutil
from contextlib import asynccontextmanager
from datetime import timedelta
from itertools import count

import pytest

from bot.campaign import CampaignState, RecipientState
from bot.content import Content, Verb
from bot.errors import Rejected, TownhallError, Unavailable
from bot.memory import Room
from bot.part import Priority
from bot.services.notification import NotificationService, plugin
from bot.services.notification.pump import AT_ONCE, REJECTIONS
from bot.testing.connector import LoopbackService, said
from bot.value import now


def a_room(key, **known):
    return Room(platform="loopback", account="default", key=key, **known)


def heard(text=None):
    """The rooms that got a message, each as often as it got one."""
    parts = (part for room in LoopbackService.sent.values() for part in room)
    return sorted(part.room.key for part in parts if text is None or part.text == text)


@asynccontextmanager
async def running(bot, *rooms, **options):
    """A bot with the service, and some rooms that subscribed to the news."""
    async with bot(plugin, **options) as runtime:
        service = runtime.get_service(NotificationService)
        for room in rooms:
            await service.subscribe(a_room(room))
        yield runtime, service


async def eventually(is_so):
    """Wait until it is so."""
    async with asyncio.timeout(20):
        while not is_so():  # noqa: ASYNC110 - the platform in memory tells nobody
            await asyncio.sleep(0.01)


async def until(service, campaign, *states, waits=False, **counts):
    """Wait until a campaign is in one of `states`, and has these counts."""
    async with asyncio.timeout(20):
        while True:
            told = await service.progress(campaign.id)
            have = told.counts.get("loopback", {})
            is_there = not states or told.campaign.state in states
            if is_there and counts.items() <= have.items() and bool(told.waits) >= waits:
                return told
            await asyncio.sleep(0.01)


async def done(service, campaign):
    return await until(service, campaign, CampaignState.DONE)


async def test_a_topic_gets_it(bot):
    """Everybody who subscribed, once, and the ledger says so."""
    async with running(bot, "a", "b", "c") as (_, service):
        campaign = await service.broadcast("hello", ["topic:news"])
        told = await done(service, campaign)
        assert heard("hello") == ["a", "b", "c"]
        assert told.counts == {"loopback": {"sent": 3}}
        found = await service.recipients(campaign.id)
        assert {(one.room, one.state, len(one.messages)) for one in found} == {
            (room, RecipientState.SENT, 1) for room in "abc"
        }


async def test_nobody_is_told_twice(bot):
    """Whoever is in an audience by several ways gets one message."""
    async with running(bot, "a", "b") as (_, service):
        await service.subscribe(a_room("a"), "tag:vip")
        members = ["loopback:a", "tag:vip", "topic:news", "platform:loopback", "all"]
        await done(service, await service.broadcast("hello", members))
        assert heard() == ["a", "b"]


async def test_some_are_left_out(bot):
    """By address, by topic, and all of an account."""
    async with running(bot, "a", "b", "c") as (_, service):
        await service.subscribe(a_room("b"), "tag:quiet")
        await done(
            service,
            await service.broadcast(
                "hello", ["topic:news", "loopback:b"], without=["loopback:a", "tag:quiet"]
            ),
        )
        assert heard() == ["c"]
        nobody = await service.broadcast("no", "all", without=["platform:loopback"])
        assert (await done(service, nobody)).counts == {}


async def test_closed_rooms_and_threads_are_not_everybody(bot):
    """All of a platform are its open rooms; what is said there reaches its threads."""
    async with running(bot) as (runtime, service):
        async with runtime.store.commit() as c:
            for room in (
                a_room("open"),
                a_room("gone", closed="removed"),
                a_room("t", kind="thread"),
            ):
                c.put_room(room)
        await done(service, await service.broadcast("hello", "platform:loopback"))
        assert heard() == ["open"]


async def test_an_address_need_not_be_known(bot):
    """Its connector makes a room of it."""
    async with running(bot) as (_, service):
        await done(service, await service.broadcast("hello", ["loopback:elsewhere"]))
        assert heard() == ["elsewhere"]


async def test_two_addresses_of_one_room_get_one_message(bot, monkeypatch):
    """What only the connector can know is noticed when it is asked."""

    async def room_of(self, address):
        return self.room(address.lstrip("@"))

    monkeypatch.setattr(LoopbackService, "room_of", room_of)
    async with running(bot) as (_, service):
        for over in (0.0, 1.0):
            members = ["loopback:@ada", "loopback:ada", "loopback:@@ada"]
            campaign = await service.broadcast(f"over {over}", members, over=over)
            told = await done(service, campaign)
            assert heard(f"over {over}") == ["ada"]
            assert told.counts == {"loopback": {"sent": 1, "skipped": 2}}


async def test_two_addresses_of_one_room_are_noticed_far_apart(bot, monkeypatch):
    """Also where the first has long been put in the outbox, by another commit."""

    async def room_of(self, address):
        return self.room(address.lstrip("@"))

    monkeypatch.setattr(LoopbackService, "room_of", room_of)
    async with running(bot) as (_, service):
        members = ["loopback:ada", *(f"loopback:{n}" for n in range(AT_ONCE)), "loopback:@ada"]
        told = await done(service, await service.broadcast("hello", members))
        assert heard().count("ada") == 1
        assert told.counts == {"loopback": {"sent": AT_ONCE + 1, "skipped": 1}}


async def test_the_same_key_is_the_same_campaign(bot):
    """Asked twice at once or later, it is said once."""
    async with running(bot, "a") as (_, service):
        asked = (service.broadcast("hello", "topic:news", key="k") for _ in range(3))
        campaigns = await asyncio.gather(*asked)
        await done(service, campaigns[0])
        again = await service.broadcast("other", "topic:news", key="k")
        assert {one.id for one in (*campaigns, again)} == {campaigns[0].id}
        assert heard() == ["a"]
        assert await service.campaign("k") == await service.campaign(str(again.id))


@pytest.mark.parametrize("members", [[], ["nobody"], ["telegram:1"], ["account:loopback/x"]])
async def test_a_mistake_is_said_at_once(bot, members):
    """An audience that can be nobody is refused, and nothing is stored."""
    async with running(bot) as (_, service):
        with pytest.raises(TownhallError):
            await service.broadcast("hello", members)
        assert await service.campaigns() == []


async def test_a_draft_waits(bot):
    """It is launched when a person says so."""
    async with running(bot, "a") as (_, service):
        draft = await service.broadcast("hello", "topic:news", draft=True)
        assert (draft.state, heard()) == ("draft", [])
        await service.launch(draft.id)
        await done(service, draft)
        assert heard() == ["a"]


async def test_a_campaign_starts_at_its_time(bot):
    """Whoever has unsubscribed by then is not in it."""
    async with running(bot, "a", "b") as (_, service):
        soon = now() + timedelta(seconds=0.3)
        campaign = await service.broadcast("hello", "topic:news", at=soon)
        assert campaign.state is CampaignState.SCHEDULED
        await service.unsubscribe(a_room("b"))
        told = await done(service, campaign)
        assert heard() == ["a"]
        assert told.campaign.started_at >= soon


async def test_it_is_spread_over_a_time(bot):
    """Evenly, from the first to the last."""
    times = []
    async with running(bot, *map(str, range(5))) as (_, service):
        loop = asyncio.get_running_loop()
        LoopbackService.on_sent.append(lambda _part: times.append(loop.time()))
        await done(service, await service.broadcast("hello", "topic:news", over=1.0))
    assert len(times) == 5
    assert times[-1] - times[0] >= 0.6


class Held:
    """A platform that takes messages when it is let."""

    def __init__(self, monkeypatch):
        self.gate = asyncio.Event()
        send = LoopbackService.send

        async def held(service, part):
            if part.priority is not Priority.REPLY:
                await self.gate.wait()
            return await send(service, part)

        monkeypatch.setattr(LoopbackService, "send", held)
        few = LoopbackService.capabilities.model_copy(update={"concurrency": 3})
        monkeypatch.setattr(LoopbackService, "capabilities", few)


async def test_pausing_takes_back_what_has_not_left(bot, monkeypatch):
    """What is on the wire arrives; the rest goes when the campaign is resumed, each once."""
    held, rooms = Held(monkeypatch), sorted(map(str, range(20)))
    async with running(bot, *rooms) as (_, service):
        campaign = await service.broadcast("hello", "topic:news")
        await until(service, campaign, sending=20)
        await service.pause(campaign.id)
        await until(service, campaign, CampaignState.PAUSED, queued=17, sending=3)
        held.gate.set()
        told = await until(service, campaign, CampaignState.PAUSED, queued=17, sent=3)
        assert told.counts == {
            "loopback": {
                "queued": 17,
                "sent": 3,
            }
        }
        await service.resume(campaign.id)
        await done(service, campaign)
        assert heard() == rooms


async def test_what_is_cancelled_goes_to_nobody_more(bot, monkeypatch):
    """The rest is skipped, and it cannot be resumed."""
    held, rooms = Held(monkeypatch), list(map(str, range(10)))
    async with running(bot, *rooms) as (_, service):
        campaign = await service.broadcast("hello", "topic:news")
        await until(service, campaign, sending=10)
        await service.cancel(campaign.id)
        held.gate.set()
        await until(service, campaign, CampaignState.CANCELLED, skipped=7, sent=3)
        with pytest.raises(TownhallError, match="is cancelled and cannot be resumed"):
            await service.resume(campaign.id)
        assert len(heard()) == 3


async def test_a_restart_goes_on_and_repeats_nothing(bot):
    """Campaigns are taken up where an earlier process left them."""
    rooms, sent = sorted(map(str, range(30))), count(1)
    async with running(bot, *rooms) as (runtime, service):
        stopping = asyncio.Event()
        LoopbackService.on_sent.append(lambda _part: next(sent) == 10 and stopping.set())
        campaign = await service.broadcast("hello", "topic:news", over=3.0)
        await stopping.wait()
    first = heard()
    async with bot(plugin) as runtime:
        service = runtime.get_service(NotificationService)
        await done(service, campaign)
        assert len(first) < 30
        assert sorted(first + heard()) == rooms


async def test_a_process_that_is_killed_loses_and_repeats_nothing(bot, tmp_path):
    """What is on the disk at any moment is enough to go on: everybody gets it once."""
    rooms, number, there = sorted(map(str, range(60))), count(1), {}

    def kill(_part):
        if next(number) == 20:
            for file in tmp_path.glob("townhall.db*"):
                shutil.copy(file, tmp_path / file.name.replace("townhall", "killed"))
            there.update({room: list(parts) for room, parts in LoopbackService.sent.items()})

    async with running(bot, *rooms) as (_, service):
        LoopbackService.on_sent.append(kill)
        campaign = await service.broadcast("hello", "topic:news")
        await done(service, campaign)
    again = bot.func(tmp_path / "killed.db", plugin)
    LoopbackService.sent.update(there)
    async with again as runtime:
        service = runtime.get_service(NotificationService)
        told = await done(service, campaign)
        assert told.counts == {"loopback": {"sent": 60}}
        assert heard() == rooms


async def test_a_reply_goes_first(bot, monkeypatch):
    """A broadcast that waits delays no answer."""
    Held(monkeypatch)
    few = LoopbackService.capabilities.model_copy(update={"concurrency": 100})
    monkeypatch.setattr(LoopbackService, "capabilities", few)
    async with running(bot, *map(str, range(50))) as (runtime, service):
        campaign = await service.broadcast("hello", "topic:news")
        await until(service, campaign, sending=50)
        await runtime.deliver(said("hi"))
        await runtime.turns.lanes.drain()
        await eventually(lambda: heard("HI") == ["lobby"])
        await service.cancel(campaign.id)


async def test_who_blocked_the_bot_is_skipped_until_they_write(bot):
    """A recipient that is lost is remembered, and forgiven."""
    async with running(bot, "lobby") as (runtime, service):
        LoopbackService.outcomes.append(Rejected("bot was blocked by the user"))
        told = await done(service, await service.broadcast("one", "topic:news"))
        assert told.counts == {"loopback": {"failed": 1}}
        second = await service.broadcast("two", "topic:news")
        assert (await done(service, second)).counts == {"loopback": {"skipped": 1}}
        [skipped] = await service.recipients(second.id)
        assert skipped.reason == "blocked: bot was blocked by the user"
        await runtime.deliver(said("hello again"))
        await done(service, await service.broadcast("three", "topic:news"))
        assert heard("three") == ["lobby"]


async def test_who_is_dead_is_tried_again_after_a_while(bot):
    """As long as the setting says."""
    async with running(bot, "a", settings={"TOWNHALL_DEAD_DAYS": "0"}) as (_, service):
        LoopbackService.outcomes.append(Rejected("chat not found"))
        await done(service, await service.broadcast("one", "topic:news"))
        await done(service, await service.broadcast("two", "topic:news"))
        assert heard() == ["a"]


async def test_a_message_that_everybody_refuses_stops_the_campaign(bot):
    """After so many identical rejections in a row it pauses and says why."""
    rooms = [f"{n:03}" for n in range(REJECTIONS * 2)]
    async with running(bot, *rooms) as (_, service):
        LoopbackService.outcomes.extend(Rejected("bad markup") for _ in rooms)
        campaign = await service.broadcast("hello", "topic:news", over=4.0)
        told = await until(service, campaign, CampaignState.PAUSED)
        assert "20 times in a row: rejected: bad markup" in told.campaign.reason
        assert told.counts["loopback"]["failed"] < len(rooms)


async def test_rooms_that_are_closed_to_us_do_not_stop_it(bot):
    """Twenty places that forbid it are no fault of the message."""
    rooms = [f"{n:03}" for n in range(REJECTIONS + 5)]
    async with running(bot, *rooms) as (_, service):
        LoopbackService.outcomes.extend(Rejected("The bot may not write here") for _ in rooms)
        told = await done(service, await service.broadcast("hello", "topic:news"))
        assert told.counts == {"loopback": {"failed": len(rooms)}}


async def test_only_the_failures_are_tried_again(bot):
    """Those who have it are left alone."""
    async with running(bot, "a", "b") as (_, service):
        LoopbackService.outcomes.append(Rejected("not today"))
        campaign = await service.broadcast("hello", "topic:news")
        await done(service, campaign)
        assert len(heard()) == 1
        await service.retry_failed(campaign.id)
        await done(service, campaign)
        assert heard() == ["a", "b"]


async def test_a_campaign_is_taken_back(bot):
    """Each copy is deleted, by its own reference."""
    async with running(bot, "a", "b") as (_, service):
        campaign = await service.broadcast("hello", "topic:news")
        await done(service, campaign)
        copies = {one.room: one.messages for one in await service.recipients(campaign.id)}
        await service.retract(campaign.id)
        with pytest.raises(TownhallError, match=r"is being retracted|is done"):
            await service.cancel(campaign.id)
        told = await until(service, campaign, CampaignState.DONE, retracted=2)
        assert told.counts == {"loopback": {"retracted": 2}}
        for room in "ab":
            deleted = LoopbackService.sent[room][1]
            assert (deleted.verb, (deleted.target,)) == (Verb.DELETE, copies[room])


async def test_what_cannot_be_deleted_is_edited_and_else_reported(bot):
    """Telegram deletes for two days only: the words are taken away then."""
    async with running(bot, "a", "b") as (_, service):
        campaign = await service.broadcast("hello", "topic:news")
        await done(service, campaign)
        LoopbackService.outcomes.extend([Rejected("too old"), Rejected("too old"), None])
        LoopbackService.outcomes.append(Rejected("can't be edited"))
        await service.retract(campaign.id)
        told = await until(service, campaign, CampaignState.DONE)
        assert told.counts == {"loopback": {"retracted": 1, "sent": 1}}
        [left] = await service.recipients(campaign.id, [RecipientState.SENT])
        assert left.reason == "not retracted: can't be edited"


async def test_what_was_cancelled_is_taken_back_and_sent_to_nobody_more(bot, monkeypatch):
    """Retracting what went out does not send the rest."""
    held, rooms = Held(monkeypatch), list(map(str, range(10)))
    async with running(bot, *rooms) as (_, service):
        campaign = await service.broadcast("hello", "topic:news")
        await until(service, campaign, sending=10)
        await service.pause(campaign.id)
        held.gate.set()
        await until(service, campaign, sent=3)
        await service.retract(campaign.id)
        told = await until(service, campaign, CampaignState.DONE)
        assert told.counts == {"loopback": {"skipped": 7, "retracted": 3}}


async def test_a_preview_stores_nothing_and_tells_all(bot):
    """Counts, time, looks, losses, and who is nobody."""
    async with running(bot, "a", "b") as (_, service):
        members = ["topic:news", "topic:nwes", "loopback:a", "loopback:c"]
        found = await service.preview(Content(text="**hi**", markdown=True), members)
        assert (found.counts, found.unknown) == ({"loopback": 3}, ("topic:nwes",))
        assert [part.text for part in found.parts["loopback"]] == ["hi"]
        assert found.losses["loopback"] == ("bold become plain text",)
        assert await service.campaigns() == []
        assert heard() == []


async def test_a_connector_that_is_down_is_waited_for(bot):
    """The campaign says so, and nothing is lost."""
    async with running(bot, "a") as (runtime, service):
        connector = runtime.get_service("loopback")
        connector.report("down", "no network")
        campaign = await service.broadcast("hello", "topic:news")
        told = await until(service, campaign, waits=True)
        assert told.waits == {"loopback": "loopback is down: no network"}
        assert told.eta == {"loopback": None}
        connector.report("up")
        await done(service, campaign)
        assert heard() == ["a"]


async def test_a_platform_that_cannot_now_is_tried_again(bot):
    """What was surely not sent is no failure."""
    async with running(bot, "a") as (_, service):
        LoopbackService.outcomes.append(Unavailable("busy"))
        told = await done(service, await service.broadcast("hello", "topic:news"))
        assert told.counts == {"loopback": {"sent": 1}}


async def test_people_subscribe_by_command(bot):
    """On every platform, per topic, with an answer in words."""
    async with running(bot) as (runtime, service):
        for number, text in enumerate(["/subscribe", "/subscribe", "/subscribe Jazz"]):
            await runtime.deliver(said(text, number))
        await runtime.turns.lanes.drain()
        assert await service.topics() == {"jazz": 1, "news": 1}
        await runtime.deliver(said("/unsubscribe", 8), said("/subscribe tag:vip", 9))
        await runtime.turns.lanes.drain()
        await runtime.outbox.senders["loopback", "default"].drain()
        assert await service.topics() == {"jazz": 1}
        assert [part.text for part in LoopbackService.sent["lobby"]] == [
            "This chat now gets news. To stop it: /unsubscribe news",
            "This chat gets news already.",
            "This chat now gets jazz. To stop it: /unsubscribe jazz",
            "This chat gets news no longer.",
            "There is no topic tag:vip.",
        ]


async def test_addresses_are_imported(bot):
    """Bad lines are named with their numbers, and do not stop the others."""
    async with running(bot, "a") as (_, service):
        rows = ["loopback:a", "loopback:b", "loopback:b", "nonsense", "telegram:1", "topic:x"]
        done = await service.import_rows(enumerate(rows, 1), "news")
        assert (done.added, done.known) == (1, 2)
        assert [(number, line) for number, line, _ in done.bad] == [
            (4, "nonsense"),
            (5, "telegram:1"),
            (6, "topic:x"),
        ]
        assert [room for *_, room in await service.subscribers("news")] == ["a", "b"]
