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
    ours, floor = _beside(times, *BURST)
    yield Figure("burst", "messages/s", ours["per_second"], floor["per_second"], least=0.8)
    yield Figure("burst, out of order", "rooms", ours["out_of_order"], most=0)
    yield Figure("burst, lost or repeated", "messages", ours["lost"] + ours["repeated"], most=0)
    yield Figure("bare, out of order", "rooms", floor["out_of_order"])
    ours, floor = _beside(times, *STEADY)
    commit = medians(tuple(measure("commit.py") for _ in range(times)))["p50_ms"]
    most = floor["p50_ms"] + COMMITS * commit
    yield Figure("20/s, median (+ 3 commits)", "ms", ours["p50_ms"], most, most=1.0)
    yield Figure("20/s, 99th percentile", "ms", ours["p99_ms"], floor["p99_ms"])
    yield Figure("one commit", "ms", commit)


def _beside(times: int, *options: object) -> tuple[dict[str, float], dict[str, float]]:
    ours, floor = ("discord", "townhall", *options), ("discord", "floor", *options)
    return beside(times, "wire.py", ours, floor)
