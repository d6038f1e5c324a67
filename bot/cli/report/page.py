"""The report as one HTML page that needs nothing else: to look at, to mail, to keep."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from html import escape

from bot.audience import hidden
from bot.campaign import Campaign, Progress, RecipientState
from bot.cli.report import plot
from bot.cli.report.style import CSS
from bot.cli.report.tally import MOST_NAMED, Tally
from bot.cli.report.words import headline, public
from bot.connector import account_name
from bot.value import now

MOST_REASONS = 30
"""So many reasons the page shows; the CSV has all."""

LABELS = {
    RecipientState.SENT: "Sent",
    RecipientState.FAILED: "Failed",
    RecipientState.AMBIGUOUS: "Unknown",
    RecipientState.SKIPPED: "Skipped",
    RecipientState.RETRACTED: "Taken back",
    RecipientState.SENDING: "On the way",
    RecipientState.QUEUED: "Waiting",
}
"""In the order in which they are shown."""


def pieces(campaign: Campaign, progress: Progress, tally: Tally) -> Iterator[str]:
    """The page, piece by piece."""
    campaign = public(campaign)
    title = escape(headline(campaign))
    yield '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<title>{title}</title><style>{CSS}</style></head>\n<body>"
    yield from _header(campaign, title)
    yield "<main>"
    yield from _tiles(progress)
    yield "<section><h2>Deliveries over time</h2>"
    yield from plot.pieces(tally.timeline)
    yield "</section>"
    yield from _accounts(progress)
    yield from _reasons(tally)
    yield from _unsent(tally)
    yield from _message(campaign)
    yield f'</main><footer class="soft">As of {_time(now())}.</footer></body></html>\n'


def _header(campaign: Campaign, title: str) -> Iterator[str]:
    times = (
        ("made", campaign.created_at),
        ("due", campaign.starts_at),
        ("started", campaign.started_at),
        ("ended", campaign.ended_at),
    )
    yield f'<header><span class="state">{escape(campaign.state)}</span><h1>{title}</h1>'
    if campaign.reason:
        yield f"<p>{escape(campaign.reason)}</p>"
    told = " · ".join(f"{name} {_time(at)}" for name, at in times if at)
    by = f" by {escape(campaign.by)}" if campaign.by else ""
    yield f'<p class="soft">{told}{by}<br>Campaign <code>{campaign.id}</code></p></header>'


def _tiles(progress: Progress) -> Iterator[str]:
    total = sum(sum(counts.values()) for counts in progress.counts.values())
    yield f'<dl class="tiles"><div><dt>Recipients</dt><dd>{total:,}</dd></div>'
    for state, label in LABELS.items():
        count = sum(counts.get(state, 0) for counts in progress.counts.values())
        if count or state in (RecipientState.SENT, RecipientState.FAILED):
            share = f" <small>{_percent(count, total)}</small>" if total else ""
            yield f'<div style="{_mark(state)}"><dt>{label}</dt><dd>{count:,}{share}</dd></div>'
    yield "</dl>"


def _accounts(progress: Progress) -> Iterator[str]:
    shown = [s for s in LABELS if any(counts.get(s) for counts in progress.counts.values())]
    heads = "".join(f'<th class="n">{LABELS[state]}</th>' for state in shown)
    yield '<section><h2>By account</h2><div class="scroll"><table><thead><tr><th>Account</th>'
    yield f'<th class="share">Share</th>{heads}<th class="n">All</th></tr></thead><tbody>'
    for account, counts in sorted(progress.counts.items()):
        waits = progress.waits.get(account, "")
        why = f'<br><span class="soft">{escape(waits)}</span>' if waits else ""
        cells = _numbers([*(counts.get(state, 0) for state in shown), sum(counts.values())])
        yield f'<tr><td class="account">{escape(account)}{why}</td>'
        yield f'<td class="share">{_bar(counts)}</td>{cells}</tr>'
    yield "</tbody></table></div></section>"


def _reasons(tally: Tally) -> Iterator[str]:
    if not (found := tally.reasons.most_common()):
        return
    most = found[0][1]
    yield '<section><h2>Why it did not arrive</h2><div class="scroll"><table><thead><tr>'
    yield '<th>Reason</th><th>Account</th><th class="n">Recipients</th></tr></thead><tbody>'
    for (state, account, why), count in found[:MOST_REASONS]:
        width = max(count / most * 100, 0.5)
        yield (
            f'<tr><td><span class="dot" style="{_mark(state)}">{escape(why)}</span>'
            f'<div class="bar"><i style="width:{width:.2f}%;{_mark(state)}"></i></div></td>'
            f'<td class="account">{escape(account)}</td>{_numbers([count])}</tr>'
        )
    yield "</tbody></table></div>"
    if rest := len(found) - MOST_REASONS:
        yield f'<p class="soft">and {rest:,} more reasons</p>' if rest > 0 else ""
    yield "</section>"


def _unsent(tally: Tally) -> Iterator[str]:
    if not tally.unsent:
        return
    count = tally.reasons.total()
    yield f"<section><details><summary>Who did not get it: {count:,}</summary>"
    yield '<div class="scroll"><table><thead><tr><th>Recipient</th><th>State</th><th>Reason</th>'
    yield '<th class="n">Since</th></tr></thead><tbody>'
    for one in tally.unsent:
        account = escape(account_name(one.platform, one.account))
        yield (
            f"<tr><td>{account} <code>{escape(hidden(one.room))}</code></td>"
            f'<td><span class="dot" style="{_mark(one.state)}">{LABELS[one.state]}</span></td>'
            f'<td>{escape(hidden(one.reason))}</td><td class="n">{_time(one.since)}</td></tr>'
        )
    yield "</tbody></table></div>"
    if count > len(tally.unsent):
        yield f'<p class="soft">The first {MOST_NAMED:,} of them; the CSV report has all.</p>'
    yield "</details></section>"


def _message(campaign: Campaign) -> Iterator[str]:
    content = campaign.content
    files = [one.name or one.kind for one in content.attachments]
    buttons = [one.label for one in content.buttons]
    members = {"To": campaign.audience, "Not to": campaign.without}
    lists = {**members, "Files": files, "Buttons": buttons}
    yield f"<section><h2>The message</h2><blockquote>{escape(content.text)}</blockquote>"
    for name, items in lists.items():
        if items:
            yield f'<p class="soft">{name}: {escape(", ".join(items))}</p>'
    yield "</section>"


def _bar(counts: Mapping[str, int]) -> str:
    """The states of an account's recipients, side by side."""
    there = [(state, counts.get(state, 0)) for state in LABELS if counts.get(state)]
    inner = (
        f'<i style="flex:{count};{_mark(state)}" title="{LABELS[state]}: {count:,}"></i>'
        for state, count in there
    )
    return f'<div class="bar">{"".join(inner)}</div>'


def _numbers(counts: Iterable[int]) -> str:
    return "".join(f'<td class="n">{count:,}</td>' for count in counts)


def _mark(state: RecipientState) -> str:
    return f"--mark: var(--{state})"


def _percent(count: int, total: int) -> str:
    """A share that is never rounded to none or all."""
    share = round(count / total * 100, 1)
    if count and not share:
        return "< 0.1 %"
    return "> 99.9 %" if count < total and share == 100 else f"{share:g} %"  # noqa: PLR2004 - all of it


def _time(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S UTC")
