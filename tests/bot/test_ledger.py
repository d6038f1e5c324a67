"""The story of a message is found by any of its names, and is whole."""

from __future__ import annotations

import pytest
from pydantic_core import to_json

from bot.action import action
from bot.cli.ledger import record
from bot.connector import Connector
from bot.content import Content
from bot.errors import Rejected
from bot.events import EventKind
from bot.flood import own_lane
from bot.ledger import GAP, why
from bot.memory import Room, RoomKind
from bot.plugin import Plugin
from bot.records import EventState, PartState, StepState, Stored
from bot.stores.sqlite import SqliteStore
from bot.testing.connector import LoopbackService, said


@action
async def pay(turn, amount: int = 1) -> str:
    """Pay."""
    return f"Paid {amount}."


@action(idempotent=True)
async def skip(turn) -> None:
    """Say what cannot be seen between two things that can."""
    for text in ("one", *[""] * (GAP - 1), "two"):
        turn.reply(text)


class Linked(LoopbackService):
    """The platform in memory, with links."""

    @classmethod
    def message_of(cls, link):
        return link.removeprefix("loop://") if link.startswith("loop://") else None


class Elsewhere(Linked):
    platform = "elsewhere"


@pytest.fixture
async def runtime(bot):
    """A bot, running."""
    async with bot(Plugin("till", actions=(pay, skip))) as runtime:
        yield runtime


@pytest.fixture
def tell(runtime):
    """Deliver an event and wait until all that follows from it is done."""

    async def tell(event):
        await runtime.deliver(event)
        await settle(runtime)
        return event

    return tell


async def settle(runtime):
    await runtime.turns.lanes.drain()
    await runtime.outbox.senders["loopback", "default"].drain()


async def test_a_story_is_whole(runtime, tell):
    """What came, what was decided and done, and how the answer fared."""
    event = await tell(said("/pay 3"))
    [story] = await why(runtime.store, "lobby/1")
    decision, act = story.steps
    [reply] = story.replies
    [out] = reply.parts
    assert (story.event.event, story.event.state) == (event, EventState.DONE)
    assert event.at < story.event.received_at <= story.event.ended_at
    assert (decision.name, act.name, act.state) == ("command", "pay", StepState.DONE)
    assert act.body["arguments"] == {"amount": "3"}
    assert reply.delivery.content.text == "Paid 3."
    assert (out.state, out.attempts) == (PartState.SENT, 1)
    assert not story.is_given_up


async def test_a_message_has_many_names(runtime, tell):
    """Its reference, its Memory and its key lead to one story, and so does its link."""
    event = await tell(said("hello"))
    names = ("lobby/1", str(event.memory_id), event.key, "loop://lobby/1")
    stories = [await why(runtime.store, name, [Linked]) for name in names]
    assert [len(found) for found in stories] == [1] * len(names)
    assert all(found == stories[0] for found in stories)


async def test_a_link_is_of_one_platform(runtime, tell):
    """A message of the same reference on another platform is not meant."""
    await tell(said("hello"))
    assert await why(runtime.store, "loop://lobby/1", [Elsewhere]) == ()


async def test_an_answer_leads_to_what_it_answered(runtime, tell):
    """By its delivery, its Memory, and the platform's id of it."""
    event = await tell(said("hello"))
    [story] = await why(runtime.store, event.key)
    [reply] = story.replies
    sent = reply.parts[0].receipt.message
    for name in (str(reply.delivery.id), str(reply.delivery.memory), sent):
        [found] = await why(runtime.store, name)
        assert (found.event, found.asked) == (story.event, reply.delivery.id)


async def test_an_answer_that_no_platform_took_is_found(runtime, tell):
    """By its Memory too, although no message leads there."""
    LoopbackService.outcomes.append(Rejected("blocked"))
    event = await tell(said("hello"))
    [story] = await why(runtime.store, event.key)
    [reply] = story.replies
    [found] = await why(runtime.store, str(reply.delivery.memory))
    assert found.replies[0].parts[0].reason == "blocked"
    assert found.is_given_up


async def test_what_was_said_unasked_has_a_story(runtime):
    """It answers nothing."""
    room = Room(platform="loopback", account="default", key="lobby")
    delivery = await runtime.send(room, Content(text="Good morning."))
    await settle(runtime)
    [story] = await why(runtime.store, str(delivery))
    [again] = await why(runtime.store, story.replies[0].parts[0].receipt.message)
    assert story == again
    assert (story.event, story.asked) == (None, delivery)


async def test_changes_belong_to_the_story(runtime, tell):
    """An edit and a deletion; no words are left."""
    await tell(said("hello"))
    edit = said("hello!").model_copy(update={"kind": EventKind.EDIT, "revision": 1})
    await tell(edit)
    await tell(edit.model_copy(update={"kind": EventKind.DELETE, "revision": 2}))
    [story] = await why(runtime.store, "lobby/1")
    assert [one.event.kind for one in story.changes] == [EventKind.EDIT, EventKind.DELETE]
    assert [one.event.content for one in (story.event, *story.changes[:1])] == [None, None]
    assert story.memory.deleted


async def test_replies_are_found_behind_what_could_not_be_seen(runtime, tell):
    """One without text is not stored, and hides none after it."""
    await tell(said("/skip"))
    [story] = await why(runtime.store, "lobby/1")
    assert [reply.delivery.content.text for reply in story.replies] == ["one", "two"]


async def test_each_account_that_knows_a_message_has_its_story(runtime, tell):
    """The same reference on another account is another message."""
    await tell(said("hello"))
    async with runtime.store.commit() as c:
        c.accept(event := said("hello", account="sales"), EventState.KEPT)
        c.put_room(event.room)
    stories = await why(runtime.store, "lobby/1")
    assert [one.event.event.account for one in stories] == ["default", "sales"]


async def test_what_waits_knows_behind_how_many(tmp_path):
    """In the lane where it waits; what has ended waits nowhere."""
    events = [said("hello", number, kind=RoomKind.GROUP) for number in range(5)]
    own = own_lane(events[0].room, events[0].sender)
    async with SqliteStore(tmp_path / "townhall.db") as store:
        async with store.commit() as c:
            for event, lane in zip(events, (None, own, None, own, None), strict=True):
                c.accept(event, EventState.PENDING, lane=lane)
        first = await store.event(events[0].key)
        async with store.commit() as c:
            c.finish(first.seq, EventState.DONE)
        stories = [story for event in events for story in await why(store, event.key)]
    places = [story.queue and (story.queue.is_own, story.queue.before) for story in stories]
    assert places == [None, (True, 0), (False, 0), (True, 1), (False, 1)]


@pytest.mark.parametrize("name", ["nothing", "6f1c1b9e-33a5-5d0e-8a5b-7a9c5f0f4a11", ""])
async def test_what_nobody_knows_has_no_story(runtime, tell, name):
    """Whatever it looks like."""
    await tell(said("hello"))
    assert await why(runtime.store, name, [Linked]) == ()


def test_what_opens_something_is_not_shown_to_programs():
    """An event that nobody understood is told of without the token that it brought."""
    raw = {"t": "INTERACTION", "d": [{"token": "xyzzy", "name": "roll"}]}
    event = said("").model_copy(update={"raw": raw, "via": {"token": "xyzzy"}})
    shown = to_json(record.event(Stored(seq=1, event=event)))
    assert b"xyzzy" not in shown
    assert b"roll" in shown


def test_a_connector_without_links_reads_none():
    """As long as its author does not say otherwise."""
    assert Connector.message_of("https://example.org/1") is None
