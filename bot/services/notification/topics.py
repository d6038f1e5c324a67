"""/subscribe and /unsubscribe, on every platform."""

from __future__ import annotations

from bot.action import action
from bot.errors import TownhallError
from bot.services.notification.service import NotificationService
from bot.turn import Turn


@action(idempotent=True)
async def subscribe(turn: Turn, topic: str = "news") -> str:
    """Put this chat on the list of those who get announcements about a topic."""
    service = _service(turn)
    name = topic.strip().lstrip("#") or "news"
    if ":" in name:
        return f"There is no topic {name}."
    try:
        is_new = await service.subscribe(turn.room, name)
    except TownhallError as error:
        return str(error)
    if not is_new:
        return f"This chat gets {name.lower()} already."
    return f"This chat now gets {name.lower()}. To stop it: /unsubscribe {name.lower()}"


@action(idempotent=True)
async def unsubscribe(turn: Turn, topic: str = "news") -> str:
    """Take this chat off the list of those who get announcements about a topic."""
    service = _service(turn)
    name = topic.strip().lstrip("#") or "news"
    if ":" in name:
        return f"There is no topic {name}."
    try:
        was_there = await service.unsubscribe(turn.room, name)
    except TownhallError as error:
        return str(error)
    return f"This chat gets {name.lower()} no longer." if was_there else f"It did not get {name}."


def _service(turn: Turn) -> NotificationService:
    service = turn.runtime.get_service(NotificationService)
    if service is None:
        raise TownhallError("the notification service does not run")
    return service
