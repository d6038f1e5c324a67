"""Whose database is looked at, and how it is shown."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import typer
from pydantic_core import to_json
from rich.console import Console
from rich.text import Text

from bot.cli.setup import database, prepare, run_loop
from bot.errors import ConfigError
from bot.settings import Settings, environment
from bot.store import Store
from bot.stores.sqlite import SqliteStore

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class View:
    """A database that is only read, whoever holds it, and a place to show what it says.

    Args:
        character: whose settings may name the database.
        database: the file, where it is named outright.
        as_json: for programs; otherwise for people.
    """

    character: str | None
    database: Path | None
    as_json: bool

    def ask(self, query: Callable[[Store], Awaitable[T]]) -> T:
        """What a query answers.

        Raises:
            ConfigError: there is no database, or it cannot be read.
        """

        async def run() -> T:
            async with SqliteStore(self.path(), read_only=True) as store:
                return await query(store)

        return run_loop(run)

    def show(self, data: dict[str, Any], lines: Iterable[Text]) -> None:
        """Print one of the two."""
        if self.as_json:
            typer.echo(to_json(data, serialize_unknown=True))
            return
        console = Console(highlight=False)
        for line in lines:
            console.print(line, soft_wrap=True)

    def path(self) -> Path:
        """The database that is meant.

        Raises:
            ConfigError: it is a folder.
        """
        if self.character:
            path = prepare(self.character).database(self.database)
        else:
            path = database(Settings([environment(os.environ)]), self.database)
        if path.is_dir():
            raise ConfigError("this is a folder", fix="Name the database in it.", file=path)
        return path
