"""Discord over the wire, beside bare discord.py."""

from __future__ import annotations

from collections.abc import Iterator

from figures import Figure, beside, measure, medians

BURST = ("--events", 5_000)
STEADY = ("--events", 200, "--rate", 20)
COMMITS = 3
"""By how many commits an answer may be later than a bare client's."""


def figures(times: int) -> Iterator[Figure]:
    """See the module."""
    ours, floor, tuned = _beside(times, BURST, "townhall", "floor", "tuned")
    rate = ours["per_second"]
    yield Figure("burst", "messages/s", rate, floor["per_second"], least=0.8)
    yield Figure("burst, bare on our loop", "messages/s", rate, tuned["per_second"])
    yield Figure("burst, out of order", "rooms", ours["out_of_order"], most=0)
    yield Figure("burst, lost or repeated", "messages", ours["lost"] + ours["repeated"], most=0)
    yield Figure("bare, out of order", "rooms", floor["out_of_order"])
    ours, floor = _beside(times, STEADY, "townhall", "floor")
    commit = medians(tuple(measure("commit.py") for _ in range(times)))["p50_ms"]
    most = floor["p50_ms"] + COMMITS * commit
    yield Figure("20/s, median (+ 3 commits)", "ms", ours["p50_ms"], most, most=1.0)
    yield Figure("20/s, 99th percentile", "ms", ours["p99_ms"], floor["p99_ms"])
    yield Figure("one commit", "ms", commit)


def _beside(times: int, options: tuple, *sides: str) -> tuple[dict[str, float], ...]:
    return beside(times, "wire.py", *(("discord", side, *options) for side in sides))
