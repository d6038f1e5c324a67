"""The commands that notify: what each is called, takes and means."""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperCommand

from bot.cli.options import Json, Ledger, Limit
from bot.cli.terms import (
    Addresses,
    At,
    Attach,
    Buttons,
    Draft,
    DryRun,
    Every,
    Form,
    Format,
    Haste,
    One,
    Out,
    Over,
    Perhaps,
    Plain,
    Preview,
    Quiet,
    Rendered,
    Rows,
    Said,
    Same,
    Shown,
    SomeTopic,
    Timeout,
    Title,
    To,
    Topic,
    Urgency,
    Watch,
    Whose,
    Without,
)
from bot.part import Priority

campaigns = typer.Typer(help="Messages to many, and what became of them.", no_args_is_help=True)
subscribers = typer.Typer(help="Who gets what.", no_args_is_help=True)
GROUPS = {"campaigns": campaigns, "subscribers": subscribers}
"""The groups of commands, by name."""

BAD_USAGE = 3
"""What `notify` exits with for what it cannot make sense of."""


class Telling(TyperCommand):
    """A command whose exit status tells how it went: 2 is taken, so mistakes are another."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the arguments."""
        try:
            return super().parse_args(ctx, args)
        except Exception as error:
            if getattr(error, "exit_code", 0):  # so have typer's own, whose root is private
                error.exit_code = BAD_USAGE  # type: ignore[attr-defined]
            raise


def broadcast(  # noqa: PLR0917 - options of a command
    message: Said,
    to: To = None,
    without: Without = None,
    title: Title = "",
    attach: Attach = None,
    button: Buttons = None,
    plain: Plain = False,
    at: At = None,
    over: Over = None,
    quiet: Quiet = None,
    key: Same = None,
    priority: Urgency = Haste.BULK,
    draft: Draft = False,
    dry_run: DryRun = False,
    preview: Preview = False,
    watch: Watch = False,
    character: Whose = None,
    database: Ledger = None,
    json: Json = False,
) -> None:
    """Announce something to an audience, on every platform.

    The bot that runs on the database sends it, as fast as the platforms allow. With --dry-run or
    --preview it exits with 1 if somebody in the audience is not known.
    """
    from bot.cli import broadcast
    from bot.cli.reach import Place

    wish = broadcast.Wish(
        message=message,
        to=tuple(to or ()),
        without=tuple(without or ()),
        title=title,
        attach=tuple(attach or ()),
        buttons=tuple(button or ()),
        plain=plain,
        at=at,
        over=over,
        quiet=quiet,
        key=key,
        priority=Priority(priority),
        draft=draft,
    )
    place = Place(character, database)
    if dry_run or preview:
        known = broadcast.rehearse(place, wish, shows=preview, as_json=json)
        raise typer.Exit(0 if known else 1)
    broadcast.broadcast(place, wish, follow=watch, as_json=json)


def notify(  # noqa: PLR0917 - options of a command
    message: Perhaps = "",
    to: To = None,
    without: Without = None,
    title: Title = "",
    attach: Attach = None,
    button: Buttons = None,
    plain: Plain = False,
    key: Same = None,
    timeout: Timeout = 60.0,
    character: Whose = None,
    database: Ledger = None,
) -> None:
    """Say something now, and wait until it is sent.

    What comes through a pipe is said, too: make test 2>&1 | townhall notify

    Without --to it goes to the default rooms of every account. Where no bot runs it logs in to the
    platforms by itself. Exits with 0 if all got it, 1 if some did not, 2 if nobody did, and 3 if
    what was asked for makes no sense.
    """
    from bot.cli import broadcast, notify
    from bot.cli.reach import Place

    wish = broadcast.Wish(
        message=message,
        to=tuple(to or ()),
        without=tuple(without or ()),
        title=title,
        attach=tuple(attach or ()),
        buttons=tuple(button or ()),
        plain=plain,
        key=key,
        priority=Priority.URGENT,
    )
    raise typer.Exit(notify.notify(Place(character, database), wish, timeout))


def render(
    file: Rendered,
    platform: Shown = None,
    every: Every = False,
    plain: Plain = False,
    json: Json = False,
) -> None:
    """Show a text as it will be on each platform, and what it loses."""
    from bot.cli import render

    render.preview(file, () if every else platform or (), plain=plain, as_json=json)


@campaigns.command("list")
def list_campaigns(
    limit: Limit = 20, character: Whose = None, database: Ledger = None, json: Json = False
) -> None:
    """List campaigns, the newest first."""
    from bot.cli import campaigns
    from bot.cli.reach import Place

    campaigns.listed(Place(character, database), limit, as_json=json)


@campaigns.command("show")
def show_campaign(
    campaign: One,
    watch: Watch = False,
    character: Whose = None,
    database: Ledger = None,
    json: Json = False,
) -> None:
    """Show how far a campaign is."""
    from bot.cli import campaigns
    from bot.cli.reach import Place

    campaigns.show(Place(character, database), campaign, follow=watch, as_json=json)


ACTS = {
    "launch": "Send a draft, at its time if it has one.",
    "pause": "Send no more until it is resumed; what is on its way arrives.",
    "resume": "Go on with one that is paused.",
    "cancel": "Send no more, for good.",
    "retry-failed": "Try those again who did not get it.",
    "retract": "Delete every copy; where a platform does not let us, change it or say so.",
}
"""What can be done to a campaign."""


def _add(verb: str, help: str) -> None:
    @campaigns.command(verb, help=help)
    def act(
        campaign: One, character: Whose = None, database: Ledger = None, json: Json = False
    ) -> None:
        from bot.cli import campaigns
        from bot.cli.reach import Place

        campaigns.act(Place(character, database), verb, campaign, as_json=json)


for _verb, _help in ACTS.items():
    _add(_verb, _help)


@campaigns.command("export")
def export_campaign(
    campaign: One,
    format: Format = Form.CSV,
    output: Out = None,
    character: Whose = None,
    database: Ledger = None,
) -> None:
    """Write a report: what became of every recipient."""
    from bot.cli import campaigns
    from bot.cli.reach import Place

    campaigns.export(Place(character, database), campaign, format, output)


@subscribers.command("list")
def list_subscribers(
    topic: SomeTopic = None,
    limit: Limit = 1_000,
    character: Whose = None,
    database: Ledger = None,
    json: Json = False,
) -> None:
    """List the topics with their numbers, or the subscribers of one."""
    from bot.cli import subscribers
    from bot.cli.reach import Place

    subscribers.listed(Place(character, database), topic, limit, as_json=json)


@subscribers.command("add")
def add_subscribers(
    addresses: Addresses,
    topic: Topic = "news",
    character: Whose = None,
    database: Ledger = None,
) -> None:
    """Subscribe rooms to a topic. Exits with 1 if one of the addresses is bad."""
    from bot.cli import subscribers
    from bot.cli.reach import Place

    raise typer.Exit(subscribers.change(Place(character, database), "add", addresses, topic))


@subscribers.command("remove")
def remove_subscribers(
    addresses: Addresses,
    topic: Topic = "news",
    character: Whose = None,
    database: Ledger = None,
) -> None:
    """Take rooms off a topic. Exits with 1 if one of the addresses is bad."""
    from bot.cli import subscribers
    from bot.cli.reach import Place

    raise typer.Exit(subscribers.change(Place(character, database), "remove", addresses, topic))


@subscribers.command("import")
def import_subscribers(
    file: Rows,
    topic: Topic = "news",
    character: Whose = None,
    database: Ledger = None,
    json: Json = False,
) -> None:
    """Subscribe all whom a file names: CSV with a header, JSONL, or an address in each line.

    Exits with 1 if there are bad lines; the good ones are taken all the same.
    """
    from bot.cli import subscribers
    from bot.cli.reach import Place

    place = Place(character, database)
    raise typer.Exit(subscribers.read_in(place, file, topic, as_json=json))
