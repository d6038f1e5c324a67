"""What the commands that notify take, and how their help calls it."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bot.part import Priority


class Haste(StrEnum):
    """The priorities that a campaign can have."""

    URGENT = Priority.URGENT
    NORMAL = Priority.NORMAL
    BULK = Priority.BULK


class Form(StrEnum):
    """How a report is written."""

    CSV = "csv"
    JSON = "json"
    HTML = "html"
    TABLE = "table"


Whose = Annotated[
    str | None,
    typer.Option(
        "--character",
        "-c",
        metavar="CHARACTER",
        help="The bot, where its character file names the database or the platforms.",
    ),
]
Said = Annotated[
    str,
    typer.Argument(metavar="MESSAGE", help="A text in Markdown, or @FILE for the text of a file."),
]
Perhaps = Annotated[
    str,
    typer.Argument(
        metavar="MESSAGE",
        help="A text in Markdown, or @FILE. Without it, or with -, standard input is the message,"
        " and is shown as it stands.",
    ),
]
To = Annotated[
    list[str] | None,
    typer.Option(
        "--to",
        metavar="AUDIENCE",
        help="Who gets it: topic:news, tag:vip, platform:telegram, account:discord/sales, all, or"
        " an address such as telegram:-1001234. May be given repeatedly.",
    ),
]
Without = Annotated[
    list[str] | None,
    typer.Option(metavar="AUDIENCE", help="Who does not get it. May be given repeatedly."),
]
Title = Annotated[str, typer.Option(help="The headline. Lists of campaigns show it, too.")]
Attach = Annotated[
    list[str] | None,
    typer.Option(metavar="FILE", help="A file, or the address of one. May be given repeatedly."),
]
Buttons = Annotated[
    list[str] | None,
    typer.Option(
        "--button",
        metavar="LABEL=WHAT",
        help="A button that opens an address, or that says what it is for whoever presses it:"
        " 'Read on=https://example.org', 'Roll=/roll 6'. May be given repeatedly.",
    ),
]
Plain = Annotated[bool, typer.Option("--plain", help="Show the text as it stands: no Markdown.")]
At = Annotated[
    str | None,
    typer.Option(
        metavar="TIME", help="Not before this, which is to come: 2030-01-31T09:00, or with +01:00."
    ),
]
Over = Annotated[
    str | None, typer.Option(metavar="DURATION", help="Spread it over so long: 90s, 30m, 2h, 1d.")
]
Quiet = Annotated[
    str | None,
    typer.Option(metavar="HOURS", help="Write to nobody between these: 22:00-07:00@Europe/Berlin."),
]
Same = Annotated[
    str | None,
    typer.Option("--key", metavar="KEY", help="Asked for twice with one key, it is sent once."),
]
Urgency = Annotated[
    Haste, typer.Option(help="Who goes first of several. Answers to people go before all of them.")
]
Draft = Annotated[bool, typer.Option("--draft", help="Only keep it, to be sent later.")]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Send nothing: tell how many, how long, at what cost.")
]
Preview = Annotated[
    bool, typer.Option("--preview", help="Send nothing: show each platform's messages, too.")
]
Watch = Annotated[bool, typer.Option("--watch", help="Follow it to its end; Ctrl-C stops looking.")]
Timeout = Annotated[
    float, typer.Option(min=0.1, help="Seconds. What has not left by then is not sent.")
]
One = Annotated[str, typer.Argument(metavar="CAMPAIGN", help="Its id, or the key it was given.")]
Rendered = Annotated[
    str, typer.Argument(metavar="FILE", help="A text in Markdown; - is standard input.")
]
Shown = Annotated[
    list[str] | None,
    typer.Option("--platform", metavar="PLATFORM", help="Only this. May be given repeatedly."),
]
Format = Annotated[Form, typer.Option(help="How it is written.")]
Out = Annotated[
    Path | None, typer.Option("--output", "-o", help="The file; without it, standard output.")
]
Topic = Annotated[
    str, typer.Option(metavar="TOPIC", help="Such as news; tag:vip is a tag that only you give.")
]
SomeTopic = Annotated[
    str | None, typer.Argument(metavar="TOPIC", help="Only who subscribed to it.")
]
Addresses = Annotated[
    list[str],
    typer.Argument(metavar="ADDRESS...", help="Such as telegram:-1001234 or discord:1234."),
]
Rows = Annotated[
    str, typer.Argument(metavar="FILE", help="It ends in .csv or .jsonl; others have addresses.")
]
Every = Annotated[bool, typer.Option("--all", help="Every platform; so it is by default.")]
