"""`townhall broadcast`: announce something."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import typer
from pydantic_core import to_json
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from bot.audience import hidden
from bot.campaign import Campaign, CampaignState, Preview, Progress
from bot.cli.reach import Ask, Errand, Place
from bot.cli.render import reason, show_messages
from bot.cli.setup import run_loop
from bot.cli.watch import duration, watch
from bot.errors import ConfigError, TownhallError
from bot.part import Priority
from bot.web.files import Files


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person wants to be announced, as it was typed.

    Args:
        message: a text, or `@` and the path of a file that holds it.
        attach: paths and addresses.
        buttons: each as `Label=https://...` or `Label=/command`.
        at: as ISO 8601 writes it; without a zone it is this machine's time.
    """

    message: str
    to: tuple[str, ...]
    without: tuple[str, ...] = ()
    title: str = ""
    attach: tuple[str, ...] = ()
    buttons: tuple[str, ...] = ()
    plain: bool = False
    at: str | None = None
    over: str | None = None
    quiet: str | None = None
    key: str | None = None
    priority: Priority = Priority.BULK
    draft: bool = False

    def order(self, files: Files) -> dict[str, Any]:
        """The body of a request to the API.

        Raises:
            ConfigError: what was typed makes no sense.
            TownhallError: a file cannot be read.
        """
        if not self.to:
            raise ConfigError("nobody is named", fix=TO)
        given = {
            "text": read(self.message),
            "markdown": not self.plain,
            "to": self.to,
            "without": self.without,
            "title": self.title,
            "attachments": [_attached(one, files) for one in self.attach],
            "buttons": [_button(one) for one in self.buttons],
            "at": _moment(self.at),
            "over": self.over,
            "quiet": self.quiet,
            "key": self.key,
            "priority": self.priority,
            "by": getpass.getuser(),
            "draft": self.draft,
        }
        return {name: value for name, value in given.items() if value is not None}


TO = (
    "Name the audience with --to, repeatedly if need be: topic:news, tag:vip, platform:telegram,"
    " account:discord/sales, all, or an address such as telegram:-1001234."
)


def broadcast(place: Place, wish: Wish, *, follow: bool, as_json: bool) -> None:
    """Make a campaign, and follow it if that is wanted.

    Raises:
        TownhallError: it is refused.
    """
    order = wish.order(Files(place.path()))
    errand = Errand.WRITE if wish.draft or wish.at else Errand.NOTHING
    run_loop(lambda: _broadcast(place, order, errand, follow=follow, as_json=as_json))


async def _broadcast(
    place: Place, order: dict[str, Any], errand: Errand, *, follow: bool, as_json: bool
) -> None:
    async with place.reach(errand) as ask:
        campaign = Campaign.model_validate(await ask("POST", "/api/campaigns", order))
        if as_json:
            typer.echo(campaign.model_dump_json())
        else:
            typer.echo("\n".join(_told(campaign)))
        if follow:
            await watch(lambda: progress_of(ask, campaign.id))


def _told(campaign: Campaign) -> Iterator[str]:
    reason = f" ({hidden(campaign.reason)})" if campaign.reason else ""
    when = f" for {campaign.starts_at:%Y-%m-%d %H:%M %Z}" if campaign.starts_at else ""
    yield f"{campaign.state}{when}: {campaign.id}{reason}"
    if campaign.state is CampaignState.DRAFT:
        yield f"  Send it with: townhall campaigns launch {campaign.id}"
    else:
        yield f"  See how it gets on with: townhall campaigns show {campaign.id}"


async def progress_of(ask: Ask, campaign: object) -> Progress:
    """How far a campaign is."""
    return Progress.model_validate(await ask("GET", f"/api/campaigns/{campaign}/progress"))


def rehearse(place: Place, wish: Wish, *, shows: bool, as_json: bool) -> bool:
    """Show what a campaign would be, and send nothing; whether all whom it names are known.

    Args:
        shows: whether the messages are shown, too.
    """
    order = wish.order(Files(place.path()))

    async def ask() -> Preview:
        async with place.reach(Errand.LOOK) as ask:
            return Preview.model_validate(await ask("POST", "/api/campaigns/preview", order))

    preview = run_loop(ask)
    if as_json:
        typer.echo(to_json(preview))
        return not preview.unknown
    console = Console(highlight=False, markup=False)
    if shows:
        for platform, parts in preview.parts.items():
            show_messages(console, platform, parts, preview.losses.get(platform, ()))
    _show(console, preview)
    return not preview.unknown


def _show(console: Console, preview: Preview) -> None:
    """Counts, time and cost; and whom nobody knows."""
    table = Table("account", box=SIMPLE_HEAD)
    for name in ("recipients", "skipped"):
        table.add_column(name, justify="right")
    table.add_column("at least")
    table.add_column("cost")
    for account, count in sorted(preview.counts.items()):
        seconds = preview.seconds.get(account)
        table.add_row(
            account,
            f"{count:,}",
            f"{preview.skipped.get(account, 0):,}",
            "" if seconds is None else duration(seconds),
            preview.cost.get(account, ""),
        )
    if preview.counts:
        console.print(table)
    total = sum(preview.counts.values())
    noun = "recipient" if total == 1 else "recipients"
    console.print(f"{total:,} {noun}. Nothing was sent.", soft_wrap=True)
    for member in preview.unknown:
        console.print(f"Nobody is known as {hidden(member)}.", soft_wrap=True)


def read(message: str) -> str:
    """A message; `@path` is the text of a file.

    Raises:
        ConfigError: the file cannot be read.
    """
    if not message.startswith("@") or any(letter.isspace() for letter in message):
        return message
    path = Path(message[1:])
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"the message cannot be read: {reason(error)}",
            fix="What begins with @ names a file; a text that does so needs a space in it.",
            file=path,
        ) from error


def _attached(given: str, files: Files) -> dict[str, str]:
    if given.startswith(("http://", "https://")):
        return {"url": given}
    return {"path": str(files.add(Path(given)))}


def _button(given: str) -> dict[str, str]:
    label, equals, does = (part.strip() for part in given.partition("="))
    if not (equals and label and does):
        raise ConfigError(
            f"the button {given!r} is not complete",
            fix="Write it as --button 'Label=https://example.org' or --button 'Label=/command'.",
        )
    kind = "url" if does.startswith(("http://", "https://")) else "value"
    return {"label": label, kind: does}


def _moment(given: str | None) -> str | None:
    if given is None:
        return None
    try:
        moment = datetime.fromisoformat(given)
    except ValueError:
        raise ConfigError(
            f"--at: {given!r} is no time",
            fix="Write it as 2030-01-31T09:00, or with a zone: 2030-01-31T09:00+01:00.",
        ) from None
    if moment.tzinfo is None:
        moment = moment.astimezone()
    return moment.isoformat()


def failed(error: TownhallError) -> None:
    """Say what went wrong, as all commands do."""
    typer.secho(f"error: {error}", err=True)
