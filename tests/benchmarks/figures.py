"""What a benchmark gives: figures, each with its goal; and the processes that they come from."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import orjson

HERE = Path(__file__).parent
FAULTS = frozenset({"out_of_order", "lost", "repeated"})
TIMEOUT = 120.0
"""Seconds after which a process that measures is taken for dead."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table.

    Args:
        floor: what the same work costs without Townhall, measured in the same run.
        least: the goal, where more is better: of the ratio to the floor, or without one, of ours.
        most: the goal, where less is better.
    """

    name: str
    unit: str
    ours: float
    floor: float | None = None
    least: float | None = None
    most: float | None = None

    @property
    def ratio(self) -> float | None:
        return None if self.floor is None else self.ours / self.floor

    @property
    def met(self) -> bool:
        value = self.ours if self.ratio is None else self.ratio
        return (self.least is None or value >= self.least) and (
            self.most is None or value <= self.most
        )

    @property
    def goal(self) -> str:
        of = "" if self.floor is None else "x"
        if self.least is not None:
            return f">= {self.least:g}{of}"
        return "" if self.most is None else f"<= {self.most:g}{of}"


def measure(script: str, *arguments: object, patience: float = TIMEOUT) -> dict[str, float]:
    """Run a script of this folder in a process of its own; the JSON object that it prints last."""
    command = [sys.executable, str(HERE / script), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=patience, check=False)
    if done.returncode:
        raise SystemExit(f"{script} {' '.join(map(str, arguments))} failed:\n{done.stderr}")
    return dict(orjson.loads(done.stdout.splitlines()[-1]))


def beside(times: int, script: str, *sides: tuple) -> tuple[dict[str, float], ...]:
    """All sides by turns, each given by its arguments; of each value the median."""
    rounds = [tuple(measure(script, *side) for side in sides) for _ in range(times)]
    return tuple(medians(runs) for runs in zip(*rounds, strict=True))


def medians(runs: tuple[dict[str, float], ...]) -> dict[str, float]:
    """Of each value the median of all runs; of what must not happen, the worst."""
    return {
        name: (max if name in FAULTS else median)([run[name] for run in runs]) for name in runs[0]
    }


def report(result: dict[str, object]) -> None:
    """Hand the outcome to `measure`."""
    print(orjson.dumps(result).decode())


def memory(kind: str, process: int | str = "self") -> float:
    """What a process keeps in memory now (`VmRSS`), or kept at the most (`VmHWM`), in MB."""
    lines = Path(f"/proc/{process}/status").read_text(encoding="utf-8").splitlines()
    kilobytes = next(int(line.split()[1]) for line in lines if line.startswith(kind))
    return kilobytes * 1024 / 1e6


@contextmanager
def disk() -> Iterator[Path]:
    """A temporary folder on a real disk: in memory, a commit would cost nothing."""
    places = [Path(tempfile.gettempdir()), Path("/var/tmp"), HERE]
    place = next(one for one in places if one.exists() and _filesystem(one) != "tmpfs")
    with tempfile.TemporaryDirectory(prefix="townhall-", dir=place) as folder:
        yield Path(folder)


def _filesystem(path: Path) -> str:
    mounts = Path("/proc/mounts")
    if not mounts.exists():
        return "unknown"
    rows = [line.split() for line in mounts.read_text(encoding="utf-8").splitlines()]
    kinds = {Path(row[1]): row[2] for row in rows}
    return next(kinds[one] for one in (path.resolve(), *path.resolve().parents) if one in kinds)
