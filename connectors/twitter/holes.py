"""What was left out for want of money, until it is read."""

from __future__ import annotations

from bot.value import Value
from connectors.twitter.objects import early, number, said_at
from connectors.twitter.purse import Notes, OutOfBudget
from connectors.twitter.reading import Found, Span


class LeftOut(OutOfBudget):
    """Some of what is new was not read; it is once there is money."""


class Spans(Value):
    """The holes of one source, the newest last."""

    spans: tuple[Span, ...] = ()


class Holes:
    """The holes of an account, each between two ids that are read: it survives restarts."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._known: dict[str, Spans] = {}

    async def newest(self, source: str) -> Span | None:
        """The one to read first: its answers may still count."""
        spans = (await self._of(source)).spans
        return spans[-1] if spans else None

    async def add(self, source: str, since: int, found: Found) -> None:
        """Note what a look left out, before what it found is stored.

        A look that came to nothing, since that was not stored, left a hole above `since`.

        Args:
            since: the newest id that was known before.
        """
        older = [span for span in (await self._of(source)).spans if span.until <= since]
        await self._keep(source, (*older, *_left(since, found)))

    async def shrink(self, source: str, found: Found) -> None:
        """A page of the newest was read, and perhaps its last one; nothing of it is left then."""
        *others, span = (await self._of(source)).spans
        await self._keep(source, (*others, *_left(span.since, found)))

    async def _of(self, source: str) -> Spans:
        if source not in self._known:
            noted = await self._notes.note(_note(source))
            self._known[source] = Spans.model_validate_json(noted) if noted else Spans()
        return self._known[source]

    async def _keep(self, source: str, spans: tuple[Span, ...]) -> None:
        kept = Spans(spans=spans)
        await self._notes.keep(_note(source), kept.model_dump_json() if spans else None)
        self._known[source] = kept


def waiting(span: Span) -> LeftOut:
    """Why a hole is one."""
    since, until = said_at(span.since), said_at(span.until)
    return LeftOut(
        f"what was said between {since:%Y-%m-%d %H:%M} and {until:%Y-%m-%d %H:%M} UTC is read when"
        " the budget allows",
        retry_after=0,
    )


def _left(since: int, found: Found) -> tuple[Span, ...]:
    """The hole below what was found, if there is one."""
    oldest = min((one for one in map(number, found.items) if one), default=0)
    if not found.rest or oldest <= early(since):
        return ()
    return (Span(since=since, until=oldest, page=found.rest),)


def _note(source: str) -> str:
    return f"holes/{source}"
