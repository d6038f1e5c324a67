"""The benchmarks work, and the floor does the same work as Townhall."""

import subprocess
import sys
from pathlib import Path

import orjson
import pytest

HERE = Path(__file__).parent
EVENTS = 300
MEGABYTES = 250


def run(script, *arguments):
    command = [sys.executable, str(HERE / script), *arguments, "--events", str(EVENTS)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=50, check=True)
    return orjson.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("options", [(), ("--idempotent",)])
def test_townhall_and_its_floor_answer_in_order_and_write_the_same(options):
    """The same rows in every table, of nearly the same size: what is compared is comparable."""
    ours, floor = (run("in_process.py", side, *options) for side in ("townhall", "floor"))
    once = {"rows.leases", "rows.accounts"}  # written when a bot starts
    tables = {name for name in ours if name.startswith("rows.")} - once
    assert ours["out_of_order"] == floor["out_of_order"] == 0
    assert {name: ours[name] for name in tables} == {name: floor[name] for name in tables}
    assert ours["rows.deliveries"] == EVENTS
    assert ours["bytes"] == pytest.approx(floor["bytes"], rel=0.1)


@pytest.mark.parametrize("what", ["flood", "restart"])
def test_under_pressure_all_is_answered(what):
    """More than can be handled at once is handled all the same, also by the next process."""
    found = run("pressure.py", what, "--rooms", "50")
    assert found["lost"] == found.get("out_of_order", 0) == 0
    assert found["megabytes"] < MEGABYTES
