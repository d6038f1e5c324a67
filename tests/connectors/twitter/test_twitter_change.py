"""What we do to posts and messages that are there."""

import pytest

from bot.content import Verb
from bot.errors import Rejected, Unavailable, Unconfirmed

LIKES = "/2/users/{id}/likes"


@pytest.fixture
def doing(part):
    """A part that does something to a message."""

    def doing(verb, target, key="timeline"):
        return part(key, "").model_copy(update={"verb": verb, "target": target})

    return doing


async def test_a_post_is_deleted_and_once_more_is_fine(x, service, part, doing):
    """What is gone is as good as deleted."""
    post = (await service.send(part("timeline", "Oops"))).message
    for _ in range(2):
        await service.change(doing(Verb.DELETE, post))
    assert post not in x.network.posts


async def test_a_direct_message_is_deleted_and_once_more_is_fine(x, service, part, doing, ada):
    """X says that it is not there, which is what we wanted."""
    room = x.add_room(ada, kind="dm")
    message = (await service.send(part(room, "Oops"))).message
    for _ in range(2):
        await service.change(doing(Verb.DELETE, message, room))
    assert x.network.messages == []


async def test_nobody_elses_post_is_deleted(service, say, doing):
    """X forbids it, in words that are passed on."""
    with pytest.raises(Rejected, match="not permitted to delete"):
        await service.change(doing(Verb.DELETE, await say("Mine")))


async def test_a_like_comes_and_goes(x, service, say, doing):
    """X has no other reaction; twice is as good as once."""
    post = await say("Like me")
    for _ in range(2):
        await service.change(doing(Verb.REACT, post))
    assert x.reactions(post) == {"❤": [x.bot.id]}
    for _ in range(2):
        await service.change(doing(Verb.UNREACT, post))
    assert x.reactions(post) == {}


async def test_a_plan_without_likes_says_so(x, service, say, doing, part):
    """Likes have a price of their own; everything else goes on."""
    x.gate.lacking.add(LIKES)
    with pytest.raises(Rejected, match="the app's plan does not have this"):
        await service.change(doing(Verb.REACT, await say("Like me")))
    await service.send(part("timeline", "Hello"))


async def test_a_repost_twice_is_one(x, service, say, doing):
    """X refuses the second, which has done no harm."""
    post = await say("Pass it on")
    for _ in range(2):
        await service.change(doing(Verb.REPOST, post))
    assert x.acts.reposts[post] == [x.bot.id]


@pytest.mark.parametrize("verb", [Verb.REACT, Verb.UNREACT, Verb.REPOST])
async def test_what_is_gone_can_be_left_alone(x, service, say, doing, verb):
    """There is nothing left to do, and nothing to report."""
    post = await say("Gone soon")
    await x.delete(post)
    await service.change(doing(verb, post))


@pytest.mark.parametrize("verb", [Verb.EDIT, Verb.REACT, Verb.REPOST])
async def test_what_x_cannot_do_is_rejected(service, doing, verb):
    """Bots edit nothing, and do nothing to direct messages but delete them."""
    target = "5" if verb is Verb.EDIT else "dm/5"
    with pytest.raises(Rejected, match=f"X cannot {verb}"):
        await service.change(doing(verb, target))
    assert verb not in service.capabilities_for(service.room("dm/1-2")).verbs


async def test_whether_a_lost_change_arrived_can_be_asked_by_doing_it_again(x, service, say, doing):
    """Each of them is harmless when done twice."""
    post = await say("Like me")
    x.lose_next("POST", "likes")
    with pytest.raises(Unconfirmed):
        await service.change(doing(Verb.REACT, post))
    await service.change(doing(Verb.REACT, post))
    assert x.reactions(post) == {"❤": [x.bot.id]}


async def test_a_change_waits_while_x_is_not_there(x, service, say, doing):
    """It surely was not done."""
    post = await say("Like me")
    async with x.outage():
        with pytest.raises(Unavailable):
            await service.change(doing(Verb.REACT, post))
    await service.change(doing(Verb.REACT, post))
