"""The commands that list what came and left, and those that act on what was given up."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.cli.options import Bot, Events, Json, Key, Ledger, Limit, Message, Note, Parts
from bot.records import EventState, PartState

inbox = typer.Typer(help="What came in.", no_args_is_help=True)
outbox = typer.Typer(help="What leaves.", no_args_is_help=True)
letters = typer.Typer(help="What was given up, for a person to look at.", no_args_is_help=True)
unknown = typer.Typer(help="What may have happened and may not.", no_args_is_help=True)
audit = typer.Typer(help="What people did about it.", no_args_is_help=True)
GROUPS = {
    "inbox": inbox,
    "outbox": outbox,
    "dead-letters": letters,
    "ambiguous": unknown,
    "audit": audit,
}
"""The groups of commands, by name."""

NAMES = {"ignore_unknown_options": True}
"""A Telegram group's id begins with a minus, and is no option."""

Platform = Annotated[str | None, typer.Option(help="Only of this platform, such as `telegram`.")]
Account = Annotated[
    str | None, typer.Option(help="Only of accounts of this name; an only one is `default`.")
]
Place = Annotated[
    str | None, typer.Option("--room", help="Only of the room with this key, as the list shows it.")
]


@inbox.command("list")
def list_inbox(  # noqa: PLR0917 - options of a command
    character: Bot = None,
    state: Events = None,
    platform: Platform = None,
    account: Account = None,
    room: Place = None,
    limit: Limit = 20,
    database: Ledger = None,
    json: Json = False,
) -> None:
    """List events, the newest last."""
    from bot.cli import ledger

    view, where = ledger.View(character, database, json), ledger.Where(platform, account, room)
    ledger.inbox(view, state or list(EventState), limit, where)


@outbox.command("list")
def list_outbox(  # noqa: PLR0917 - options of a command
    character: Bot = None,
    state: Parts = None,
    platform: Platform = None,
    account: Account = None,
    room: Place = None,
    limit: Limit = 20,
    database: Ledger = None,
    json: Json = False,
) -> None:
    """List parts of deliveries, the newest last."""
    from bot.cli import ledger

    view, where = ledger.View(character, database, json), ledger.Where(platform, account, room)
    ledger.outbox(view, state or list(PartState), limit, where)


@letters.command("list")
def list_letters(
    character: Bot = None, limit: Limit = 20, database: Ledger = None, json: Json = False
) -> None:
    """List dead and ambiguous events, failed and held parts, each with its reason."""
    from bot.cli import ledger

    ledger.dead_letters(ledger.View(character, database, json), limit)


@letters.command("show", context_settings=NAMES)
def show_letter(
    key: Key, character: Bot = None, database: Ledger = None, json: Json = False
) -> None:
    """Tell the whole story of one. Exits with 1 if there is none of that key."""
    from bot.cli import ledger

    ledger.dead_letter(ledger.View(character, database, json), key)


@letters.command("replay", context_settings=NAMES)
def replay_letter(
    key: Key,
    character: Bot = None,
    note: Note = "",
    database: Ledger = None,
    json: Json = False,
) -> None:
    """Handle a dead event once more, or send what failed of a delivery."""
    from bot.cli import desk, ledger

    desk.act(ledger.View(character, database, json), "replay", key, note=note)


@letters.command("discard", context_settings=NAMES)
def discard_letter(
    key: Key,
    character: Bot = None,
    note: Note = "",
    database: Ledger = None,
    json: Json = False,
) -> None:
    """Give up an event, or what is left of a delivery, for good."""
    from bot.cli import desk, ledger

    desk.act(ledger.View(character, database, json), "discard", key, note=note)


@unknown.command("list")
def list_unknown(
    character: Bot = None, limit: Limit = 20, database: Ledger = None, json: Json = False
) -> None:
    """List events with an action that was cut short, and parts of unknown outcome."""
    from bot.cli import ledger

    ledger.ambiguous(ledger.View(character, database, json), limit)


@unknown.command("resend", context_settings=NAMES)
def resend_unknown(
    key: Key,
    character: Bot = None,
    note: Note = "",
    database: Ledger = None,
    json: Json = False,
) -> None:
    """Do it again: it did not happen, or twice does no harm."""
    from bot.cli import desk, ledger

    desk.act(ledger.View(character, database, json), "resend", key, note=note)


@unknown.command("settle", context_settings=NAMES)
def settle_unknown(  # noqa: PLR0917 - options of a command
    key: Key,
    character: Bot = None,
    message: Message = None,
    note: Note = "",
    database: Ledger = None,
    json: Json = False,
) -> None:
    """Say that it did happen; what comes after it goes on."""
    from bot.cli import desk, ledger

    view = ledger.View(character, database, json)
    desk.act(view, "settle", key, message=message, note=note)


@audit.command("list")
def list_acts(
    character: Bot = None, limit: Limit = 20, database: Ledger = None, json: Json = False
) -> None:
    """List what people did about dead letters and what was ambiguous, the newest last."""
    from bot.cli import ledger

    ledger.acts(ledger.View(character, database, json), limit)
