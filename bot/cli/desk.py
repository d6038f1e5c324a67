"""What a person does about dead letters and what is ambiguous, whoever has the database."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Any

import typer

from bot.cli.ledger.view import View
from bot.cli.reach import found
from bot.cli.setup import run_loop
from bot.desk import Desk
from bot.stores.sqlite import SqliteStore


def act(view: View, verb: str, key: str, **given: str | None) -> None:
    """Do it: the bot that runs on the database does, or we where none runs.

    Args:
        verb: `replay`, `discard`, `resend` or `settle`.
        given: the other arguments of the act.

    Raises:
        TownhallError: there is nothing of that key to do it to.
        ConfigError: somebody holds the database and does not listen.
    """
    path = view.path()
    wishes = {name: value for name, value in given.items() if value}
    run_loop(lambda: _act(path, verb, key, wishes))
    view.show({"done": verb, "key": key}, ())
    if not view.as_json:
        typer.echo(f"{verb}: {key}")


async def _act(path: Path, verb: str, key: str, wishes: dict[str, Any]) -> None:
    by = getpass.getuser()
    if address := await found(path):
        await address.ask("POST", "/api/desk", {"verb": verb, "key": key, "by": by, **wishes})
        return
    async with SqliteStore(path) as store:
        await getattr(Desk(store, by=by), verb)(key, **wishes)
