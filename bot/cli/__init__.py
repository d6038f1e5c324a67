"""The command line: what each command is called, takes and means.

The work is in one module per command, imported when the command runs: a bot starts the sooner for
it.
"""

from __future__ import annotations

import sys
from errno import ENOSPC
from importlib.metadata import version
from io import TextIOWrapper
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from bot.cli import notifying
from bot.cli.lists import GROUPS
from bot.cli.options import (
    Asked,
    Bot,
    Database,
    Headless,
    Host,
    Json,
    Ledger,
    Offline,
    Platforms,
    Port,
    Source,
    Verbose,
)
from bot.errors import ConfigError, TownhallError

MISTAKE = 2
"""The exit code for what a person has to mend before it can work."""


class Commands(TyperGroup):
    """Tells people of their mistakes in words, without a traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was asked for."""
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, TextIOWrapper):  # what a terminal has no letter for is a mark
                stream.reconfigure(errors="replace")
        try:
            return super().invoke(ctx)
        except TownhallError as error:
            typer.secho(f"error: {error}", err=True)
            raise typer.Exit(MISTAKE if isinstance(error, ConfigError) else 1) from None
        except OSError as error:
            if error.errno != ENOSPC:
                raise
            typer.secho("error: there is no room to write to: make some on the disk", err=True)
            raise typer.Exit(MISTAKE) from None


app = typer.Typer(
    cls=Commands,
    help="One bot on every chat: Discord, Telegram and X. New here? Try `townhall demo`.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"townhall {version('townhall')}")
        raise typer.Exit


Version = Annotated[
    bool,
    typer.Option(
        "--version", callback=_print_version, is_eager=True, help="Print the version and exit."
    ),
]


@app.callback(invoke_without_command=True)
def townhall(ctx: typer.Context, version: Version = False) -> None:  # noqa: ARG001 - its callback acts
    """Print the help where no command is named."""
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())


@app.command()
def run(character: Source, database: Database = None, verbose: Verbose = False) -> None:
    """Run a bot on the platforms, until Ctrl-C.

    It speaks on every platform that is set up, in the environment or in the character file;
    `townhall check` shows what that takes.
    """
    from bot.cli.run import run

    run(character, database, verbose=verbose)


@app.command()
def chat(character: Source = "eliza", database: Database = None, verbose: Verbose = False) -> None:
    """Talk to a character here in the terminal.

    No token is needed. What comes through a pipe is answered too: echo hello | townhall chat
    """
    from bot.cli.chat import chat

    chat(character, database, verbose=verbose)


@app.command()
def check(character: Source, database: Database = None, offline: Offline = False) -> None:
    """Show the settings of a bot, and try its logins.

    Of each setting it says which value won and where that came from. Exits with 0 if every
    platform that is set up works, with 1 if one does not, and with 2 if the character file is
    wrong.
    """
    from bot.cli.check import check

    raise typer.Exit(check(character, database, offline=offline))


@app.command()
def simulate(
    platforms: Platforms = None,
    host: Host = "127.0.0.1",
    port: Port = 0,
    json: Json = False,
) -> None:
    """Pretend to be the platforms, on this machine.

    Prints the settings that point a bot here, and runs until Ctrl-C.
    """
    from bot.cli.simulate import simulate

    simulate(platforms or [], host, port, as_json=json)


@app.command()
def demo(headless: Headless = False, json: Json = False) -> None:
    """See a bot at work, without token or network.

    Simulators of all platforms run on this machine. People talk, the bot answers, and in the
    middle it is killed and started again. With --headless it exits with 0 only if every message
    was answered once, in order.
    """
    from bot.cli.demo import demo

    raise typer.Exit(demo(headless=headless, as_json=json))


Kills = Annotated[int, typer.Option(min=0, help="How often to kill it with `kill -9`.")]
Seed = Annotated[
    int | None, typer.Option(help="As an earlier run printed it: the same faults again.")
]


@app.command()
def torture(kills: Kills = 50, seed: Seed = None, json: Json = False) -> None:
    """See what a bot endures, without token or network.

    Simulators of all platforms run on this machine. People ask without a pause, and the bot is
    killed, starved, cut off and lied to. Exits with 0 only if no question was lost, answered
    twice or out of order, and nothing was said twice that the bot knew to be there.
    """
    from bot.cli.torture import torture

    raise typer.Exit(torture(kills, seed, as_json=json))


# A Telegram group's id begins with a minus, and is no option.
@app.command(context_settings={"ignore_unknown_options": True})
def why(message: Asked, character: Bot = None, database: Ledger = None, json: Json = False) -> None:
    """Tell the whole story of a message.

    When it came, what was decided and done about it, what was said in answer, and how each part of
    that fared on the platform. Exits with 1 if nobody knows the message.
    """
    from bot.cli import ledger

    ledger.why(ledger.View(character, database, json), message)


app.command()(notifying.broadcast)
app.command(cls=notifying.Telling)(notifying.notify)
app.command()(notifying.render)
for name, group in {**notifying.GROUPS, **GROUPS}.items():
    app.add_typer(group, name=name)
