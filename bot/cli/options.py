"""What the commands take, and how their help calls it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.records import EventState, PartState

Source = Annotated[
    str,
    typer.Argument(
        metavar="CHARACTER",
        help="Who the bot is: a character file, or the name of one that is shipped, as `eliza`.",
    ),
]
Database = Annotated[
    Path | None,
    typer.Option(
        help="The bot's SQLite file; it is made if it is missing. Without it: what the setting"
        " TOWNHALL_DATABASE says, or one in your data directory.",
    ),
]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Log everything.")]
Offline = Annotated[bool, typer.Option("--offline", help="Look at the settings only.")]
Platforms = Annotated[
    list[str] | None,
    typer.Argument(metavar="[PLATFORM]...", help="Such as `discord telegram`; all without any."),
]
Host = Annotated[str, typer.Option(help="The address to listen on.")]
Port = Annotated[
    int,
    typer.Option(
        min=0, max=65535, help="The first platform's port, the next has the next; 0: any free ones."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object for programs.")]
Bot = Annotated[
    str | None,
    typer.Argument(
        metavar="CHARACTER", help="The bot, where its character file names the database."
    ),
]
Ledger = Annotated[
    Path | None,
    typer.Option(
        "--database",
        help="The bot's SQLite file. Without it: what the setting TOWNHALL_DATABASE says, or the"
        " one in your data directory.",
    ),
]
Events = Annotated[
    list[EventState] | None, typer.Option("--state", help="Only these; may be given repeatedly.")
]
Parts = Annotated[
    list[PartState] | None, typer.Option("--state", help="Only these; may be given repeatedly.")
]
Limit = Annotated[int, typer.Option(min=1, help="Show so many at most, the newest.")]
Asked = Annotated[
    str,
    typer.Argument(
        help="The platform's id of a message, a link to it, the id of a Memory or a delivery, or"
        " the key of an event.",
    ),
]
Key = Annotated[
    str, typer.Argument(help="As the list shows it, or by another name that `why` takes.")
]
Note = Annotated[str, typer.Option(help="Why, for those who read the audit log.")]
Message = Annotated[
    str | None,
    typer.Option(help="The platform's id of the message that arrived, or a link to it, if known."),
]
Headless = Annotated[bool, typer.Option("--headless", help="Play it fast and print the figures.")]
