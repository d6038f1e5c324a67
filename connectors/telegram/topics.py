"""Forum topics: what they are called, which one a message is in, and new ones for what we say."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from bot.errors import StoreError, Unavailable
from bot.events import Event, EventKind
from bot.memory import Room
from bot.part import Part
from connectors.telegram.errors import Refused

if TYPE_CHECKING:
    from bot.store import Store
    from connectors.telegram.connector import TelegramService

NAME = 128
"""Characters of a topic's name: https://core.telegram.org/bots/api#createforumtopic"""


class Topics:
    """What updates do not tell of topics.

    Args:
        store: knows what was told before.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._names: dict[str, str] = {}

    async def known(self, events: Sequence[Event]) -> list[Event]:
        """The events of a batch, each in its topic, and that with the name that it has by now."""
        said: dict[str, Room] = {}
        found = []
        for event in events:
            one = await self._named(await self._placed(event, said))
            found.append(one)
            if one.message and one.room:
                said[one.message] = one.room
        return found

    async def _placed(self, event: Event, said: dict[str, Room]) -> Event:
        """A reaction tells its forum alone; the topic is that of the message it is about."""
        forum = event.room
        if not (event.target and forum and forum.world and forum.parent is None):
            return event
        where = said.get(event.target) or await self._room_of(event, event.target)
        if where is None or where.parent != forum.key:
            return event
        told = {name: getattr(where, name) for name in ("key", "kind", "name", "parent")}
        return event.model_copy(update={"room": forum.model_copy(update=told)})

    async def _room_of(self, event: Event, message: str) -> Room | None:
        known = await self._store.linked(event.platform, event.account, message)
        memory = await self._store.memory(known) if known else None
        return await self._store.room(memory.room_id) if memory else None

    async def _named(self, event: Event) -> Event:
        """A message tells the first name of its topic for ever, or none."""
        room = event.room
        if room is None or room.parent is None:
            return event
        if event.kind is EventKind.PROFILE and room.name:
            self._names[room.key] = room.name
        elif room.key not in self._names:
            known = await self._store.room(room.id)
            self._names[room.key] = (known.name if known else "") or room.name
        name = self._names[room.key] = self._names[room.key] or room.name
        if name == room.name:
            return event
        return event.model_copy(update={"room": room.model_copy(update={"name": name})})


async def place(service: TelegramService, part: Part) -> str:
    """Where to say a part, as a room's key: in a new topic if it names one and the chat has topics.

    What else belongs to the same delivery goes to the same topic, also after a restart.

    Raises:
        RateLimited, Unavailable, Unconfirmed, Unauthorized: as `Connector.send`.
    """
    if not part.thread or part.room.parent or part.room.is_private:
        return part.room.key
    if known := await service.note(_note(part)):
        return known
    key = await _opened(service, part)
    try:
        await service.keep(_note(part), key)
    except StoreError as error:
        raise Unavailable(f"the new topic cannot be noted: {error}") from error
    return key


async def forget(service: TelegramService, part: Part) -> None:
    """Forget the topic of a delivery whose last part was said."""
    if not part.thread:
        return
    with suppress(StoreError):  # a note too many does no harm
        if part.ordinal == len(await service.runtime.store.parts(part.delivery)) - 1:
            await service.keep(_note(part), None)


async def _opened(service: TelegramService, part: Part) -> str:
    """A new topic; the chat itself where there can be none."""
    asked = {"chat_id": part.room.key, "name": part.thread[:NAME]}
    try:
        made = await service.client.ask("createForumTopic", asked, part.room)
    except Refused as error:
        service.runtime.logger.info("Telegram: said without a topic", why=str(error))
        return part.room.key
    return f"{part.room.key}/{made['message_thread_id']}"


def _note(part: Part) -> str:
    return f"topic/{part.delivery}"
