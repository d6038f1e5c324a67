"""Buttons and lists, completion, and what must never happen to an interaction."""

from __future__ import annotations

import logging
from uuid import uuid4

import pytest

from bot.content import Button, Content, Select, Verb
from bot.events import EventKind
from bot.part import Part
from connectors.discord.simulator import DiscordSimulator

from .hosting import hosting, until

UPDATE_LATER = 6


@pytest.fixture
async def host(discord, tmp_path):
    async with hosting(discord, tmp_path / "townhall.db") as host:
        yield host


@pytest.fixture
def lobby(discord):
    return discord.add_room("lobby")


async def test_a_pressed_button_says_its_value(discord, host, ann, lobby):
    """The answer is a new message below the one that was pressed."""
    await host.show(lobby, Content(text="Which?", buttons=(Button(label="A", value="/order 3"),)))
    [shown] = await discord.wait_for_answers(lobby)
    await discord.press(shown.message, ann, "A")
    answer = (await discord.wait_for_answers(lobby, 2))[1]
    assert (answer.text, answer.reply_to) == ("3 small False", shown.message)
    assert discord.last_asked.callback == UPDATE_LATER


async def test_a_list_says_what_was_chosen(discord, host, ann, lobby):
    """As if it had been typed."""
    options = tuple(Button(label=one, value=f"/order {one}") for one in "123")
    await host.show(lobby, Content(text="How many?", selects=(Select(options=options),)))
    [shown] = await discord.wait_for_answers(lobby)
    await discord.press(shown.message, ann, "2")
    answers = await discord.wait_for_answers(lobby, 2)
    assert (shown.buttons, answers[1].text) == (("1", "2", "3"), "2 small False")


async def test_what_one_person_sees_is_answered_to_that_person(discord, host, ann, lobby):
    """A button below a private answer tells nobody else."""
    await discord.command(lobby, ann, "whisper", {"text": "psst"})
    [hidden] = await discord.wait_for_answers(lobby)
    row = {"type": 1, "id": 1, "components": [{"type": 2, "id": 2, "style": 2, "label": "A"}]}
    row["components"][0]["custom_id"] = "/order 3"
    discord._desk.hidden[hidden.message]["components"] = [row]
    await discord.press(hidden.message, ann, "A")
    answer = (await discord.wait_for_answers(lobby, 2))[1]
    assert discord.is_hidden(answer.message)


async def test_a_hidden_answer_can_be_changed(discord, host, ann, lobby):
    """By the way of the interaction: it is in no history."""
    await discord.command(lobby, ann, "whisper", {"text": "psst"})
    [answer] = await discord.wait_for_answers(lobby)
    [event] = host.events(EventKind.COMMAND)
    part = Part(delivery=uuid4(), ordinal=0, room=event.room, text="hush", via=event.via)
    edit = part.model_copy(update={"verb": Verb.EDIT, "target": answer.message})
    await host.service.change(edit)
    assert [one.text for one in discord.said_by_bot(lobby)] == ["hush"]


async def test_an_option_is_completed_while_it_is_typed(discord, host, ann, lobby):
    """Nothing of it is stored."""
    typing = await discord.type(lobby, ann, "fly", "to", "Os")
    await discord.wait_for(lambda _: typing.choices)
    assert [one["value"] for one in typing.choices] == ["Oslo", "Osaka"]
    assert host.events(EventKind.COMMAND) == []


async def test_no_idea_is_no_suggestion(discord, host, ann, lobby):
    """It is told in time."""
    typing = await discord.type(lobby, ann, "wait", "to", "x")
    await discord.wait_for(lambda _: typing.callback)
    assert typing.choices == []


async def test_no_log_holds_a_token(discord, host, ann, lobby, caplog):
    """Neither that of an interaction, nor in what the library logs of it."""
    caplog.set_level(logging.DEBUG)
    limited = {"message": "You are being rate limited.", "retry_after": 0.01, "global": False}
    await discord.fail_next("PATCH", "@original", 429, limited)
    await discord.command(lobby, ann, "count", {})
    await discord.wait_for_answers(lobby, 3)
    assert "rate limited" in caplog.text
    assert discord.last_asked.token not in caplog.text


async def test_an_interaction_that_is_told_twice_is_answered_once(discord, host, ann, lobby):
    """As after a connection that was lost."""
    await discord.double_next()
    await discord.command(lobby, ann, "order", {"count": 1})
    await discord.command(lobby, ann, "order", {"count": 2})
    answers = await discord.wait_for_answers(lobby, 2)
    assert [one.text for one in answers] == ["1 small False", "2 small False"]
    assert len(host.events(EventKind.COMMAND)) == 3


async def test_a_malformed_interaction_is_kept_without_its_token(discord, host):
    """So is one of a type that is new."""
    broken = {"id": "x", "type": 2, "token": "Xyzzy"}
    await discord.inject({"t": "INTERACTION_CREATE", "d": broken})
    await discord.inject(
        {"t": "INTERACTION_CREATE", "d": {"id": "1", "type": 99, "token": "Xyzzy"}}
    )
    await until(lambda: host.events(EventKind.MALFORMED) and host.events(EventKind.UNKNOWN))
    assert "Xyzzy" not in str(host.told)


async def test_two_accounts_keep_their_interactions_apart(discord, ann, lobby, tmp_path):
    """Each answers on its own server, in one process."""
    async with (
        DiscordSimulator() as other,
        hosting(discord, tmp_path / "one.db"),
        hosting(other, tmp_path / "two.db"),
    ):
        bob, there = other.add_person("Bob"), other.add_room("there")
        await discord.command(lobby, ann, "order", {"count": 1})
        await other.command(there, bob, "order", {"count": 2})
        [here], [there] = await discord.wait_for_answers(lobby), await other.wait_for_answers(there)
    assert (here.text, there.text) == ("1 small False", "2 small False")
