"""An outage of the models costs an event no attempt, and a bad event does not pass for one."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from bot.errors import ModelError, StoreError
from bot.outage import SPARED, Outage, Unanswerable


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
