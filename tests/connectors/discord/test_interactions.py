"""Commands are acknowledged at once, and answered when the turn has ended."""

from __future__ import annotations

import pytest

from bot.events import EventKind
from bot.records import PartState

from .hosting import MENU, drained, hosting, until

THINKING = 5


@pytest.fixture
async def host(discord, tmp_path):
    async with hosting(discord, tmp_path / "townhall.db") as host:
        yield host


@pytest.fixture
def lobby(discord):
    return discord.add_room("lobby")


async def test_a_command_is_answered_in_its_place(discord, host, ann, lobby):
    """What said "thinking..." says the answer; the options have their types."""
    await discord.command(lobby, ann, "order", {"count": 2, "size": "large", "hot": True})
    [answer] = await discord.wait_for_answers(lobby)
    [event] = host.events(EventKind.COMMAND)
    assert answer.text == "2 large True"
    assert discord.last_asked.callback == THINKING
    assert discord.last_asked.original["id"] == answer.message
    assert event.call.arguments == {"count": 2, "size": "large", "hot": True}
    assert event.content.text == "/order 2 large true"


async def test_a_private_answer_is_seen_by_who_asked(discord, host, ann, lobby):
    """So is the sign that it is being thought about."""
    await discord.command(lobby, ann, "whisper", {"text": "psst"})
    [answer] = await discord.wait_for_answers(lobby)
    assert answer.text == "psst"
    assert discord.is_hidden(answer.message)


async def test_a_command_may_be_given_in_a_direct_message(discord, host, ann):
    """In a room that the bot never heard of."""
    direct = discord.add_room(ann, kind="dm")
    await discord.command(direct, ann, "order", {"count": 1})
    [answer] = await discord.wait_for_answers(direct)
    [event] = host.events(EventKind.COMMAND)
    assert answer.text == "1 small False"
    assert (event.room.is_private, event.sender.name, event.sender.locale) == (True, "Ann", "en-US")


async def test_an_answer_may_bring_a_file(discord, host, ann, lobby):
    """As any message may."""
    await discord.command(lobby, ann, "show", {})
    [answer] = await discord.wait_for_answers(lobby)
    [file] = discord.files(answer.message)
    assert (answer.text, file.data) == ("look", MENU)


async def test_what_becomes_private_only_then_is_seen_by_who_asked(discord, host, ann, lobby):
    """All saw "thinking..."; it goes, and only one person sees what comes."""
    await discord.command(lobby, ann, "confide", {})
    [answer] = await discord.wait_for_answers(lobby)
    assert discord.is_hidden(answer.message)
    assert discord.state.channels[lobby].messages == {}


async def test_all_that_a_turn_says_arrives(discord, host, ann, lobby):
    """In order: the first takes the place of "thinking...", the others follow."""
    await discord.command(lobby, ann, "count", {})
    answers = await discord.wait_for_answers(lobby, 3)
    assert [one.text for one in answers] == ["one", "two", "three"]
    assert discord.last_asked.original["id"] == answers[0].message


async def test_a_long_turn_is_acknowledged_before_it_ends(discord, host, ann, lobby):
    """Outside of the room's lane."""
    await discord.command(lobby, ann, "ponder", {})
    await discord.command(lobby, ann, "ponder", {})
    await discord.wait_for(lambda d: d.last_asked.callback)
    assert discord.said_by_bot(lobby) == []
    host.idea.set()
    await discord.wait_for_answers(lobby, 2)


async def test_a_slow_store_does_not_keep_anybody_waiting(discord, host, ann, lobby):
    """Discord gives up after three seconds."""
    host.stores.clear()
    await discord.command(lobby, ann, "order", {"count": 1})
    await discord.wait_for(lambda d: d.last_asked.callback)
    assert host.events(EventKind.COMMAND) == []
    host.stores.set()
    await discord.wait_for_answers(lobby)


async def test_who_says_nothing_stops_thinking(discord, host, ann, lobby):
    """Otherwise Discord would show it for a quarter of an hour."""
    await discord.command(lobby, ann, "shrug", {})
    await discord.wait_for(lambda d: d.interactions.known and d.last_asked.callback)
    [event] = host.events(EventKind.COMMAND)
    await host.service.dismiss(event)
    assert discord.last_asked.original is None
    await host.service.dismiss(event)


async def test_after_a_quarter_of_an_hour_it_is_a_message(discord, host, ann, lobby):
    """The token is no longer good; the answer is."""
    await discord.command(lobby, ann, "ponder", {})
    await discord.wait_for(lambda d: d.last_asked.callback)
    discord.clock.ahead = 901
    host.idea.set()
    [answer] = await discord.wait_for_answers(lobby)
    assert (answer.text, answer.message == discord.last_asked.original["id"]) == ("done", False)


async def test_what_is_private_stays_so_after_a_quarter_of_an_hour(discord, host, ann, lobby):
    """It is a direct message then."""
    await discord.command(lobby, ann, "brood", {})
    await discord.wait_for(lambda d: d.last_asked.callback)
    discord.clock.ahead = 901
    host.idea.set()
    direct = discord.add_room(ann, kind="dm")
    [answer] = await discord.wait_for_answers(direct)
    assert (answer.text, discord.said_by_bot(lobby)) == ("done", [])


async def test_an_interaction_that_expired_is_answered_all_the_same(discord, host, ann, lobby):
    """As a message, if it could not be acknowledged."""
    unknown = {"message": "Unknown interaction", "code": 10062}
    await discord.fail_next("POST", "/callback$", 404, unknown)
    await discord.command(lobby, ann, "order", {"count": 1})
    [answer] = await discord.wait_for_answers(lobby)
    assert answer.text == "1 small False"


async def test_an_answer_that_is_refused_stops_thinking(discord, host, ann, lobby):
    """And the next one is given."""
    await discord.fail_next("PATCH", "@original", 400, {"message": "No", "code": 50035})
    await discord.command(lobby, ann, "order", {"count": 1})
    await until(lambda: discord.interactions.known and discord.last_asked.callback)
    await until(lambda: discord.last_asked.original is None)
    await discord.command(lobby, ann, "order", {"count": 2})
    [answer] = await discord.wait_for_answers(lobby)
    assert answer.text == "2 small False"


async def test_what_is_said_elsewhere_is_said_though_thinking_goes_on(discord, host, ann, lobby):
    """It is no failure of the answer that the sign stays."""
    await discord.fail_next("DELETE", "@original", 403, {"message": "No", "code": 0})
    await discord.command(lobby, ann, "act", {})
    await discord.wait_for_answers(lobby)
    await drained(host)
    [sent] = await host.store.outbox("discord", "default", list(PartState))
    assert (sent.part.text, sent.state) == ("To be", PartState.SENT)


async def test_a_lost_answer_is_said_once(discord, host, ann, lobby):
    """The same message is written again."""
    await discord.fail_next("PATCH", "@original", 0, taken=True)
    await discord.command(lobby, ann, "order", {"count": 1})
    await discord.wait_for_answers(lobby)
    await drained(host)
    assert [one.text for one in discord.said_by_bot(lobby)] == ["1 small False"]


async def test_a_lost_followup_is_found(discord, host, ann, lobby):
    """By the interaction that it answers."""
    await discord.fail_next("POST", "^/webhooks/", 0, taken=True)
    await discord.command(lobby, ann, "count", {})
    await discord.wait_for_answers(lobby, 3)
    await drained(host)
    assert [one.text for one in discord.said_by_bot(lobby)] == ["one", "two", "three"]


async def test_a_followup_is_not_repeated_by_the_library(discord, host, ann, lobby):
    """After an error of the server nobody knows, and there is no nonce."""
    await discord.fail_next("POST", "^/webhooks/", 500, {"message": "oops"}, taken=True)
    await discord.command(lobby, ann, "count", {})
    await discord.wait_for_answers(lobby, 3)
    await drained(host)
    assert [one.text for one in discord.said_by_bot(lobby)] == ["one", "two", "three"]
