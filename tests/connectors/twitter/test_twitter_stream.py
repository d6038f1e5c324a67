"""The filtered stream, and the conversations that the bot takes part in."""

import asyncio
from functools import partial

import pytest

from bot.errors import ConfigError
from bot.events import EventKind
from bot.service import Status
from bot.testing.runtime import create_mock_runtime
from connectors.twitter.connector import TwitterService
from connectors.twitter.conversations import Conversations
from connectors.twitter.filtered import FilteredStream
from connectors.twitter.line import Line
from connectors.twitter.simulator.query import query
from connectors.twitter.simulator.stream import Rule
from connectors.twitter.stream import LONGEST_LINE
from connectors.twitter.troubles import Troubles

STREAMED = {"TWITTER_STREAM": "filtered", "TWITTER_CONVERSATIONS": "10"}
SLOW = {**STREAMED, "TWITTER_POLL_SECONDS": "3600"}


@pytest.fixture
async def streaming(x, start, until, listening):
    """A service that hears the stream, and looks for itself once an hour."""
    service = await start(**SLOW)
    async with listening(service):
        await until(lambda: x.stream.ears)
        yield service


@pytest.fixture
def values(x):
    """The rules that X has."""
    return lambda: {rule.value for rule in x.stream.rules.values()}


def texts(service):
    """What was heard, each thing once."""
    told = {event.key: event for event in service.runtime.delivered}
    return [event.content.text for event in told.values()]


def is_heard(service, post):
    """Whether a post was heard, by the stream or by a look."""
    return post in {event.message for event in service.runtime.delivered}


def is_told(service, post, how):
    """Whether a post was heard, and that way."""
    return (post, how) in {(event.message, event.how) for event in service.runtime.delivered}


async def test_a_post_is_heard_at_once(streaming, say, square):
    """No look is needed for it."""
    post = await say("Hello")
    event, *_ = await streaming.runtime.wait_for_events(1)
    assert (event.message, event.room.key, event.addressed) == (post, square, True)


async def test_it_is_known_what_the_stream_told(streaming, say, until):
    """A look may find the same, as it does where the stream has a gap."""
    post = await say("Hello")
    await until(lambda: is_told(streaming, post, "stream"))


async def test_rules_are_tagged_and_added_once(x, start, values, until, listening):
    """A second start finds them there, and what others made stays."""
    x.stream.rules["7"] = Rule("7", "cats", "theirs", query("cats"))
    for _ in range(2):
        async with listening(await start(**SLOW)):
            await until(lambda: x.stream.ears)
        await until(lambda: not x.stream.ears)
    assert values() == {"cats", "@Townhall_Bot -is:retweet"}
    tags = {rule.tag for rule in x.stream.rules.values()}
    assert tags == {"theirs", f"townhall/{x.bot.id}/mentions"}


async def test_rules_follow_the_conversations(streaming, say, answer, values, until):
    """Where the bot has spoken, it hears what is not said to it; our own posts it does not."""
    await answer(streaming)
    await until(lambda: len(values()) == 2)
    await say("And what do you think, Bob?", mention=False)
    await until(lambda: len(texts(streaming)) == 3)
    said = {event.content.text: event.addressed for event in streaming.runtime.delivered}
    assert (said["Hello"], said["And what do you think, Bob?"]) == (True, False)


async def test_what_was_said_before_a_rule_was_there_is_looked_for(streaming, answer, until):
    """The line brings nothing of it, though it was up all the time."""
    await answer(streaming)
    await until(lambda: "What do you think of engines?" in texts(streaming))


async def test_no_position_moves_while_a_rule_is_missing(x, streaming, say, answer, until):
    """What the line does not bring would not be looked for any more."""
    x.fail_next("POST", "stream/rules", 503, times=99)
    await answer(streaming)
    await until(lambda: x.gate.plans[0].times < 99)
    count = len(streaming.runtime.delivered)
    await say("Anybody?")
    await until(lambda: "Anybody?" in texts(streaming))
    assert {e.position for e in streaming.runtime.delivered[count:]} == {None}


async def test_a_line_without_an_end_is_given_up(x, streaming, say, until):
    """Memory does not grow with it."""
    x.stream.say(b"x" * LONGEST_LINE * 4)
    await until(lambda: x.stream.opened == 2)
    await say("Hello")
    await until(lambda: "Hello" in texts(streaming))


async def test_old_rules_of_ours_are_removed(start, answer, values, until, listening):
    """What is no longer followed is no longer paid for."""
    service = await start(**SLOW)
    async with listening(service):
        await answer(service)
        await until(lambda: len(values()) == 2)
    async with listening(await start(**{**SLOW, "TWITTER_CONVERSATIONS": "0"})):
        await until(lambda: len(values()) == 1)


async def test_after_a_gap_a_look_catches_up(x, streaming, say, until):
    """What was said while the line was down is heard when it is back."""
    await say("before")
    await streaming.runtime.wait_for_events(1)
    x.stream.drop()
    await say("meanwhile")
    await until(lambda: "meanwhile" in texts(streaming))
    await until(lambda: x.stream.ears)
    await say("after")
    await until(lambda: "after" in texts(streaming))
    assert (texts(streaming), x.stream.opened) == (["before", "meanwhile", "after"], 2)


async def test_a_position_leaves_room_for_what_comes_late(streaming, say, until):
    """X promises no order: a restart looks for what was said a minute before, too."""
    told = streaming.runtime.delivered
    while not (placed := [e for e in told if e.position and e.position.stream == "stream"]):
        post = await say("Hello")
        await until(partial(is_heard, streaming, post))
    assert int(placed[0].position.value) == int(placed[0].message) - (60_000 << 22)


async def test_no_position_moves_before_the_gap_is_closed(x, streaming, say, until):
    """What was missed would not be looked for any more."""
    await say("before")
    await streaming.runtime.wait_for_events(1)
    x.fail_next("GET", "mentions", 503, times=99)
    x.stream.drop()
    await say("meanwhile")
    await until(lambda: x.stream.opened == 2 and x.stream.ears)
    count = len(streaming.runtime.delivered)
    await say("after")
    await streaming.runtime.wait_for_events(count + 1)
    assert {e.position for e in streaming.runtime.delivered[count:]} == {None}


async def test_what_comes_twice_has_one_key(x, streaming, say):
    """The store knows it by that."""
    x.stream.repeated = 1
    await say("Hello")
    one, two, *_ = await streaming.runtime.wait_for_events(2)
    assert one.key == two.key


async def test_a_line_without_signs_of_life_is_given_up(x, start, until):
    """X speaks every 20 s; who hears nothing for longer connects again."""
    x.stream.keep_alive = None
    service = await start(**SLOW)
    me, deliver = await service.login(), service.runtime.deliver
    stream = FilteredStream(service, me, deliver, Troubles(service), Line(), silence=0.05)
    task = asyncio.create_task(stream.run())
    await until(lambda: x.stream.opened > 1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_where_the_plan_has_no_stream_it_polls(x, start, say, until, listening):
    """It says so, does not ask again and again, and hears everything later."""
    service = await start(**STREAMED)
    problem = {"title": "Client Forbidden", "detail": "Not in your plan."}
    x.fail_next("GET", "search/stream", 403, problem, times=99)
    async with listening(service):
        await until(lambda: service._health.status is Status.DEGRADED)
        await say("Hello")
        await service.runtime.wait_for_events(1)
        health = await service.health()
    assert "stream: X: Not in your plan." in health.why
    assert x.gate.plans[0].times == 98


async def test_what_x_says_of_itself_is_no_post(x, streaming, say):
    """Notes on the line and broken lines harm nothing that follows."""
    x.stream.say(b'{"errors": [{"title": "operational-disconnect"}]}')
    x.stream.say(b"half a li")
    x.stream.say(b'{"data": {"id": "17", "text": null}, "telepathy": true}')
    await say("Hello")
    told = await streaming.runtime.wait_for_events(2)
    assert {event.kind for event in told} == {EventKind.MALFORMED, EventKind.MESSAGE}


async def test_the_stream_needs_the_token_of_the_app(x):
    """X gives it to no account."""
    settings = {**x.settings, **STREAMED, "TWITTER_BEARER_TOKEN": ""}
    with pytest.raises(ConfigError, match="TWITTER_BEARER_TOKEN"):
        await TwitterService.start(create_mock_runtime(settings))


async def test_conversations_are_searched_without_a_stream(start, say, answer, listening):
    """An answer to us is said to us, also if our name was taken from it; what else is not."""
    service = await start(TWITTER_CONVERSATIONS="10")
    async with listening(service):
        ours = await answer(service)
        await say("Good.", mention=False, bare=True, reply_to=ours)
        await say("And you, Bob?", mention=False, bare=True)
        events = await service.runtime.wait_for_events(4)
    said = {event.content.text: event.addressed for event in events}
    beginning = {"What do you think of engines?": False}
    assert said == {"Hello": True, "Good.": True, "And you, Bob?": False, **beginning}


async def test_conversations_are_followed_after_a_restart(x, start, say, answer, listening):
    """They are noted."""
    settings = {**x.settings, "TWITTER_CONVERSATIONS": "10", "TWITTER_POLL_SECONDS": "0.02"}
    runtime = create_mock_runtime(settings)
    await answer(await start(runtime))
    async with listening(await start(runtime)):
        await say("Anybody here?", mention=False, bare=True)
        events = await runtime.wait_for_events(3)
    assert "Anybody here?" in {event.content.text for event in events}


async def test_the_newest_conversations_are_followed(notes):
    """As many as are wanted; a full store forgets them at the next start, and nothing else."""
    for key in ("1", "2", "3"):
        conversations = Conversations(notes, 2)
        await conversations.open()
        await conversations.join(key)
    notes.is_full = True
    await conversations.join("4")
    assert ["3" in conversations, "4" in conversations] == [True, True]
    assert conversations.query("me").count("conversation_id") == 2
    assert notes.notes == {"conversations": "2 3"}
