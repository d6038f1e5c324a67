"""Laws of answering presses: once they are stored, beside all else."""

import asyncio

import pytest

from bot.content import Button
from bot.errors import StoreFull
from bot.events import EventKind


@pytest.fixture
async def asked(scene):
    """A message of ours with a button under it."""
    part = scene.part("Sure?").model_copy(update={"buttons": (Button(label="Yes", value="yes"),)})
    return (await scene.service.send(part)).message


def answers(scene):
    return scene.telegram._api.queries.answers


async def test_a_press_is_stored_and_answered(scene, asked):
    """Whoever pressed sees at once that it arrived."""
    async with scene.listening():
        await scene.telegram.press(asked, scene.ada, "Yes")
        [event] = await scene.heard(1)
        await scene.until(answers)
    assert (event.kind, event.content.text) == (EventKind.BUTTON, "yes")
    assert event.target == asked
    assert list(answers(scene)) == [event.via["callback"]]


async def test_what_is_not_stored_is_not_answered(scene, asked):
    """The press comes again, and is answered then."""
    seen = []

    async def deliver(*events):
        seen.append(dict(answers(scene)))
        if len(seen) == 1:
            raise StoreFull("no room on the disk")
        await asyncio.sleep(0)

    async with scene.another(deliver=deliver):
        await scene.telegram.press(asked, scene.ada, "Yes")
        await scene.until(answers)
    assert seen == [{}, {}]


async def test_a_press_that_is_too_old_is_no_trouble(scene, asked):
    """It was stored, so it is answered in the room all the same."""
    scene.telegram._api.queries.patience = 0
    async with scene.listening():
        await scene.telegram.press(asked, scene.ada, "Yes")
        await scene.say("Well?")
        events = await scene.heard(2)
        await scene.until(lambda s: s.telegram.calls["answercallbackquery"] == 1)
        await scene.until(lambda s: s.telegram.pending == 0)
    assert [one.kind for one in events] == [EventKind.BUTTON, EventKind.MESSAGE]


async def test_a_slow_answer_holds_up_nothing(scene, asked):
    """Presses are answered at the same time, and beside the reading."""
    async with scene.listening():
        await scene.until(lambda s: s.telegram.calls["getupdates"])
        scene.telegram.delay = 30  # of all answers but those to polls
        for _ in range(5):
            await scene.telegram.press(asked, scene.ada, "Yes")
        await scene.say("Well?")
        await scene.heard(6)
        await scene.until(lambda s: len(answers(s)) == 5)
