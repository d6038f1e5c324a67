"""Telegram over the wire, beside bare python-telegram-bot on aiohttp with concurrent updates."""

from __future__ import annotations

from collections.abc import Iterator

from figures import Figure, beside

BURST = ("--events", 5_000)
STEADY = ("--events", 500, "--rate", 50)


def figures(times: int) -> Iterator[Figure]:
    """See the module."""
    ours, floor = _beside(times, *BURST)
    yield Figure("burst", "messages/s", ours["per_second"], floor["per_second"], least=0.8)
    yield Figure("burst, out of order", "chats", ours["out_of_order"], most=0)
    yield Figure("burst, lost or repeated", "messages", ours["lost"] + ours["repeated"], most=0)
    yield Figure("bare, out of order", "chats", floor["out_of_order"])
    ours, floor = _beside(times, *STEADY)
    yield Figure("50/s, median latency", "ms", ours["p50_ms"], floor["p50_ms"], most=1.6)
    yield Figure("50/s, 99th percentile", "ms", ours["p99_ms"], floor["p99_ms"], most=2.0)


def _beside(times: int, *options: object) -> tuple[dict[str, float], dict[str, float]]:
    ours, floor = ("telegram", "townhall", *options), ("telegram", "floor", *options)
    return beside(times, "wire.py", ours, floor)
