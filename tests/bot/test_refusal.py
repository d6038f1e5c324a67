"""Why something was not answered is kept with it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from bot.events import EventKind
from bot.memory import Entity, RoomKind
from bot.records import EventState
from bot.testing.connector import said
from bot.value import now

ROBOT = Entity(platform="loopback", key="robot", is_bot=True)


async def states(runtime, *events):
    """What became of events, and why."""
    await runtime.deliver(*events)
    await runtime.drain()
    found = [await runtime.store.event(one.key) for one in events]
    return [(one.state, one.reason) for one in found]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"is_own": True}, "the bot's own doing"),
        ({"sender": None}, "nobody to answer: its room or its sender is not known"),
        ({"kind": EventKind.EDIT, "revision": 1}, "nothing listens to edit events"),
        (
            {"sender": ROBOT},
            "another bot said it, more in a row than the character's bots allows",
        ),
    ],
)
async def test_why_no_turn_is_due_is_kept(bot, changes, reason):
    """In words that stay true."""
    async with bot() as runtime:
        event = said("hello").model_copy(update=changes)
        assert await states(runtime, event) == [(EventState.KEPT, reason)]


async def test_what_nobody_said_to_the_bot_says_so(bot):
    """What was said to it has no reason."""
    async with bot() as runtime:
        spoken = [said("you!", n, kind=RoomKind.GROUP, addressed=n == 1) for n in range(2)]
        assert await states(runtime, *spoken) == [
            (EventState.KEPT, "not addressed to the bot: no mention, reply, command or rule"),
            (EventState.DONE, None),
        ]


async def test_how_late_a_message_came_is_known(bot):
    """And how late it might have come."""
    async with bot(catch_up=5400) as runtime:
        late = said("hello").model_copy(update={"at": now() - timedelta(days=2)})
        [(_, reason)] = await states(runtime, late)
    words = r"2 days, 0:00:\d\d old when it came, and the character's catch_up is 1:30:00"
    assert re.fullmatch(words, reason)


async def test_a_bot_is_answered_as_often_as_the_character_says(bot):
    """Only what came then has a reason."""
    async with bot(bots=1) as runtime:
        beeps = [said("beep", n).model_copy(update={"sender": ROBOT}) for n in range(2)]
        (first, _), (second, why) = await states(runtime, *beeps)
    assert (first, second) == (EventState.DONE, EventState.KEPT)
    assert why.startswith("another bot said it")


async def test_the_problem_of_a_malformed_event_is_the_reason(bot):
    """It says more than any other could."""
    broken = {"kind": EventKind.MALFORMED, "room": None, "sender": None, "problem": "no text"}
    async with bot() as runtime:
        event = said("").model_copy(update=broken)
        assert await states(runtime, event) == [(EventState.KEPT, None)]
