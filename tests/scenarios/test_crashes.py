"""A bot that dies at the worst moment goes on from what is stored (guarantees 1 to 5 and 7)."""

from __future__ import annotations

import pytest

from bot.stores.sqlite import SqliteStore
from bot.testing.connector import said


def lines(folder, name):
    file = folder / name
    return file.read_text().splitlines() if file.exists() else []


async def counts(folder):
    async with SqliteStore(folder / "townhall.db", read_only=True) as store:
        return await store.counts()


async def test_what_was_stored_is_answered_after_a_crash(live, tmp_path):
    """An event is handled though its process died as soon as it was stored, and it is not told
    again."""
    assert await live(tmp_path, "stored", "hello")
    assert not await live(tmp_path, "nowhere")
    assert lines(tmp_path, "sent") == ["hello, time 1"]


@pytest.mark.parametrize("point", ["stored", "before sending", "after sending"])
async def test_what_is_told_again_after_a_crash_is_answered_once(live, tmp_path, point):
    """A platform that repeats an event, since it was not acknowledged, changes nothing."""
    assert await live(tmp_path, point, "hello", "again")
    assert not await live(tmp_path, "nowhere", "hello", "again")
    assert [line.split(",")[0] for line in lines(tmp_path, "sent")] == ["hello", "again"]


async def test_a_part_that_was_on_the_wire_is_looked_for(live, tmp_path):
    """It is not sent twice where the platform can tell, and it is counted."""
    assert await live(tmp_path, "after sending", "hello")
    assert not await live(tmp_path, "nowhere")
    assert lines(tmp_path, "sent") == ["hello, time 1"]
    assert (await counts(tmp_path))["parts.ever_ambiguous"] == 1


async def test_where_nobody_can_know_it_is_sent_again_and_counted(live, tmp_path):
    """`resend` may say it twice, never more often, and never unseen."""
    assert await live(tmp_path, "after sending", "hello")
    assert not await live(tmp_path, "blind")
    assert lines(tmp_path, "sent") == ["hello, time 1"] * 2
    assert (await counts(tmp_path))["parts.ever_ambiguous"] == 1


async def test_a_long_answer_goes_on_where_it_stopped(live, tmp_path):
    """Neither a part that arrived is repeated, nor one that did not is lost."""
    words = " ".join(f"word{n}" for n in range(20))
    assert await live(tmp_path, "after the second part", words)
    assert not await live(tmp_path, "nowhere")
    assert "".join(lines(tmp_path, "sent")) == f"{words}, time 1"


async def test_a_decision_is_replayed_though_the_model_would_now_decide_otherwise(live, tmp_path):
    """The first decision was stored before anything acted on it."""
    assert await live(tmp_path, "while looking", "look")
    assert not await live(tmp_path, "nowhere")
    assert lines(tmp_path, "asked") == ["look"]
    assert lines(tmp_path, "done") == ["looked", "looked"]
    assert lines(tmp_path, "sent") == ["I looked."]


@pytest.mark.parametrize("point", ["before the effect", "after the effect"])
async def test_an_action_that_was_cut_short_is_not_run_twice(live, tmp_path, point):
    """Nobody can know whether it took effect: the event is shown as ambiguous."""
    assert await live(tmp_path, point, "pay", "hello")
    assert not await live(tmp_path, "nowhere")
    assert lines(tmp_path, "done") == (["paid 1"] if point == "after the effect" else [])
    assert lines(tmp_path, "sent") == ["hello, time 1"]
    assert (await counts(tmp_path))["events.ambiguous"] == 1


async def test_a_finished_action_is_replayed_from_its_record(live, tmp_path):
    """Its result is stored before the next action begins."""
    assert await live(tmp_path, "while looking", "pay")
    assert not await live(tmp_path, "nowhere")
    assert lines(tmp_path, "done") == ["paid 1", "looked", "looked"]
    assert lines(tmp_path, "sent") == ["You paid 1.", "I looked."]


async def test_an_event_that_kills_the_process_is_given_up(live, tmp_path):
    """After its attempts it is a dead letter, and what came after it is answered."""
    deaths = 0
    while await live(tmp_path, "poisoned", "poison", "hello"):
        deaths += 1
        assert deaths < 6
    assert deaths == 4
    assert lines(tmp_path, "sent") == ["hello, time 1"]
    async with SqliteStore(tmp_path / "townhall.db", read_only=True) as store:
        poison = await store.event(said("poison", 0, platform="paper").key)
    assert (poison.state, poison.reason) == ("dead", "it ended the process")


async def test_an_event_that_kills_the_process_takes_no_other_with_it(live, tmp_path):
    """Not one of another room either, whose turn it cuts short every time."""
    while await live(tmp_path, "poisoned", "poison", "slow"):
        assert lines(tmp_path, "sent") == []
    assert lines(tmp_path, "sent") == ["slow, time 1"]
    assert (await counts(tmp_path))["events.dead"] == 1
