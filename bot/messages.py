"""What can be done to a message that exists."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from bot.content import Content, Verb
from bot.errors import ConfigError
from bot.events import Event, EventKind
from bot.memory import Memory
from bot.value import uid

if TYPE_CHECKING:
    from bot.runtime import Runtime


class Messages:
    """Changes messages, reacts to them, and knows their addresses: `runtime.messages`.

    Each act goes through the outbox, as what we say does; the id is that of its delivery.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def edit(self, memory: Memory, content: Content | str) -> UUID:
        """Change something that we said; see `Runtime.send`."""
        said = Content(text=content) if isinstance(content, str) else content
        return await self._do(memory, said.model_copy(update={"verb": Verb.EDIT}))

    async def delete(self, memory: Memory) -> UUID:
        """Delete something that we said, or that somebody did where we may; see `Runtime.send`."""
        return await self._do(memory, Content(verb=Verb.DELETE))

    async def react(self, memory: Memory, emoji: str, *, remove: bool = False) -> UUID:
        """React to a message, or take a reaction of ours back; see `Runtime.send`."""
        return await self._do(
            memory, Content(verb=Verb.UNREACT if remove else Verb.REACT, text=emoji)
        )

    async def repost(self, memory: Memory) -> UUID:
        """Show a message to our own followers; see `Runtime.send`."""
        return await self._do(memory, Content(verb=Verb.REPOST))

    async def _do(self, memory: Memory, content: Content) -> UUID:
        room = await self._runtime.store.room(memory.room_id)
        if room is None:
            raise ConfigError(f"memory {memory.id} is of an unknown room", fix="Store it first.")
        return await self._runtime.send(room, content.model_copy(update={"target": memory.id}))

    async def url(self, memory: Memory) -> str | None:
        """The address of a message for a person's browser; None where it has none."""
        room = await self._runtime.store.room(memory.room_id)
        if room is None or not (kind := self._runtime.kind(room.platform)):
            return None
        links = (kind.link_of(room, one) for one in await self._runtime.store.messages(memory.id))
        return next(filter(None, links), None)

    async def process(self, memory: Memory, responses: tuple[Content, ...]) -> list[Content]:
        """See `Runtime.process_actions`."""
        room = await self._runtime.store.room(memory.room_id)
        sender = await self._runtime.store.entity(memory.entity_id)
        if room is None or sender is None:
            raise ConfigError(
                f"memory {memory.id} is of an unknown room or person",
                fix="Store them first with put_room and put_entity, or deliver an Event.",
            )
        asked = uid("process", str(memory.id), *(one.model_dump_json() for one in responses))
        messages = await self._runtime.store.messages(memory.id)
        event = Event(
            kind=EventKind.COMMAND,
            platform=room.platform,
            account=room.account,
            ids=("process", str(asked)),
            at=memory.created_at,
            room=room,
            sender=sender,
            content=memory.content,
            message=messages[0] if messages else None,
            about=memory.id,
            responses=responses,
            addressed=True,
        )
        return await self._runtime.inbox.ask(event)
