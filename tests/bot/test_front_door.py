"""`from bot import ...` is the one front door."""

from __future__ import annotations

import inspect

import bot
from bot import errors


def test_all_is_sorted_and_complete():
    """Every public name that the package imports is in `__all__`, in order."""
    public = {name for name, value in vars(bot).items() if _is_public(name, value)}
    assert sorted(bot.__all__) == bot.__all__
    assert public == set(bot.__all__)


def test_every_error_that_a_caller_handles_is_there():
    """An error that is raised to a caller can be imported from the front."""
    inner = {"Fenced", "StoreFull"}
    raised = {name for name, value in vars(errors).items() if inspect.isclass(value)} - {"Path"}
    assert raised - inner <= set(bot.__all__)


def _is_public(name, value):
    return not (name.startswith("_") or inspect.ismodule(value))
