"""Run the benchmarks: `python tests/benchmarks/run.py [--json] [--times N] [NAME ...]`.

Exits with 1 if a goal is missed. docs/benchmarks.md says what is measured.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict

import campaigns
import discord_wire
import in_process
import orjson
import parsing
import pressure
import start
import telegram_wire
import waiting
from figures import Figure
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

BENCHMARKS: dict[str, Callable[[int], Iterator[Figure]]] = {
    "in-process": in_process.figures,
    "parsing": parsing.figures,
    "telegram": telegram_wire.figures,
    "discord": discord_wire.figures,
    "waiting": waiting.figures,
    "start": start.figures,
    "campaigns": campaigns.figures,
    "limits": campaigns.limits,
    "pressure": pressure.figures,
}


def main() -> None:
    """Run all benchmarks, or those that are named."""
    asked = _arguments()
    if unknown := set(asked.names) - set(BENCHMARKS):
        sys.exit(f"there is no benchmark {', '.join(unknown)}; there are: {', '.join(BENCHMARKS)}")
    console = Console(stderr=asked.json)
    found: dict[str, list[Figure]] = {}
    for name in asked.names or BENCHMARKS:
        with console.status(f"measuring: {name}"):
            found[name] = list(BENCHMARKS[name](asked.times))
    if asked.json:
        plain = {name: [_plain(one) for one in many] for name, many in found.items()}
        print(orjson.dumps(plain).decode())
    else:
        console.print(_table(found))
    sys.exit(not all(one.met for many in found.values() for one in many))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument(
        "--times", type=int, default=1, help="run each so often, and take the medians"
    )
    return parser.parse_args()


def _plain(one: Figure) -> dict[str, object]:
    return {**asdict(one), "ratio": one.ratio, "met": one.met}


def _table(found: dict[str, list[Figure]]) -> Table:
    load = os.getloadavg()[0]
    table = Table(title=f"{os.cpu_count()} cores, load {load:.1f}", box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("")
    for heading in ("ours", "floor", "ratio", "goal", ""):
        table.add_column(heading, justify="right", no_wrap=True)
    for name, many in found.items():
        table.add_row(f"[bold]{name}[/]")
        for one in many:
            verdict = "[green]met[/]" if one.met else "[red]missed[/]"
            table.add_row(f"  {one.name}", *_values(one), verdict if one.goal else "")
    return table


def _values(one: Figure) -> tuple[str, ...]:
    floor = "" if one.floor is None else _shown(one.floor)
    ratio = "" if one.ratio is None else f"{one.ratio:.2f}"
    return f"{_shown(one.ours)} {one.unit}", floor, ratio, one.goal


def _shown(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.2f}"


if __name__ == "__main__":
    main()
