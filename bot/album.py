"""Albums: several messages that a platform sends one by one, and people see as one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from bot.commit import Commit
from bot.content import Content
from bot.events import Event, EventKind
from bot.records import EventState, Stored
from bot.store import Store

QUIET_SECONDS = 1.0
"""How long nothing more must have come of an album before it is taken to be whole."""

SPEAKS = frozenset({EventState.PENDING, EventState.DONE, EventState.AMBIGUOUS, EventState.DEAD})


class Albums:
    """Joins the messages of an album into one Memory.

    Args:
        nap: waits within a lane.
        persist: makes writes durable.
    """

    def __init__(
        self,
        store: Store,
        nap: Callable[[float], Awaitable[None]],
        persist: Callable[[Callable[[Commit], None]], Awaitable[None]],
    ) -> None:
        self._store, self._nap, self._persist = store, nap, persist

    async def whole(self, stored: Stored) -> Stored | None:
        """An event with all that belongs to its album; None if an earlier one speaks for it."""
        if not stored.event.group:
            return stored
        parts = await self._parts(stored.event)
        speaks = _speaks(stored, parts)
        if speaks:
            parts = await self._when_quiet(stored.event, len(parts))
        event = stored.event.model_copy(update={"content": _joined(parts)})
        if memory := event.memory():
            joined = memory.model_copy(update={"revision": len(parts)})
            await self._persist(lambda c: c.remember(joined))
        return replace(stored, event=event) if speaks else None

    async def edited(self, event: Event) -> Event:
        """An edit of one message of an album, as an edit of the whole."""
        if event.kind is not EventKind.EDIT or not event.group:
            return event
        parts = [_with(one, event) for one in await self._parts(event)]
        return event.model_copy(update={"content": _joined(parts)}) if parts else event

    async def _when_quiet(self, event: Event, known: int) -> list[Stored]:
        while True:
            await self._nap(QUIET_SECONDS)
            parts = await self._parts(event)
            if len(parts) == known:
                return parts
            known = len(parts)

    async def _parts(self, event: Event) -> list[Stored]:
        """The messages of an album, in order of arrival."""
        memory = event.memory_id
        found: dict[int, Stored] = {}
        for reference in await self._store.messages(memory) if memory else ():
            for one in await self._store.events_of(reference):
                if one.event.kind is EventKind.MESSAGE and one.event.memory_id == memory:
                    found[one.seq] = one
        return [found[seq] for seq in sorted(found)]


def _with(one: Stored, edit: Event) -> Stored:
    """A message of the album, with the words of its edit if it is the one that was edited."""
    return replace(one, event=edit) if one.event.message == edit.message else one


def _speaks(stored: Stored, parts: Sequence[Stored]) -> bool:
    """Whether an event is the one of its album that is answered."""
    return not any(one.state in SPEAKS and one.seq < stored.seq for one in parts)


def _joined(parts: Sequence[Stored]) -> Content:
    """What all of them say together; nothing, where their words were taken out."""
    contents = [one.event.content for one in parts if one.event.content] or [Content()]
    said = next((one for one in contents if one.text), contents[0])
    files = tuple(file for one in contents for file in one.attachments)
    return said.model_copy(update={"attachments": files})
