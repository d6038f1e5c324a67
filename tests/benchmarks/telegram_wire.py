"""Telegram over the wire, beside bare python-telegram-bot on aiohttp with concurrent updates."""

from __future__ import annotations

from collections.abc import Iterator

from figures import Figure, beside

BURST = ("--events", 5_000)
STEADY = ("--events", 500, "--rate", 50)


def figures(times: int) -> Iterator[Figure]:
    """See the module."""
    ours, floor, tuned = _beside(times, BURST, "townhall", "floor", "tuned")
    rate = ours["per_second"]
    yield Figure("burst", "messages/s", rate, floor["per_second"], least=0.8)
    yield Figure("burst, bare on our loop", "messages/s", rate, tuned["per_second"])
    yield Figure("burst, out of order", "chats", ours["out_of_order"], most=0)
    yield Figure("burst, lost or repeated", "messages", ours["lost"] + ours["repeated"], most=0)
    yield Figure("bare, out of order", "chats", floor["out_of_order"])
    ours, floor = _beside(times, STEADY, "townhall", "floor")
    yield Figure("50/s, median latency", "ms", ours["p50_ms"], floor["p50_ms"], most=1.6)
    yield Figure("50/s, 99th percentile", "ms", ours["p99_ms"], floor["p99_ms"], most=2.0)


def _beside(times: int, options: tuple, *sides: str) -> tuple[dict[str, float], ...]:
    return beside(times, "wire.py", *(("telegram", side, *options) for side in sides))
