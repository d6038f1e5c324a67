"""What we say on X, and what is known about it afterwards."""

import time

import pytest

from bot.errors import ConfigError, RateLimited, Rejected, Unauthorized, Unavailable, Unconfirmed
from bot.testing.runtime import create_mock_runtime
from connectors.twitter.connector import TwitterService
from connectors.twitter.simulator import TwitterSimulator

POST = ("POST", "^/2/tweets$")


async def test_an_answer_goes_under_the_post_it_answers(x, service, say, square, part):
    """The receipt is the id of the post, in the same conversation."""
    question = await say("Why?")
    receipt = await service.send(part(square, "Because <&>.", reply_to=question))
    (said,) = x.said_by_bot(square)
    assert (said.message, said.text, said.reply_to) == (receipt.message, "Because <&>.", question)


async def test_a_notification_is_a_post_of_our_own(x, service, part):
    """The room `timeline` is ours alone."""
    receipt = await service.send(part("timeline", "The town hall opens at nine."))
    assert [s.message for s in x.said_by_bot("timeline")] == [receipt.message]


async def test_a_direct_message_is_answered_in_its_room(x, service, ada, part):
    """The receipt is `dm/` and the id of the event."""
    room = x.add_room(ada, kind="dm")
    receipt = await service.send(part(room, "Hello"))
    assert [s.message for s in x.said_by_bot(room)] == [receipt.message]
    assert receipt.message.startswith("dm/")
    assert service.capabilities_for(part(room, "").room).max_length == 10_000


async def test_notifications_go_to_the_rooms_of_the_settings(x):
    """`TWITTER_ROOMS` lists them, separated by commas."""
    runtime = create_mock_runtime({**x.settings, "TWITTER_ROOMS": "timeline, dm/1-2"})
    service = await TwitterService.start(runtime)
    await service.notify("Nine o'clock")
    await service.stop()
    assert [room.key for room, _ in runtime.sent] == ["timeline", "dm/1-2"]


async def test_what_x_will_never_take_is_rejected(x, service, part):
    """Too long, empty, and an answer to a post that is gone."""
    gone = x.add_room("Gone soon")
    await x.delete(gone)
    for hopeless in (part("timeline", "x" * 281), part("timeline", " "), part(gone, "Hello?")):
        with pytest.raises(Rejected):
            await service.send(hopeless)


async def test_an_answer_to_somebody_who_did_not_mention_us_is_rejected(part):
    """X lets bots answer only those who spoke to them."""
    async with TwitterSimulator(only_mentioned=True) as x:
        service = await TwitterService.start(create_mock_runtime(x.settings))
        with pytest.raises(Rejected, match="not been mentioned"):
            await service.send(part(x.add_room("Nobody asked"), "Hello"))
        await service.stop()


async def test_the_same_answer_to_the_same_post_is_one(x, service, say, square, part):
    """A duplicate under the same post is our own earlier attempt, so it has arrived."""
    question = await say("Why?")
    answer = part(square, "Because.", reply_to=question)
    assert await service.send(answer) == await service.send(answer)
    assert len(x.said_by_bot(square)) == 1


async def test_a_lost_answer_is_found_again(x, say, service, square, part):
    """X took the post and the connection broke: unconfirmed, until our timeline shows it."""
    for text in ("See https://example.org/a?b=1&c=2 now", "1 < 2 & 3  ok", "Zoe\u0308"):
        lost = part(square, text, reply_to=await say("Why?"))
        x.lose_next(*POST)
        with pytest.raises(Unconfirmed):
            await service.send(lost)
        found = await service.find(lost)
        assert found.message == x.said_by_bot(square)[-1].message


async def test_what_never_arrived_is_not_found(service, say, square, part):
    """The same text under another post is another answer."""
    first = await say("Why?")
    second = await say("Why, then?")
    await service.send(part(square, "Because.", reply_to=first))
    assert await service.find(part(square, "Because.", reply_to=second)) is None


async def test_whether_a_direct_message_arrived_cannot_be_known(x, service, ada, part):
    """Two messages may well have the same text."""
    lost = part(x.add_room(ada, kind="dm"), "Hello")
    x.lose_next("POST", "messages")
    with pytest.raises(Unconfirmed):
        await service.send(lost)
    with pytest.raises(Unconfirmed):
        await service.find(lost)


@pytest.mark.parametrize(
    ("refusal", "error"),
    [
        ((400, {"title": "Invalid Request"}), Rejected),
        ((401, {"title": "Unauthorized"}), Unauthorized),
        ((402, {"title": "CreditsDepleted"}), RateLimited),
        ((403, {"type": "https://api.twitter.com/2/problems/oauth1-permissions"}), Unauthorized),
        ((403, {"detail": "You are not permitted to perform this action."}), Rejected),
        ((429, {"title": "Too Many Requests"}), RateLimited),
        ((500, {"title": "Internal Server Error"}), Unconfirmed),
        ((503, b"<html>Over capacity</html>"), Unconfirmed),
        ((201, b"<html>Hello</html>"), Unconfirmed),
    ],
)
async def test_each_refusal_says_what_to_do_next(x, service, part, refusal, error):
    """Our errors are named after the caller's next step."""
    x.fail_next(*POST, *refusal)
    with pytest.raises(error):
        await service.send(part("timeline", "Hello"))


async def test_a_429_waits_for_the_reset_that_it_names(x, service, part):
    """The pause ends when X's window opens again; until then X is not asked."""
    window = {"x-rate-limit-remaining": "0", "x-rate-limit-reset": str(int(time.time()) + 100)}
    x.fail_next(*POST, 429, {"title": "Too Many Requests"}, headers=window)
    for _ in range(2):
        with pytest.raises(RateLimited) as limited:
            await service.send(part("timeline", "Hello"))
        assert 90 < limited.value.retry_after <= 101
    assert x.said_by_bot("timeline") == []


async def test_a_server_that_is_not_there_has_surely_taken_nothing(x, service, part):
    """A refused connection is tried again without asking."""
    await x.__aexit__()
    with pytest.raises(Unavailable):
        await service.send(part("timeline", "Hello"))


@pytest.mark.parametrize("setting", ["TWITTER_API_URL", "TWITTER_POLL_SECONDS", "TWITTER_API_KEY"])
def test_a_wrong_setting_is_named(x, setting):
    """A bad value or a missing one is told by its name."""
    settings = {**x.settings, setting: "" if setting.endswith("KEY") else "nonsense"}
    with pytest.raises(ConfigError, match=setting):
        TwitterService(create_mock_runtime(settings))
