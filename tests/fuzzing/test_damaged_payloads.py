"""Whatever a platform may send is translated, and all that came of it can be stored.

Each run draws other damage, and shows what it drew where a test fails; `--hypothesis-seed=N` draws
the same in each run. Where `CI` is set, Hypothesis does so by itself.
"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.events import EventKind
from connectors.discord.hearing import READERS
from connectors.discord.translate import Known

from .damage import JUNK, check, damaged, fresh
from .hearing import hear, read, update

MANY = settings(max_examples=400, deadline=None)
CHANCE = st.randoms(use_true_random=True)


def test_there_is_something_to_damage(discord_told, telegram_told, x_told):
    """Undamaged, it tells of almost all that there is, and nothing is malformed."""
    known = Known("default", me="1")
    events = [one for name, data in discord_told for one in hear(known, name, data)]
    events += [one for _, raw in telegram_told for one in update(raw)]
    events += [one for told in x_told for one in read(*told)]
    assert {one.kind for one in events} == set(EventKind) - {EventKind.UNKNOWN, EventKind.MALFORMED}


@MANY
@given(CHANCE)
def test_damage_does_not_end_discords_ears(discord_told, chance):
    """Nor does what was learned from damaged servers and channels."""
    known = Known("default", me="1")
    for _ in range(3):
        for event in hear(known, *damaged(discord_told, chance)):
            check(event)


@MANY
@given(st.sampled_from(sorted(READERS)), st.sampled_from(JUNK))
def test_junk_does_not_end_discords_ears(name, junk):
    """Under any name that is known."""
    for event in hear(Known("default", me="1"), name, fresh(junk)):
        check(event)


@MANY
@given(CHANCE)
def test_damage_does_not_end_telegrams_updates(telegram_told, chance):
    """Whatever it is, it makes events, or nothing."""
    _, raw = damaged(telegram_told, chance)
    for event in update(raw):
        check(event)


@MANY
@given(CHANCE)
def test_damage_does_not_end_xs_pages(x_told, chance):
    """Neither in a post or message, nor in what comes along with it."""
    for event in read(*damaged(x_told, chance)):
        check(event)


@pytest.mark.parametrize("junk", JUNK, ids=map(str, range(len(JUNK))))
def test_junk_is_an_update_like_any_other(junk):
    """Also where it has no number, and none of Telegram's names."""
    for raw in (junk, {"update_id": junk}, {"update_id": 7, "message": junk}):
        for event in update(fresh(raw)):
            check(event)


@pytest.mark.parametrize("junk", JUNK, ids=map(str, range(len(JUNK))))
def test_junk_is_a_post_like_any_other(junk):
    """Also where it has an id, and where it comes along."""
    for item in (junk, {"id": junk}, {"id": "7", "includes": {"users": [junk]}}):
        for kind in ("posts", "messages"):
            for event in read(kind, {"item": fresh(item)}):
                check(event)
