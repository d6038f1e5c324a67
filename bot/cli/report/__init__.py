"""What became of a campaign: a table, JSON, CSV, or one page to look at and hand on."""

from __future__ import annotations

from enum import StrEnum
from typing import IO

from bot.campaign import Campaign, Progress
from bot.cli.report import lines, page, table
from bot.cli.report.tally import Pages, Tally

__all__ = ["Kind", "Pages", "Tally", "write"]


class Kind(StrEnum):
    """How a report is written."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    HTML = "html"


async def write(
    kind: Kind | str, campaign: Campaign, progress: Progress, pages: Pages, file: IO[str]
) -> None:
    """Write the report of a campaign.

    Args:
        pages: all of its recipients, some at a time; memory does not grow with their number.
        file: a text file in UTF-8; for CSV opened with `newline=""`.
    """
    match Kind(kind):
        case Kind.CSV:
            await lines.csv(pages, file)
        case Kind.JSON:
            await lines.json(campaign, progress, pages, file)
        case Kind.HTML:
            tally = await Tally.of(pages)
            file.writelines(page.pieces(campaign, progress, tally))
        case Kind.TABLE:
            table.show(campaign, progress, await Tally.of(pages), file)
