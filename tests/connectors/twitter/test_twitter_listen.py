"""What X tells us, and that none of it is lost."""

from datetime import timedelta

import pytest

from bot.errors import StoreError, StoreFull, Unauthorized
from bot.events import EventKind
from bot.memory import RoomKind
from bot.service import Status
from bot.testing.runtime import create_mock_runtime
from connectors.twitter.connector import TwitterService

MENTIONS = "/2/users/{id}/mentions"
CREDIT = {"title": "CreditsDepleted", "detail": "Your account does not have any credits."}


async def test_a_mention_is_a_message_in_its_conversation(service, say, ada, square, listening):
    """A post that mentions us says who, where, when and what, without the handles before it."""
    async with listening(service):
        post = await say("Are 2 < 3 & 4 > 1?")
        (event,) = await service.runtime.wait_for_events(1)
    assert (event.kind, event.ids, event.message) == (EventKind.MESSAGE, (post,), post)
    assert (event.room.key, event.room.kind) == (square, RoomKind.THREAD)
    assert (event.sender.key, event.sender.name) == (ada, "Ada Lovelace")
    assert (event.content.text, event.reply_to) == ("Are 2 < 3 & 4 > 1?", square)
    assert event.addressed


async def test_a_reply_to_us_stays_in_the_room(service, say, square, part, listening):
    """Who answers our answer mentions us by it, and is heard in the same conversation."""
    first = await say("Hello")
    receipt = await service.send(part(square, "Hello, Ada.", reply_to=first))
    second = await say("How are you?", mention=False, reply_to=receipt.message)
    async with listening(service):
        events = await service.runtime.wait_for_events(2)
    assert [e.message for e in events] == [first, second]
    assert events[1].reply_to == receipt.message
    assert {e.room.key for e in events} == {square}


async def test_all_pages_arrive_oldest_first_and_then_the_position_moves(service, say, listening):
    """Of three pages the last event alone carries the position: the newest id."""
    posts = [await say(f"{n}") for n in range(250)]
    async with listening(service):
        events = await service.runtime.wait_for_events(250)
    assert [event.message for event in events] == posts
    assert [event.position for event in events[:-1]] == [None] * 249
    assert await service.position("mentions") == posts[-1]


async def test_a_failure_between_pages_loses_nothing(x, service, say, listening):
    """Nothing of a poll is delivered before its last page is read."""
    posts = [await say(f"{n}") for n in range(150)]
    x.fail_next("GET", "mentions.*pagination_token", 503, b"<html>over capacity</html>")
    async with listening(service):
        events = await service.runtime.wait_for_events(150)
    assert [event.message for event in events] == posts


async def test_reading_goes_on_after_what_is_stored(x, runtime, say, listening, until):
    """A second start reads what is newer, and once more what was said in the minute before."""
    for count, text in enumerate(("old", "one", "two")):
        await say(text)
        x.bot.mentions[0].id = str(int(x.bot.mentions[0].id) - (120_000 << 22))
        service = await TwitterService.start(runtime)
        async with listening(service):
            await until(lambda: len(runtime.store.events) > count)  # noqa: B023 - it is awaited here
        await service.stop()
    assert [event.content.text for event in runtime.store.events.values()] == ["old", "one", "two"]
    assert [event.content.text for event in runtime.delivered].count("old") == 1


async def test_it_is_known_what_was_read_back(service, say, listening):
    """What the first look finds was said while nobody looked."""
    await say("missed")
    async with listening(service):
        await service.runtime.wait_for_events(1)
        await say("heard")
        events = await service.runtime.wait_for_events(2)
    assert [event.how for event in events] == ["history", "polling"]


async def test_a_mention_that_x_shows_late_is_heard(x, service, say, listening):
    """X promises no order: an older id may come to light after a newer one."""
    for text in ("late", "early"):
        await say(text)
    await heard_when_shown(service, listening, x.bot.mentions)


async def test_a_direct_message_that_x_shows_late_is_heard(x, service, ada, listening):
    """Likewise."""
    for text in ("late", "early"):
        await x.say(x.add_room(ada, kind="dm"), ada, text)
    await heard_when_shown(service, listening, x.network.messages)


async def heard_when_shown(service, listening, shelf):
    """Hide the first of two for a while; both are heard."""
    late = shelf.pop(0)
    async with listening(service):
        await service.runtime.wait_for_events(1)
        shelf.insert(0, late)
        events = await service.runtime.wait_for_events(2)
    assert [event.content.text for event in events] == ["early", "late"]


async def test_a_full_store_moves_no_position(service, say, listening):
    """What could not be stored is read again until it could."""
    refusals, deliver = [StoreFull("no room"), StoreError("locked")], service.runtime.deliver

    async def narrow(*events):
        if refusals:
            raise refusals.pop()
        await deliver(*events)

    service.runtime.deliver = narrow
    post = await say("Hello")
    async with listening(service):
        await service.runtime.wait_for_events(1)
    assert await service.position("mentions") == post


async def test_a_malformed_post_is_kept_and_the_next_one_heard(x, service, say, ada, listening):
    """What cannot be understood comes as it is, with the reason, and harms no other."""
    await x.inject({"id": "17", "text": None, "author_id": ada})
    await x.inject("not even a post")
    await say("Hello")
    async with listening(service):
        events = await service.runtime.wait_for_events(3)
    kinds = sorted(event.kind for event in events)
    assert kinds == [EventKind.MALFORMED, EventKind.MALFORMED, EventKind.MESSAGE]
    assert {repr(e.raw) for e in events if e.problem} >= {"'not even a post'"}


async def test_an_edited_post_is_heard_once_and_changed(x, service, say, listening):
    """X makes a new post of an edit; its message keeps its key, and the edit comes beside it."""
    post = await say("Helo")
    async with listening(service):
        await service.runtime.wait_for_events(1)
        await x.edit(post, "Hello")
        first, again, edit = await service.runtime.wait_for_events(3)
    assert (first.key, first.memory_id) == (again.key, edit.memory_id)
    assert (edit.kind, edit.revision, edit.content.text) == (EventKind.EDIT, 1, "Hello")


async def test_a_direct_message_is_heard_and_ours_are_not(x, service, ada, part, listening):
    """A DM has a room of its own, always speaks to us, and our answers are not events."""
    room = x.add_room(ada, kind="dm")
    async with listening(service):
        first = await x.say(room, ada, "1 < 2")
        await service.runtime.wait_for_events(1)
        await service.send(part(room, "Indeed."))
        second = await x.say(room, ada, "Good.")
        events = await service.runtime.wait_for_events(2)
    assert [(e.message, e.content.text) for e in events] == [(first, "1 < 2"), (second, "Good.")]
    assert {(e.room.key, e.room.kind, e.addressed) for e in events} == {(room, RoomKind.DM, True)}
    assert await service.position("dms") == second.removeprefix("dm/")


async def test_direct_messages_are_read_back_to_the_last_stored(x, runtime, ada, listening, until):
    """X cannot be asked for new messages only; pages are read until a known one is met."""
    room, told = x.add_room(ada, kind="dm"), runtime.store.events
    for start in (0, 150):
        said = [await x.say(room, ada, f"{n}") for n in range(start, start + 150)]
        service = await TwitterService.start(runtime)
        async with listening(service):
            await until(lambda: len(told) == start + 150)  # noqa: B023 - it is awaited here
        await service.stop()
        assert [event.message for event in told.values()][start:] == said


async def test_a_window_that_ends_amid_many_pages_is_waited_for(x, service, ada, listening):
    """To begin anew would use up the next one as well, and never come to an end."""
    room = x.add_room(ada, kind="dm")
    said = [await x.say(room, ada, f"{n}") for n in range(210)]
    x.gate.limits = True
    x.set_window("GET", "/2/dm_events", limit=2, seconds=1)
    async with listening(service):
        events = await service.runtime.wait_for_events(210)
    assert [event.message for event in events] == said
    assert x.gate.exceeded == 0


async def test_wrong_credentials_end_listening(x):
    """A signature made with another secret is refused, and the message says what to compare."""
    wrong = {**x.settings, "TWITTER_ACCESS_TOKEN_SECRET": "another"}
    service = await TwitterService.start(create_mock_runtime(wrong))
    with pytest.raises(Unauthorized) as refused:
        await service.run()
    assert "TWITTER_ keys and tokens" in refused.value.fix
    await service.stop()


async def test_credentials_withdrawn_later_end_listening_too(x, service, until, listening):
    """A 401 in a poll is not retried for ever."""
    async with listening(service) as task:
        await until(lambda: ("GET", MENTIONS) in x.gate.windows)
        x.fail_next("GET", "mentions", 401, times=1)
        with pytest.raises(Unauthorized):
            await task


async def test_without_credit_it_says_so_and_waits(x, service, until, listening):
    """402 is degraded, names the remedy, and is not asked again at once."""
    x.fail_next("GET", "mentions", 402, CREDIT, times=99)
    async with listening(service):
        await until(lambda: service._health.status is Status.DEGRADED)
        health = await service.health()
    assert "out of credit" in health.why
    assert "Buy credits" in health.fix
    assert x.gate.plans[0].times == 98


async def test_who_we_are_is_paid_for_once_though_it_cannot_be_noted(x, service, until, listening):
    """A full store does not make every attempt ask anew."""
    keep = service.runtime.keep

    async def narrow(*note):
        if note[2] == "me":
            raise StoreFull("no room")
        await keep(*note)

    service.runtime.keep = narrow
    async with listening(service):
        await until(lambda: service._health.status is Status.UP)
    assert x.credits.requests.count(("GET", "/2/users/me")) == 1


async def test_without_credit_at_login_it_is_not_asked_again_at_once(x, service, until, listening):
    """Being restarted must not turn one refusal into many."""
    x.fail_next("GET", "me", 402, CREDIT, times=99)
    async with listening(service):
        await until(lambda: "out of credit" in service._health.why)
    assert (service._health.status, x.gate.plans[0].times) == (Status.DOWN, 98)


async def test_an_unread_stream_leaves_the_other_alone(x, service, say, listening):
    """Direct messages that X refuses to show do not stop mentions."""
    permissions = {"type": "https://api.x.com/2/problems/oauth1-permissions", "title": "Forbidden"}
    x.fail_next("GET", "dm_events", 403, permissions, times=99)
    async with listening(service):
        for count in (1, 2):
            await say(f"{count}")
            await service.runtime.wait_for_events(count)
    assert "Read and write and Direct message" in (await service.health()).why


async def test_a_used_up_window_is_waited_for_and_not_provoked(x, service, say, listening):
    """At `remaining: 0` nothing is asked before the reset, so that X never has to say 429."""
    x.gate.limits = True
    x.set_window("GET", MENTIONS, limit=1, seconds=1)
    async with listening(service):
        for count in (1, 2):
            await say(f"{count}")
            await service.runtime.wait_for_events(count)
    assert x.gate.exceeded == 0


async def test_an_outage_ends_by_itself(x, service, say, until, listening):
    """Cut connections and answers that are no JSON are forgotten once X is well again."""
    async with listening(service):
        await until(lambda: ("GET", MENTIONS) in x.gate.windows)
        x.fail_next("GET", "mentions", 503, b"<html>over capacity</html>")
        x.lose_next("GET", "mentions")
        await until(lambda: not any(plan.times for plan in x.gate.plans))
        await say("Hello")
        await service.runtime.wait_for_events(1)
        await until(lambda: service._health.status is Status.UP)


async def test_login_says_what_will_not_work(x, service):
    """Missing permissions, encrypted messages and the price are told in plain words."""
    encrypted, price = (await service.login()).warnings
    assert encrypted.startswith("Most direct messages")
    assert "a day with 100 mentions" in price
    x.gate.access = "read"
    identity = await service.login()
    assert (identity.key, identity.username) == (x.bot.id, "Townhall_Bot")
    assert "may only read" in identity.warnings[0]


async def test_a_first_start_answers_the_last_hour_only(x, service, say, ada, listening):
    """Nothing is stored yet, so what is older than an hour is not even read."""
    room = x.add_room(ada, kind="dm")
    for text in ("old", "new"):
        await say(text)
        await x.say(room, ada, text)
    for one in (x.bot.mentions[0], x.network.messages[0]):
        one.at -= timedelta(hours=2)
    async with listening(service):
        events = await service.runtime.wait_for_events(2)
    assert [event.content.text for event in events] == ["new", "new"]
