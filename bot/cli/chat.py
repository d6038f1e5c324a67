"""`townhall chat`: a conversation in the terminal."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TextIO

import typer

from bot import logs
from bot.character import Character
from bot.cli.setup import Setup, data_directory, prepare, run_loop
from bot.cli.signals import until_signalled
from bot.discovery import installed_connectors
from bot.errors import ConfigError
from bot.runtime import Runtime
from bot.stores.sqlite import SqliteStore

PLATFORM = "terminal"


def chat(source: str, database: Path | None, *, verbose: bool) -> None:
    """Talk until the input ends, or a signal comes.

    Raises:
        ConfigError: the character is wrong, the database cannot be used, or there is no input.
    """
    if sys.stdin is None:  # it was closed before the start
        raise ConfigError(
            "there is no standard input to read what you say from",
            fix="Start it in a terminal, or with `< FILE`; `< /dev/null` says nothing.",
        )
    setup = prepare(source)
    path = _database(setup, database)
    for warning in setup.warnings:
        typer.secho(f"warning: {warning}", err=True)
    with _log(path, verbose=verbose) as log:
        logs.configure(setup.settings, verbose=verbose, to=log)
        if sys.stdin.isatty():
            hint = f"You talk to {setup.character.name}. /help lists the commands, Ctrl-D ends it."
            typer.secho(hint, err=True, dim=True)
        run_loop(partial(_talk, setup, path))


def _database(setup: Setup, named: Path | None) -> Path:
    """One of its own, so that a bot on the platforms may run beside it."""
    if named:
        return named
    bots = setup.settings.get("TOWNHALL_DATABASE")
    folder = Path(bots).expanduser().parent if bots else data_directory()
    return folder / "chat.db"


@contextmanager
def _log(database: Path, *, verbose: bool) -> Iterator[TextIO]:
    """Where the log goes: beside the database, to keep it out of the conversation."""
    if verbose:
        yield sys.stderr
        return
    path = database.with_suffix(".log")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        log = path.open("a", encoding="utf-8")
    except OSError as error:
        raise ConfigError(
            f"the log cannot be written: {error.strerror}",
            fix="Name a place that you may write to, with --database.",
            file=path,
        ) from error
    with log:
        yield log


async def _talk(setup: Setup, database: Path) -> None:
    kinds = {PLATFORM: installed_connectors()[PLATFORM]}
    with until_signalled():
        async with Runtime(
            _here(setup.character),
            settings=setup.settings,
            store=SqliteStore(database),
            connectors=kinds,
        ) as runtime:
            await _heard(runtime)
            await runtime.turns.lanes.drain()
            await asyncio.gather(*(one.drain() for one in runtime.outbox.senders.values()))


def _here(character: Character) -> Character:
    return character.model_copy(update={"connectors": (PLATFORM,)})


async def _heard(runtime: Runtime) -> None:
    """Return when the input has ended."""
    if task := runtime.supervisor.services[PLATFORM].task:
        await asyncio.wait([task])
