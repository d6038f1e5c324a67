"""What a person does about dead letters and what is ambiguous, whoever has the database."""

from __future__ import annotations

import getpass
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import typer

from bot.cli.ledger import View, told
from bot.cli.reach import found
from bot.cli.setup import run_loop
from bot.desk import Desk, verbs_for
from bot.discovery import installed_connectors
from bot.errors import TownhallError
from bot.ledger import Story
from bot.store import Store
from bot.stores.sqlite import SqliteStore


def act(view: View, verb: str, asked: str, **given: str | None) -> None:
    """Do it: the bot that runs on the database does, or we where none runs.

    Args:
        verb: `replay`, `discard`, `resend` or `settle`.
        asked: what to do it to, by any of its names.
        given: the other arguments of the act.

    Raises:
        TownhallError: there is nothing of that name to do it to, or more than one thing.
        ConfigError: somebody holds the database and does not listen.
    """
    path = view.path()
    key, wishes = view.ask(partial(_meant, verb, asked, given))
    run_loop(lambda: _act(path, verb, key, wishes))
    view.show({"done": verb, "key": key}, ())
    if not view.as_json:
        typer.echo(f"{verb}: {key}")


async def _meant(
    verb: str, asked: str, given: Mapping[str, str | None], store: Store
) -> tuple[str, dict[str, str]]:
    """The key of what was asked for, and what else was said, as the desk takes them."""
    stories = await told(asked, store)
    things = {key: one for story in stories for key, one in _things(story)}
    fitting = [key for key, verbs in things.items() if verb in verbs]
    if len(fitting) > 1:
        keys = "".join(f"\n  {key}" for key in fitting)
        raise TownhallError(f"{asked} is more than one thing to {verb}: name one of them{keys}")
    wishes = {name: value for name, value in given.items() if value}
    if message := wishes.get("message"):
        wishes["message"] = _reference(message, stories)
    open_still = [key for key, verbs in things.items() if verbs]
    return next(iter([*fitting, *open_still, *things, asked])), wishes


def _things(story: Story) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What a story is about: the keys of the event and its deliveries, and what can be done."""
    if story.event and not story.asked:
        yield story.event.event.key, verbs_for(story.event)
    for reply in story.replies:
        if story.asked in (None, reply.delivery.id):
            yield str(reply.delivery.id), verbs_for(None, reply.parts)


def _reference(message: str, stories: Iterable[Story]) -> str:
    """A message's reference, where it was named by its link."""
    if "://" not in message:
        return message
    platforms = {reply.delivery.room.platform for story in stories for reply in story.replies}
    for platform, connector in installed_connectors().items():
        if platform in platforms and (reference := connector.message_of(message)):
            return reference
    raise TownhallError(
        f"{message} is no link to a message there that can be read\n  Name it by the platform's id."
    )


async def _act(path: Path, verb: str, key: str, wishes: dict[str, Any]) -> None:
    by = getpass.getuser()
    if address := await found(path):
        await address.ask("POST", "/api/desk", {"verb": verb, "key": key, "by": by, **wishes})
        return
    async with SqliteStore(path) as store:
        await getattr(Desk(store, by=by), verb)(key, **wishes)
