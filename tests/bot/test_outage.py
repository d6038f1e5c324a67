"""An outage of the models costs an event no attempt, and a bad event does not pass for one."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from bot.errors import ModelError, StoreError
from bot.model import Generated, GenerateText, Message, ModelType
from bot.outage import SPARED, Outage, Unanswerable
from bot.plugin import ModelHandler, Plugin
from bot.records import EventState
from bot.testing.connector import said


def test_as_long_as_nobody_is_answered_it_is_an_outage():
    """However long that takes."""
    outage = Outage(SimpleNamespace(answered=7))
    for _ in range(10 * SPARED):
        outage.note(ModelError("down"))
    assert outage.count == 10 * SPARED


def test_an_event_that_alone_is_not_answered_is_at_fault():
    """Once it was tried for a while, and each time that others were answered since the last one."""
    models = SimpleNamespace(answered=0)
    outage = Outage(models)
    for _ in range(SPARED):
        models.answered += 1
        outage.note(ModelError("too long"))
    outage.note(ModelError("too long"))
    models.answered += 1
    with pytest.raises(Unanswerable, match="and not this: too long"):
        outage.note(ModelError("too long"))


def test_a_store_that_cannot_write_is_no_events_fault():
    """Whatever the models do meanwhile."""
    models = SimpleNamespace(answered=0)
    outage = Outage(models)
    for _ in range(2 * SPARED):
        models.answered += 1
        outage.note(StoreError("no disk"))
    assert outage.count == 2 * SPARED


async def test_a_message_that_no_model_takes_holds_up_its_room_for_a_while_only(bot, monkeypatch):
    """It is a dead letter in the end, and what was said after it is answered."""
    monkeypatch.setattr("bot.outage.SPARED", 0)  # as after half a minute

    async def model(params):
        if params.messages[-1].text == "bad":
            await runtime.use_model(
                ModelType.TEXT_LARGE, GenerateText(messages=(Message(role="user", text="fine"),))
            )
            raise ModelError("too long")
        return Generated(text="yes")

    plugin = Plugin("models", models=(ModelHandler(ModelType.TEXT_LARGE, model, "mine"),))
    async with bot(model=plugin) as runtime:
        bad, good = said("bad", 1), said("good", 2)
        await runtime.deliver(bad, good)
        await runtime.drain()
        dead, done = [await runtime.store.event(one.key) for one in (bad, good)]
    assert (dead.state, done.state) == (EventState.DEAD, EventState.DONE)
    assert "the models answer others, and not this: mine: too long" in dead.reason
