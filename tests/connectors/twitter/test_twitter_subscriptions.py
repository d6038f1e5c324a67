"""What the bot has X tell on the activity stream."""

from contextlib import asynccontextmanager

import pytest

from bot.service import Status
from bot.testing.runtime import create_mock_runtime
from connectors.twitter.simulator.activity import Subscription

SLOW = {"TWITTER_STREAM": "activity", "TWITTER_POLL_SECONDS": "3600"}
WANTED = {
    "post.mention.create",
    "post.delete",
    "dm.received",
    "profile.update.screenname",
    "profile.update.handle",
    "profile.update.profile_picture",
}


@pytest.fixture
def kinds(x):
    """What X is subscribed to."""
    return lambda: sorted(one.kind for one in x.activity.subscriptions.values())


async def test_subscriptions_are_tagged_and_made_once(x, start, kinds, until, listening):
    """A second start finds them there, and what others made stays."""
    foreign = Subscription("7", "follow.follow", {"user_id": "1"}, "theirs")
    x.activity.subscriptions["7"] = foreign
    for _ in range(2):
        async with listening(await start(**SLOW)):
            await until(lambda: x.activity.ears)
        await until(lambda: not x.activity.ears)
    assert kinds() == sorted([*WANTED, "follow.follow"])
    tags = {one.tag for one in x.activity.subscriptions.values()}
    assert tags == {"theirs", *(f"townhall/{x.bot.id}/{kind}" for kind in WANTED)}


async def test_what_another_program_subscribed_to_is_not_made_twice(x, start, until, listening):
    """X brings it all the same, and would refuse a second one."""
    mine = {"user_id": x.bot.id}
    x.activity.subscriptions["7"] = Subscription("7", "dm.received", mine, "theirs")
    async with listening(await start(**SLOW)):
        await until(lambda: x.activity.ears)
    assert len(x.activity.subscriptions) == len(WANTED)


async def test_what_is_no_longer_wanted_is_removed(x, start, until, kinds, listening):
    """Of ours alone."""
    mine, tag = {"user_id": x.bot.id}, f"townhall/{x.bot.id}/like.create"
    x.activity.subscriptions["7"] = Subscription("7", "like.create", mine, tag)
    async with listening(await start(**SLOW)):
        await until(lambda: x.activity.ears)
        assert kinds() == sorted(WANTED)


@pytest.fixture
async def unstreamed(x, start, until, listening):
    """A block in which a bot listens that had subscriptions, and now has no stream."""
    before = await start(**SLOW)
    async with listening(before):
        await until(lambda: x.activity.ears)
    runtime = create_mock_runtime({**x.settings, "TWITTER_STREAM": "off"})
    runtime.store = before.runtime.store

    @asynccontextmanager
    async def unstreamed():
        async with listening(await start(runtime)):
            yield

    return unstreamed


async def test_subscriptions_go_with_the_setting(x, unstreamed, until, kinds):
    """At the next start, and those of others stay."""
    theirs = Subscription("7", "like.create", {"user_id": x.bot.id}, "theirs")
    x.activity.subscriptions["7"] = theirs
    async with unstreamed():
        await until(lambda: kinds() == ["like.create"])


async def test_subscriptions_that_stay_go_later(x, unstreamed, until, kinds):
    """What X refuses at one start it is asked again at the next."""
    x.fail_next("DELETE", "activity", 503)
    async with unstreamed():
        await until(lambda: not x.gate.plans[0].times)
    assert len(kinds()) == len(WANTED)
    async with unstreamed():
        await until(lambda: kinds() == [])


async def test_one_kind_that_is_refused_leaves_the_others(x, start, until, kinds, listening):
    """Only without mentions is there no stream."""
    x.activity.refused.add("dm.received")
    async with listening(service := await start(**SLOW)):
        await until(lambda: x.activity.ears)
        assert (await service.health()).status is Status.UP
    assert kinds() == sorted(WANTED - {"dm.received"})


@pytest.mark.parametrize("body", [None, [], {"data": 7}, {"data": [{"event_type": []}]}])
async def test_a_list_of_subscriptions_that_is_none_lists_nothing(x, start, until, listening, body):
    """What is missing is made."""
    x.fail_next("GET", "activity/subscriptions", 200, body)
    async with listening(await start(**SLOW)):
        await until(lambda: x.activity.ears)
    assert len(x.activity.subscriptions) == len(WANTED)
