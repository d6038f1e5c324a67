"""Albums: several messages that a platform sends one by one, and people see as one."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from uuid import UUID

from bot.commit import Commit
from bot.content import Content
from bot.events import Event, EventKind
from bot.memory import Memory
from bot.records import EventState, Stored
from bot.store import Store

QUIET_SECONDS = 1.0
"""How long nothing more must have come of an album before it is taken to be whole."""

SPEAKS = frozenset({EventState.PENDING, EventState.DONE, EventState.AMBIGUOUS, EventState.DEAD})

TOLD = frozenset({EventKind.MESSAGE, EventKind.EDIT, EventKind.DELETE})
"""What tells of the words of a message."""

Told = Mapping[str, Sequence[Event]]
"""What was told of each message, by its reference, in order of arrival."""


class Albums:
    """Joins the messages of an album into one Memory.

    One that is answered is joined in its turn, when it is whole; all else as it comes.

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
        self._alone = asyncio.Lock()  # from reading what is stored to writing what it makes

    async def whole(self, stored: Stored) -> Stored | None:
        """An event with all that belongs to its album; None if an earlier one speaks for it."""
        event, memory = stored.event, stored.event.memory_id
        if not (event.group and memory and event.kind is EventKind.MESSAGE):
            return stored
        parts = await self._parts(event)
        if speaks := _speaks(stored, parts):
            await self._when_quiet(event, len(parts))
        async with self._alone:
            known = await self._store.memory(memory)
            joined = known and _joined(known, await self._told(memory, event))
            if joined:
                await self._persist(lambda c: c.remember(joined))
        if not speaks:
            return None
        content = joined.content if joined else Content()
        return replace(stored, event=event.model_copy(update={"content": content}))

    @asynccontextmanager
    async def after(self, events: Sequence[Event]) -> AsyncIterator[Mapping[str, Memory | None]]:
        """What becomes of Memories of several messages, for a block that stores events about them.

        Gives it by the keys of the events; None for a Memory that stays as it is.

        Args:
            events: all that are stored together; those that get no turn of their own, or change
                what is there.
        """
        albums: defaultdict[UUID, list[Event]] = defaultdict(list)
        for event in events:
            if (memory := event.memory_id) and await self._has_several(event, memory):
                albums[memory].append(event)
        if not albums:
            yield {}
            return
        async with self._alone:
            found: dict[str, Memory | None] = {}
            for memory, some in albums.items():
                joined = await self._after(memory, some)
                found |= dict.fromkeys((one.key for one in some), joined)
            yield found

    async def _has_several(self, event: Event, memory: UUID) -> bool:
        if event.kind is not EventKind.DELETE:
            return event.kind in TOLD and event.group is not None
        return event.about is not None and len(await self._store.messages(memory)) > 1

    async def _after(self, memory: UUID, events: Sequence[Event]) -> Memory | None:
        known = await self._store.memory(memory) or events[0].memory()
        told = await self._told(memory, events[0], events)
        if known is None or all(told.values()):
            return known and _joined(known, told)
        said = [one.content for one in events if one.kind is EventKind.EDIT and one.content]
        if not said:
            return None
        # The rest is forgotten: nobody knows which words were whose, and the files stay.
        content = known.content.model_copy(update={"text": said[-1].text or known.content.text})
        return known.model_copy(update={"content": content, "revision": known.revision + 1})

    async def _when_quiet(self, event: Event, known: int) -> None:
        while True:
            await self._nap(QUIET_SECONDS)
            parts = await self._parts(event)
            if len(parts) == known:
                return
            known = len(parts)

    async def _parts(self, event: Event) -> list[Stored]:
        """The messages of an album."""
        memory = event.memory_id
        return [
            one
            for reference in (await self._store.messages(memory) if memory else ())
            for one in await self._store.events_of(reference)
            if one.event.kind is EventKind.MESSAGE and one.event.memory_id == memory
        ]

    async def _told(self, memory: UUID, event: Event, more: Sequence[Event] = ()) -> Told:
        """What was told of the messages of a Memory, on the account of `event`, and `more`."""
        account = event.platform, event.account
        told: dict[str, list[Event]] = {
            reference: [
                one.event
                for one in await self._store.events_of(reference)
                if one.event.kind in TOLD and (one.event.platform, one.event.account) == account
            ]
            for reference in await self._store.messages(memory)
        }
        for one in more:
            if one.message:
                told.setdefault(one.message, []).append(one)
        return told


def _speaks(stored: Stored, parts: Sequence[Stored]) -> bool:
    """Whether an event is the one of its album that is answered."""
    return not any(one.state in SPEAKS and one.seq < stored.seq for one in parts)


def _joined(known: Memory, told: Told) -> Memory:
    """A Memory as its messages make it, with the newest words of each that is still there."""
    there = [some for some in told.values() if all(o.kind is not EventKind.DELETE for o in some)]
    contents = [one for one in map(_newest, there) if one] or [Content()]
    said = next((one for one in contents if one.text), contents[0])
    joined = {
        "text": "\n".join(one.text for one in contents if one.text),
        "attachments": tuple(file for one in contents for file in one.attachments),
        "in_reply_to": known.content.in_reply_to,
    }
    update = {"content": said.model_copy(update=joined), "deleted": not there}
    return known.model_copy(update={**update, "revision": known.revision + 1})


def _newest(told: Sequence[Event]) -> Content | None:
    """The words of a message; None where they were taken out."""
    said = [one for one in told if one.content]
    return max(said, key=lambda one: one.revision).content if said else None
