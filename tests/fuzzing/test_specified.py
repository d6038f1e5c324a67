"""Every kind of event that a platform's specification names, whole and damaged.

Each run draws other examples, and shows what it drew where a test fails; `--hypothesis-seed=N`
draws the same in each run. Where `CI` is set, Hypothesis does so by itself.
"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.events import EventKind
from connectors.discord.translate import Known
from tests.specifications.conftest import read as specification

from .damage import check, damaged
from .hearing import hear, read, update
from .specified import Doings, Gateway, Updates

SOME = settings(max_examples=60, deadline=None)
CHANCE = st.randoms(use_true_random=True)


@pytest.fixture(scope="module")
def updates():
    return Updates(specification("telegram-bot-api"))


@pytest.fixture(scope="module")
def gateway():
    return Gateway(specification("discord-openapi"))


@pytest.fixture(scope="module")
def x():
    return Doings(specification("x-openapi"))


@SOME
@given(chance=CHANCE)
def test_every_update_of_telegram_is_understood(updates, chance):
    """None is malformed, whatever comes with it, and all that came of it can be stored."""
    for kind in updates.kinds:
        for event in update(updates.made(kind, chance)):
            check(event)
            assert event.kind is not EventKind.MALFORMED, event.problem


@SOME
@given(chance=CHANCE)
def test_damage_to_any_update_of_telegram_is_endured(updates, chance):
    """It makes events, or nothing."""
    for kind in updates.kinds:
        for event in update(damaged([(kind, updates.made(kind, chance))], chance)[1]):
            check(event)


@SOME
@given(chance=CHANCE)
def test_every_event_of_discord_is_heard(gateway, chance):
    """Whole, and then damaged, by a bot that learns of servers and channels from them."""
    known = Known("default", me="1")
    for name in gateway.names:
        whole = name, gateway.event(name, chance)
        for told in (whole, damaged([whole], chance)):
            for event in hear(known, *told):
                check(event)


@SOME
@given(chance=CHANCE)
def test_every_doing_on_x_is_read(x, chance):
    """Posts and direct messages with what comes along, and all else on the activity stream."""
    told = [("doings", {"item": x.doing(kind, chance)}) for kind in x.kinds]
    for kind, name in (("posts", "Post"), ("messages", "DmEvent")):
        along = x.named("Expansions", chance)
        told += [(kind, {"item": x.named(name, chance), "includes": along}) for _ in range(9)]
    for whole in told:
        for one in (whole, damaged([whole], chance)):
            for event in read(*one):
                check(event)


def test_the_specifications_name_many_kinds(updates, gateway, x):
    """Nothing of what is made here is made of nothing."""
    assert (len(updates.kinds), len(gateway.names), len(x.kinds)) >= (25, 60, 20)
