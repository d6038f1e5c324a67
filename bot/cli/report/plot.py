"""Deliveries over time, as bars: one for each length of time, stacked by account."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from html import escape

from bot.cli.report.style import SERIES
from bot.cli.report.tally import Timeline

BARS = 96
HEIGHT = 100
"""Of the drawing, in its own units; the page stretches it, and a bar is one unit wide."""

GAP = 0.12
"""Between two bars, in their widths."""

DAY = 86_400
SHORT, LONG, WHOLE = "%H:%M:%S", "%d %b %H:%M", "%d %b %H:%M:%S"

Series = Mapping[str, Counter[int]]


def pieces(timeline: Timeline) -> Iterator[str]:
    """The plot, with its legend and its scales, as HTML."""
    series = dict(sorted(timeline.within(BARS).items()))
    if not series:
        yield '<p class="soft">Nothing has been sent yet.</p>'
        return
    begins = [at for counts in series.values() for at in counts]
    first, last, step = min(begins), max(begins), timeline.step
    top = _round_up(max(sum((Counter(s) for s in series.values()), Counter()).values()))
    yield '<ul class="legend">'
    yield from (
        f'<li class="dot" style="{mark(place)}">{escape(name)}</li>'
        for place, name in enumerate(series)
    )
    yield '</ul><div class="plot"><div class="ys">'
    yield f"<span>{top:,}</span><span>{top / 2:,.4g}</span><span>0</span></div>"
    yield from _drawing(series, range(first, last + 1, step), top)
    is_long = last - first >= DAY
    yield '<div class="xs">'
    for at in (first, (first + last + step) // 2, last + step):
        yield f"<span>{_clock(at, LONG if is_long else SHORT)}</span>"
    yield f'</div></div><p class="soft">Messages sent in each {_words(step)}; times are UTC.</p>'


def _drawing(series: Series, begins: range, top: int) -> Iterator[str]:
    total = sum(map(Counter.total, series.values()))
    yield (
        f'<svg role="img" aria-label="{total:,} messages sent over time" '
        f'viewBox="0 0 {len(begins)} {HEIGHT}" preserveAspectRatio="none">'
    )
    for y in (0, HEIGHT / 2, HEIGHT):
        yield f'<line x1="0" x2="{len(begins)}" y1="{y:g}" y2="{y:g}"/>'
    for x, begin in enumerate(begins):
        yield from _bar(series, x, begin, begins.step, top)
    yield "</svg>"


def _bar(series: Series, x: int, begin: int, step: int, top: int) -> Iterator[str]:
    """What was sent within one length of time, account upon account."""
    y = float(HEIGHT)
    for place, (name, counts) in enumerate(series.items()):
        if not (count := counts[begin]):
            continue
        height = count / top * HEIGHT
        y -= height
        label = f"{_clock(begin, WHOLE)} to {_clock(begin + step, WHOLE)}, {name}: {count:,}"
        yield (
            f'<rect x="{x + GAP / 2:g}" y="{y:.3f}" width="{1 - GAP:g}" height="{height:.3f}"'
            f' style="{mark(place)}"><title>{escape(label)}</title></rect>'
        )


def mark(place: int) -> str:
    """The style that gives an account its colour."""
    return f"--mark: var(--series{min(place, SERIES - 1)})"


def _round_up(count: int) -> int:
    """A round number that is not less, to be the top of a scale."""
    size = int("1".ljust(len(str(count)), "0"))
    return next(times * size for times in (1, 2, 3, 4, 5, 6, 8, 10) if times * size >= count)


def _clock(at: int, form: str) -> str:
    return datetime.fromtimestamp(at, UTC).strftime(form)


def _words(seconds: int) -> str:
    units = ((DAY, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))
    size, name = next(unit for unit in units if seconds % unit[0] == 0)
    count = seconds // size
    return name if count == 1 else f"{count} {name}s"
