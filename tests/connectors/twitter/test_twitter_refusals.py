"""Each refusal of X says what it means, and what to do about it."""

import pytest

from bot.errors import RateLimited, Rejected, Unauthorized, Unavailable, Unconfirmed
from connectors.twitter.errors import OutOfCredit

POST = ("POST", "^/2/tweets$")
MESSAGE = ("POST", "^/2/dm_conversations/")
PROBLEMS = "https://api.x.com/2/problems"


def older(code, message):
    return {"errors": [{"code": code, "message": message}]}


def newer(detail, kind=""):
    shown = f"{PROBLEMS}/{kind}" if kind else "about:blank"
    return {"title": "Forbidden", "detail": detail, "type": shown, "status": 403}


@pytest.mark.parametrize(
    "refused",
    [
        (older(187, "Status is a duplicate."), Rejected, "in other words"),
        (
            newer("You are not allowed to create a Tweet with duplicate content."),
            Rejected,
            "in other words",
        ),
        (older(226, "This request looks like it might be automated."), Rejected, "as automated"),
        (
            older(64, "Your account is suspended and is not permitted to access this feature."),
            Unauthorized,
            "appeal",
        ),
        (
            newer("To protect our users, this account is temporarily locked."),
            Unauthorized,
            "log in at x.com",
        ),
        (older(185, "User is over daily status update limit."), RateLimited, "for a day"),
        (
            newer(
                "Reply to this conversation is not allowed because you have not been mentioned or "
                "otherwise engaged by the author of the post you are replying to."
            ),
            Rejected,
            "reply to those who mentioned it",
        ),
        (older(433, "The original Tweet author restricted who can reply."), Rejected, "may reply"),
        (older(179, "Sorry, you are not authorized to see this status."), Rejected, "protected"),
        (
            older(136, "You have been blocked from the author of this tweet."),
            Rejected,
            "this person has blocked the bot",
        ),
        (older(63, "User has been suspended."), Rejected, "the other account is suspended"),
        (
            newer("You attempted to reply to a Tweet that is deleted or not visible to you."),
            Rejected,
            "the post is deleted",
        ),
        (older(324, "The validation of media ids failed."), Rejected, "as JPEG"),
        (older(186, "Tweet needs to be a bit shorter."), Rejected, "too long"),
        (newer("Client Forbidden", "client-forbidden"), Unauthorized, "whose plan has it"),
        (older(261, "Application cannot perform write actions."), Unauthorized, "Read and write"),
        (newer("Nobody knows this one."), Rejected, "Nobody knows this one"),
    ],
)
async def test_a_post_is_refused_in_plain_words(x, service, part, refused):
    """By X's code or by its text, whichever it gives; X's own words stand behind."""
    body, error, words = refused
    x.fail_next(*POST, 403, body)
    with pytest.raises(error, match=words) as caught:
        await service.send(part("timeline", "Hello"))
    assert (body.get("detail") or body["errors"][0]["message"]) in str(caught.value)


@pytest.mark.parametrize(
    "body",
    [
        older(349, "You cannot send messages to this user."),
        older(150, "You cannot send messages to users who are not following you."),
        newer("You do not have permission to DM one or more participants."),
    ],
)
async def test_a_message_to_who_takes_none_is_refused_in_plain_words(x, service, ada, part, body):
    """The account and all its posts are well."""
    x.fail_next(*MESSAGE, 403, body)
    with pytest.raises(Rejected, match="may not write to this person"):
        await service.send(part(x.add_room(ada, kind="dm"), "Hello"))


async def test_messages_that_the_app_may_not_send_leave_posts_alone(x, service, ada, part):
    """They need a permission of their own, so that the account is not told to stop."""
    x.fail_next(*MESSAGE, 403, newer("Forbidden", "oauth1-permissions"))
    with pytest.raises(Rejected, match="Read and write and Direct message"):
        await service.send(part(x.add_room(ada, kind="dm"), "Hello"))


async def test_the_daily_limit_is_waited_for(x, service, part):
    """For as long as the headers say, or for half an hour, as X deals it out."""
    limit = older(185, "User is over daily status update limit.")
    x.fail_next(*POST, 403, limit)
    with pytest.raises(RateLimited) as limited:
        await service.send(part("timeline", "Hello"))
    assert limited.value.retry_after == 1800


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (402, {"title": "CreditsDepleted", "detail": "No credits."}),
        (429, {"title": "UsageCapExceeded", "type": f"{PROBLEMS}/usage-capped"}),
    ],
)
async def test_who_has_used_up_what_is_paid_has_to_pay(x, service, part, status, body):
    """Waiting for a window would not help."""
    x.fail_next(*POST, status, body)
    with pytest.raises(OutOfCredit, match="out of credit"):
        await service.send(part("timeline", "Hello"))


@pytest.mark.parametrize(
    "answer",
    [(500, b"<html>"), (502, b""), (503, None), (504, b"upstream timeout"), (408, {"title": "T"})],
)
async def test_who_fails_after_reading_may_have_posted(x, service, part, answer):
    """So nobody knows, and the timeline has to be looked at; a look itself can be repeated."""
    x.fail_next(*POST, *answer)
    with pytest.raises(Unconfirmed):
        await service.send(part("timeline", "Hello"))
    x.fail_next("GET", "tweets", *answer)
    with pytest.raises(Unavailable):
        await service.find(part("timeline", "Hello"))


@pytest.mark.parametrize("status", [302, 400, 401, 402, 403, 404, 405, 451])
async def test_a_page_in_place_of_an_answer_refuses_nothing(x, service, part, status):
    """A proxy made it: nobody knows what X did, and what changes nothing can be asked again."""
    x.fail_next(*POST, status, b"<html>Attention Required!</html>")
    with pytest.raises(Unconfirmed, match=f"on the way to it, answers {status}"):
        await service.send(part("timeline", "Hello"))
    x.fail_next("GET", "tweets", status, b"<html>Attention Required!</html>")
    with pytest.raises(Unavailable, match=f"on the way to it, answers {status}"):
        await service.find(part("timeline", "Hello"))


async def test_a_page_in_place_of_news_is_asked_for_again_soon(x, service, say, listening):
    """Not in the quarter of an hour that X's own refusal is worth."""
    for status in (302, 403):
        x.fail_next("GET", "mentions", status, b"<html>Attention Required!</html>")
    await say("Hello")
    async with listening(service):
        await service.runtime.wait_for_events(1)


@pytest.mark.parametrize("body", [b"null", b"[]", b'"no"', b""])
async def test_what_is_no_object_is_no_answer_of_x(x, service, part, body):
    """It has some of its own for each refusal."""
    x.fail_next(*POST, 400, body)
    with pytest.raises(Unconfirmed):
        await service.send(part("timeline", "Hello"))


@pytest.mark.parametrize("body", [{"errors": ["no"]}, {"errors": [5]}, {}])
async def test_a_refusal_of_any_shape_is_one(x, service, part, body):
    """Whatever X may answer one day, it raises nothing else."""
    x.fail_next(*POST, 400, body)
    with pytest.raises(Rejected):
        await service.send(part("timeline", "Hello"))
