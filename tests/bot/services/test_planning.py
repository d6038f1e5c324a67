"""When a campaign may send, how long it takes, and what its outcomes are called."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, time
from uuid import uuid4

import pytest

from bot.budget import Budget
from bot.campaign import Quiet, Recipient, RecipientState
from bot.campaigns import Fate
from bot.capabilities import Capabilities, Rate
from bot.content import Verb
from bot.errors import RateLimited, TownhallError, Unavailable
from bot.memory import Room, RoomKind
from bot.part import Priority
from bot.records import PartState
from bot.services.notification.clock import Spread, quiet_until, zone_of
from bot.services.notification.planner import least_seconds, window
from bot.services.notification.queue import Queue
from bot.services.notification.reasons import class_of, classed
from bot.services.notification.verdict import verdict
from bot.stores.sqlite import SqliteStore

NIGHT = Quiet(begins=time(22), ends=time(7), zone="Europe/Berlin")


@pytest.mark.parametrize(
    ("now", "until"),
    [
        (datetime(2025, 6, 1, 19, 59, tzinfo=UTC), None),
        (datetime(2025, 6, 1, 20, 0, tzinfo=UTC), datetime(2025, 6, 2, 5, 0, tzinfo=UTC)),
        (datetime(2025, 6, 2, 4, 59, tzinfo=UTC), datetime(2025, 6, 2, 5, 0, tzinfo=UTC)),
        (datetime(2025, 6, 2, 5, 0, tzinfo=UTC), None),
        (datetime(2025, 12, 1, 20, 30, tzinfo=UTC), None),
    ],
)
def test_quiet_hours_are_those_of_their_zone(now, until):
    """Over midnight, in summer and in winter."""
    assert quiet_until(NIGHT, now) == until


def test_quiet_hours_may_be_in_the_day():
    """A lunch break ends on the same day."""
    lunch = Quiet(begins=time(12), ends=time(13))
    noon = datetime(2025, 6, 1, 12, 30, tzinfo=UTC)
    assert quiet_until(lunch, noon) == noon.replace(hour=13, minute=0)
    assert quiet_until(None, noon) is None


def test_a_zone_that_does_not_exist_is_named():
    """With how to write one."""
    with pytest.raises(TownhallError, match="no time zone 'Berlin'"):
        zone_of(NIGHT.model_copy(update={"zone": "Berlin"}))


async def test_spreading_lets_one_go_after_the_other():
    """What was held up is not made up for in a rush."""
    spread = Spread(over=1.0)
    assert spread.ready(10, most=100) == 1
    spread.take(10, 1)
    assert spread.ready(10, most=100) == 0
    await asyncio.sleep(0.25)
    assert spread.ready(10, most=100) >= 2
    assert Spread(0).ready(10, most=100) == 100


@pytest.mark.parametrize(
    ("rates", "recipients", "seconds"),
    [
        ((), 10_000, 0.0),
        ((Rate(count=30, seconds=1),), 10_000, 9_999 / 30),
        ((Rate(count=30, seconds=1), Rate(count=1, seconds=1, per_room=True)), 31, 1.0),
        ((Rate(count=100, seconds=900),), 80, 0.0),
        ((Rate(count=100, seconds=900),), 81, 900.0),
        ((Rate(count=100, seconds=900, kinds=("dm",)),), 162, 900.0),
        ((Rate(count=30, seconds=1),), 0, 0.0),
    ],
)
def test_the_least_time_is_that_of_the_tightest_limit(rates, recipients, seconds):
    """Short windows are used evenly; of long ones a fifth is kept for replies."""
    can = Capabilities(max_length=100, rates=rates)
    kinds = [RoomKind.DM, RoomKind.GROUP]
    assert least_seconds(can, recipients, kinds=kinds) == pytest.approx(seconds)


def test_a_message_in_several_parts_takes_longer():
    """Each room gets its parts at its own pace."""
    can = Capabilities(max_length=9, rates=(Rate(count=1, seconds=1, per_room=True),))
    assert least_seconds(can, 10, parts=3) == 2.0


def test_the_window_holds_two_seconds():
    """Enough to be never idle, and little to take back."""
    assert window((Rate(count=30, seconds=1), Rate(count=1, seconds=1, per_room=True))) == 60
    assert window((Rate(count=15, seconds=900),)) == 8
    assert window(()) == 500


@pytest.mark.parametrize(
    ("reason", "is_classed"),
    [
        ("Forbidden: bot was blocked by the user", "blocked: "),
        ("This person takes no direct messages from the bot: they blocked it", "blocked: "),
        ("Bad Request: chat not found", "gone: "),
        ("Forbidden: user is deactivated", "gone: "),
        ("message is too long", "too long: "),
        ("Bad Request: not enough rights to send", "forbidden: "),
        ("can't parse entities", "rejected: "),
    ],
)
def test_reasons_have_classes(reason, is_classed):
    """The platforms' words are told apart."""
    assert classed(reason) == f"{is_classed}{reason}"
    assert class_of(classed(reason)) == is_classed.removesuffix(": ")


def a_recipient(verb=Verb.SAY):
    return Recipient(
        place=1, campaign=uuid4(), platform="chat", account="default", room="r", verb=verb
    )


def fates(*states, reason="why"):
    return [
        Fate(uuid4(), n, state, f"m{n}" if state is PartState.SENT else None, reason, None)
        for n, state in enumerate(states)
    ]


@pytest.mark.parametrize(
    ("states", "became", "messages"),
    [
        ([PartState.SENT, PartState.SENT], "sent", ("m0", "m1")),
        ([PartState.SENT, PartState.FAILED], "failed", ("m0",)),
        ([PartState.FAILED, PartState.FAILED], "failed", ()),
        ([PartState.HELD], "ambiguous", ()),
        ([PartState.DISCARDED], "skipped", ()),
        ([], "ambiguous", ()),
    ],
)
def test_a_recipient_is_what_became_of_its_parts(states, became, messages):
    """The first part that did not arrive says why."""
    found = verdict(a_recipient(), fates(*states), frozenset())
    assert (found.state, found.messages) == (became, messages)


@pytest.mark.parametrize("state", [PartState.QUEUED, PartState.SENDING, PartState.AMBIGUOUS])
def test_what_is_on_its_way_has_no_verdict(state):
    """One part that has not ended is enough."""
    assert verdict(a_recipient(), fates(PartState.SENT, state), frozenset()) is None


def test_what_cannot_be_deleted_is_edited_next():
    """By a delivery of its own, where the platform has edits."""
    one, failed = a_recipient(Verb.DELETE), fates(PartState.FAILED)
    again = verdict(one, failed, frozenset({Verb.EDIT}))
    assert (again.state, again.verb, again.revision) == (RecipientState.QUEUED, Verb.EDIT, 1)
    assert verdict(one, failed, frozenset()).reason == "not retracted: why"


async def test_a_budget_goes_more_slowly_after_it_was_told_to():
    """What is no reply keeps a greater distance, and several complaints at once count as one."""
    room, times = Room(platform="chat", account="default", key="r"), []
    budget = Budget([Rate(count=20, seconds=1)], concurrency=1)
    for _ in range(3):
        budget.pause(0.01)
    for _ in range(9):
        async with budget.slot(room, Priority.BULK):
            times.append(asyncio.get_running_loop().time())
    assert times[-1] - times[0] >= 8 * 0.05 * 1.2 - 0.1


MISSED = Unavailable("not now")
LIMITED = RateLimited("slow down", retry_after=60)
HERE = RateLimited("slow down here", retry_after=60, room=True)


@pytest.mark.parametrize(
    ("errors", "rests"),
    [
        ([MISSED] * 2, False),
        ([MISSED] * 3, True),
        ([MISSED, MISSED, None, MISSED], False),
        ([LIMITED], True),
        ([HERE], False),
    ],
)
def test_a_platform_that_is_down_is_not_asked_for_everybody(tmp_path, errors, rests):
    """Some addresses in a row show it, or its own word; one address alone shows nothing."""
    queue = Queue(SqliteStore(tmp_path / "town.db"), a_recipient().campaign, ("chat", "default"))
    for error in errors:
        queue.put_off(a_recipient(), error) if error else queue.answered()
    assert queue.rests is rests
