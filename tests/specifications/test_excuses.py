"""A deviation is either a problem or excused with a reason, for as long as it occurs."""

from __future__ import annotations

from .findings import Finding, unexcused

MISSING = Finding("GET /a > 200", "b", "missing", value={})
UNKNOWN = Finding("GET /a > 200", "c", "unknown", value=2)


def test_what_nobody_excuses_is_a_problem():
    """It is told with what was there."""
    problems = unexcused({MISSING, UNKNOWN}, {"because": ("* > 200.b: missing",)})
    assert problems == ["GET /a > 200.c: unknown, but it is 2"]


def test_an_excuse_may_be_for_many():
    """A star stands for anything."""
    assert unexcused({MISSING, UNKNOWN}, {"because": ("GET /a > 200.?: *",)}) == []


def test_an_excuse_that_nothing_needs_is_a_problem():
    """So that none outlives its reason."""
    assert unexcused((), {"because": ("GET /b",)}) == ["nothing needs the excuse 'GET /b' any more"]
