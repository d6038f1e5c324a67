"""The report for programs: CSV and JSON, one line for each recipient."""

from __future__ import annotations

import csv as comma_separated
from typing import IO, Any

from pydantic_core import to_json

from bot.audience import hidden
from bot.campaign import Campaign, Progress, Recipient
from bot.cli.report.tally import Pages
from bot.cli.report.words import public
from bot.connector import account_name

COLUMNS = ("place", "account", "room", "state", "reason", "since", "messages", "delivery")


async def csv(pages: Pages, file: IO[str]) -> None:
    """A line with the names of the columns, then one for each recipient.

    Several messages to one recipient stand in one column, with spaces between.
    """
    writer = comma_separated.DictWriter(file, COLUMNS)
    writer.writeheader()
    async for page in pages:
        writer.writerows(_record(one) | {"messages": " ".join(one.messages)} for one in page)


async def json(campaign: Campaign, progress: Progress, pages: Pages, file: IO[str]) -> None:
    """One object: the campaign, its progress, and the recipients in lines of their own."""
    about = progress.model_copy(update={"campaign": public(campaign)})
    file.write(f'{{"progress": {about.model_dump_json()},\n"recipients": [')
    between = "\n"
    async for page in pages:
        for one in page:
            file.write(between + to_json(_record(one)).decode())
            between = ",\n"
    file.write("\n]}\n")


def _record(one: Recipient) -> dict[str, Any]:
    return {
        "place": one.place,
        "account": account_name(one.platform, one.account),
        "room": hidden(one.room),
        "state": one.state.value,
        "reason": hidden(one.reason),
        "since": one.since.isoformat(timespec="milliseconds"),
        "messages": one.messages,
        "delivery": str(one.delivery),
    }
