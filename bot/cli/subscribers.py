"""`townhall subscribers`: who is on the list of a topic."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import IO
from urllib.parse import quote

import typer
from pydantic_core import to_json

from bot.campaign import Imported
from bot.cli.reach import Ask, Errand, Place
from bot.cli.rows import Row, rows
from bot.cli.setup import run_loop
from bot.connector import account_name
from bot.errors import ConfigError

BATCH = 2_000
"""Addresses that are sent at a time."""
SHOWN = 20
"""So many bad lines are printed; the JSON has all."""


def listed(place: Place, topic: str | None, limit: int, *, as_json: bool) -> None:
    """Print the topics, or who is on the list of one."""

    async def query() -> None:
        async with place.reach(Errand.LOOK) as ask:
            if topic is None:
                _show_topics(await ask("GET", "/api/topics"), as_json=as_json)
                return
            path = f"/api/subscribers?topic={quote(topic, safe='')}&limit={limit}"
            found = await ask("GET", path)
            names = [f"{account_name(p, account)}:{room}" for p, account, room in found]
            typer.echo(to_json({"subscribers": names}) if as_json else "\n".join(names))

    run_loop(query)


def _show_topics(topics: dict[str, int], *, as_json: bool) -> None:
    if as_json:
        typer.echo(to_json({"topics": topics}))
    elif topics:
        typer.echo("\n".join(f"{count:>9,}  {name}" for name, count in sorted(topics.items())))
    else:
        typer.echo("Nobody has subscribed to anything yet.")


def change(place: Place, verb: str, addresses: Sequence[str], topic: str) -> int:
    """Put addresses on the list of a topic, or take them off it; the exit status.

    Args:
        verb: `add` or `remove`.
    """
    given = [Row(number, one, one) for number, one in enumerate(addresses, 1)]
    done = run_loop(lambda: _change(place, verb, iter(given), topic))
    for _, line, why in done.bad:
        typer.echo(why if line in why else f"{line}: {why}", err=True)
    words = ("subscribed", "there before") if verb == "add" else ("removed", "not there")
    typer.echo(f"{done.added:,} {words[0]}, {done.known:,} {words[1]}, {len(done.bad):,} bad")
    return 1 if done.bad else 0


def read_in(place: Place, file: str, topic: str, *, as_json: bool) -> int:
    """Subscribe all whom a file names; the exit status.

    Raises:
        ConfigError: the file cannot be read.
    """
    path = Path(file)
    with _opened(path) as opened:
        done = run_loop(lambda: _change(place, "add", rows(path, opened), topic))
    if as_json:
        typer.echo(to_json(done))
    else:
        for number, line, why in done.bad[:SHOWN]:
            said = "" if line in why else f": {line[:80]}"  # most reasons begin with it
            typer.echo(f"{path}:{number}: {why}{said}", err=True)
        if rest := len(done.bad) - SHOWN:
            typer.echo(f"… and {rest:,} more bad lines" if rest > 0 else "", err=True, nl=rest > 0)
        typer.echo(
            f"{done.added:,} subscribed to {topic}, {done.known:,} there before,"
            f" {len(done.bad):,} bad lines"
        )
    return 1 if done.bad else 0


async def _change(place: Place, verb: str, found: Iterator[Row], topic: str) -> Imported:
    """Send addresses, some at a time."""
    done = Imported()
    async with place.reach(Errand.WRITE) as ask:
        while batch := list(islice(found, BATCH)):
            done = _joined(done, await _send(ask, verb, batch, topic))
    return done


async def _send(ask: Ask, verb: str, batch: Sequence[Row], topic: str) -> Imported:
    """Send a batch; what is bad has the number that its line has in the file."""
    good = [row for row in batch if row.address]
    body = {"topic": topic, verb: [row.address for row in good]}
    told = Imported.model_validate(await ask("POST", "/api/subscribers", body))
    bad = [(row.number, row.line, row.why) for row in batch if not row.address]
    bad += [(good[n - 1].number, good[n - 1].line, why) for n, _, why in told.bad]
    return told.model_copy(update={"bad": tuple(sorted(bad))})


def _joined(one: Imported, other: Imported) -> Imported:
    return Imported(
        added=one.added + other.added, known=one.known + other.known, bad=one.bad + other.bad
    )


@contextmanager
def _opened(path: Path) -> Iterator[IO[str]]:
    if str(path) == "-":
        yield sys.stdin
        return
    try:
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            yield file
    except OSError as error:
        raise ConfigError(f"it cannot be read: {error.strerror}", file=path) from error
