"""The activity stream: what happens to the account, at once."""

import asyncio

import orjson
import pytest

from bot.content import MediaKind
from bot.events import EventKind
from bot.memory import RoomKind
from bot.service import Status
from bot.testing.simulator import Upload
from connectors.twitter.activity import ActivityStream
from connectors.twitter.line import Line
from connectors.twitter.subscriptions import WANTED
from connectors.twitter.troubles import Troubles

SLOW = {"TWITTER_STREAM": "activity", "TWITTER_POLL_SECONDS": "3600"}
PHOTO = Upload("cat.png", b"\x89PNG" * 9, "image/png", MediaKind.IMAGE)


@pytest.fixture
async def streaming(x, start, until, listening):
    """A service that hears the stream, and looks for itself once an hour."""
    service = await start(**SLOW)
    async with listening(service):
        await until(lambda: x.activity.ears)
        await until(lambda: ("GET", "/2/dm_events") in x.credits.requests)
        await until(lambda: mentions_looks(x) > 0)
        yield service


@pytest.fixture
def doing(x):
    """X says on the stream that something happened to the bot."""

    def doing(kind, payload=None, **more):
        data = {"event_type": kind, "filter": {"user_id": x.bot.id}, "payload": payload, **more}
        x.activity.say(orjson.dumps({"data": data}))

    return doing


def mentions_looks(x):
    """How often the mentions were looked at."""
    return sum(path.endswith("/mentions") for _, path in x.credits.requests)


def texts(service):
    """What was heard, each thing once."""
    told = {event.key: event for event in service.runtime.delivered}
    return [event.content.text for event in told.values() if event.content]


async def test_a_mention_is_heard_at_once(x, streaming, say, square, ada):
    """With all that a look would have found: no look is needed for it."""
    looks = mentions_looks(x)
    post = await say("Hello", files=[PHOTO])
    event, *_ = await streaming.runtime.wait_for_events(1)
    assert (event.message, event.room.key, event.addressed) == (post, square, True)
    assert (event.sender.key, event.sender.name) == (ada, "Ada Lovelace")
    assert [file.kind for file in event.content.attachments] == [MediaKind.IMAGE]
    assert mentions_looks(x) == looks


async def test_what_is_told_and_found_is_one_event(x, streaming, say, until):
    """The look after a gap finds what the stream has told, under the same key."""
    await say("Hello")
    await streaming.runtime.wait_for_events(1)
    x.activity.drop()
    one, two = await streaming.runtime.wait_for_events(2)
    assert one.key == two.key


async def test_what_comes_twice_has_one_key(x, streaming, say):
    """The store knows it by that."""
    x.activity.repeated = 1
    await say("Hello")
    one, two = await streaming.runtime.wait_for_events(2)
    assert one.key == two.key


async def test_after_a_gap_a_look_catches_up(x, streaming, say, until):
    """What was said while the line was down is heard when it is back."""
    await say("before")
    await streaming.runtime.wait_for_events(1)
    x.activity.drop()
    await say("meanwhile")
    await until(lambda: "meanwhile" in texts(streaming))
    await until(lambda: x.activity.ears)
    await say("after")
    await until(lambda: "after" in texts(streaming))
    assert (texts(streaming), x.activity.opened) == (["before", "meanwhile", "after"], 2)


async def test_a_post_told_in_part_is_looked_for(x, streaming, say, until):
    """X leaves open what comes along; who said it is told by a look."""
    x.activity.is_brief = True
    await say("Hello")
    await until(lambda: "Hello" in texts(streaming))
    assert streaming.runtime.delivered[0].sender.name == "Ada Lovelace"


async def test_looks_go_on_until_a_post_told_in_part_is_found():
    """X tells of a post before its timeline shows it, and a position must not pass it."""
    line = Line(("mentions",))
    line.turn(on=True)
    line.announce(7)
    line.looked("mentions", line.connection, 6)
    async with asyncio.timeout(5):
        await line.rest(line.connection, 0.01)
    assert not line.is_whole
    line.looked("mentions", line.connection, 7)
    assert line.is_whole


async def test_a_position_leaves_room_for_what_comes_late(streaming, say, until):
    """X promises no order: a restart looks for what was said a minute before, too."""
    told = streaming.runtime.delivered
    count = 0
    while not (placed := [e for e in told if e.position and e.position.stream == "activity"]):
        await say(f"Hello {count}")
        count += 1
        await until(lambda count=count: len(texts(streaming)) >= count)
    assert int(placed[0].position.value) == int(placed[0].message) - (60_000 << 22)


async def test_a_direct_message_is_looked_for_at_once(x, streaming, ada):
    """X's specification does not say that its words come along; its conversation has them."""
    room = x.add_room(ada, kind="dm")
    message = await x.say(room, ada, "Psst")
    event, *_ = await streaming.runtime.wait_for_events(1)
    assert (event.message, event.room.kind, event.content.text) == (message, RoomKind.DM, "Psst")
    assert event.sender.name == "Ada Lovelace"
    assert x.credits.requests[-1] == ("GET", f"/2/dm_conversations/{room[3:]}/dm_events")


async def test_a_direct_message_with_its_words_is_not_looked_for(x, streaming, ada):
    """That would be paid for."""
    x.activity.is_written = True
    count = len(x.credits.requests)
    await x.say(x.add_room(ada, kind="dm"), ada, "Psst")
    event, *_ = await streaming.runtime.wait_for_events(1)
    assert (event.content.text, event.addressed) == ("Psst", True)
    assert len(x.credits.requests) == count


async def test_a_file_in_a_direct_message_is_looked_for(x, streaming, ada):
    """What the stream tells has no address for it."""
    x.activity.is_written = True
    await x.say(x.add_room(ada, kind="dm"), ada, "Look", files=[PHOTO])
    event, *_ = await streaming.runtime.wait_for_events(1)
    assert [file.kind for file in event.content.attachments] == [MediaKind.IMAGE]


async def test_a_conversation_that_cannot_be_shown_waits_for_its_turn(x, streaming, ada, until):
    """It is no trouble: the clock of the looks goes on for direct messages."""
    x.fail_next("GET", "dm_conversations", 503)
    await x.say(x.add_room(ada, kind="dm"), ada, "Psst")
    await until(lambda: not x.gate.plans[0].times)
    await x.say(x.add_room(ada, kind="dm"), ada, "Well?")
    await streaming.runtime.wait_for_events(2)
    assert texts(streaming) == ["Psst", "Well?"]
    assert streaming._health.status is Status.UP


async def test_a_post_of_ours_that_is_deleted_is_told(x, streaming, part):
    """Whoever did it."""
    ours = (await streaming.send(part("timeline", "Hello"))).message
    await x.delete(ours)
    event, *_ = await streaming.runtime.wait_for_events(1)
    assert (event.kind, event.message) == (EventKind.DELETE, ours)


async def test_a_profile_is_told(x, streaming):
    """Ours: how we are called, and what we look like, with what stays as it was."""
    await x.rename(x.bot.id, "Town Crier", picture="https://pbs.twimg.com/1/a.jpg")
    name, picture = await streaming.runtime.wait_for_events(2)
    assert {name.kind, picture.kind} == {EventKind.PROFILE}
    assert (name.sender.name, name.sender.username) == ("Town Crier", "Townhall_Bot")
    assert (picture.sender.name, picture.sender.avatar) == ("Town Crier", picture.sender.avatar)
    assert picture.sender.avatar.endswith("a.jpg")


async def test_a_new_handle_is_known_at_the_next_start(x, streaming, doing, start):
    """Nobody has to run a check for it."""
    doing("profile.update.handle", {"before": "Townhall_Bot", "after": "Crier"})
    await streaming.runtime.wait_for_events(1)
    again = await start(streaming.runtime)
    assert (await again._log_in()).username == "Crier"


async def test_what_is_of_no_use_is_passed_over(x, streaming, doing, say):
    """What the app has for others, and what happens but says nothing to us."""
    x.activity.say(b'{"data": {"event_type": "dm.received", "filter": {"user_id": "1"}}}')
    x.activity.say(b'{"errors": [{"title": "operational-disconnect"}]}')
    doing("follow.follow", {"source": {"id": "1"}})
    doing("profile.update.bio", {"before": "", "after": "A bot."})
    await say("Hello")
    told = await streaming.runtime.wait_for_events(1)
    assert [event.kind for event in told] == [EventKind.MESSAGE]


async def test_what_x_has_added_since_is_kept(streaming, doing):
    """As it came, and under one key if it comes twice."""
    for _ in range(2):
        doing("telepathy.received", {"thought": "Hm"}, event_uuid="17")
    one, two = await streaming.runtime.wait_for_events(2)
    assert (one.kind, one.raw["payload"]) == (EventKind.UNKNOWN, {"thought": "Hm"})
    assert one.key == two.key


@pytest.mark.parametrize("payload", [None, [], "no", {"id": 17}, {"after": 17}])
async def test_nonsense_harms_nothing_that_follows(streaming, doing, say, until, payload):
    """It is kept as it came, where it is not a hint that there is something to look for."""
    for kind in sorted(WANTED):
        doing(kind, payload)
    await say("Hello")
    await until(lambda: "Hello" in texts(streaming))
    kinds = {event.kind for event in streaming.runtime.delivered}
    assert kinds <= {EventKind.MESSAGE, EventKind.MALFORMED}


async def test_where_the_plan_has_no_stream_it_polls(x, start, say, until, listening):
    """It says so, does not ask again and again, and hears everything later."""
    x.gate.lacking.add("/2/activity/subscriptions")
    service = await start(TWITTER_STREAM="activity")
    async with listening(service):
        await until(lambda: service._health.status is Status.DEGRADED)
        await say("Hello")
        await service.runtime.wait_for_events(1)
        health = await service.health()
    assert "activity: X: the app's plan does not have this" in health.why
    assert sum("activity" in path for _, path in x.credits.requests) == 1


async def test_out_of_credit_is_said_once(x, start, say, until, listening):
    """And asked again seldom; see the purse for the looks."""
    service = await start(**SLOW)
    x.fail_next("GET", "activity/stream", 402, {"title": "CreditsDepleted"}, times=99)
    async with listening(service):
        await until(lambda: service._health.status is Status.DEGRADED)
        await say("Hello")
        await service.runtime.wait_for_events(1)
    assert x.gate.plans[0].times == 98


async def test_each_kind_has_its_price(x, streaming, say, doing, until):
    """X bills each delivery; what comes along with it is in the price, and twice is once."""
    spent = streaming.purse.spent.today
    x.activity.repeated = 1
    await say("Hello")
    await streaming.runtime.wait_for_events(2)
    assert streaming.purse.spent.today - spent == pytest.approx(0.005)
    doing("profile.update.screenname", {"before": "", "after": "Bot"})
    doing("post.delete", {"id": "1", "author_id": x.bot.id})
    await streaming.runtime.wait_for_events(4)
    assert streaming.purse.spent.today - spent == pytest.approx(0.010)


async def test_a_line_without_signs_of_life_is_given_up(x, start, until):
    """As with the other stream."""
    x.activity.keep_alive = None
    service = await start(**SLOW)
    me, deliver = await service.login(), service.runtime.deliver
    stream = ActivityStream(service, me, deliver, Troubles(service), Line(), silence=0.05)
    task = asyncio.create_task(stream.run())
    await until(lambda: x.activity.opened > 1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
