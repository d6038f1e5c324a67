"""What people look like: so that what is told of them again is no news."""

from __future__ import annotations

from bot.memory import Entity

REMEMBERS = 20_000

Face = tuple[str, str, str | None]
"""Name, handle and picture: what is stored of somebody, and may change."""

ANYWHERE = ""


class Faces:
    """What people looked like when we last heard of them, the latest of them.

    A server may know somebody by another name, so each is remembered with the server.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], Face] = {}

    def see(self, who: Entity, guild: str) -> None:
        """Somebody is told of, as a server knows them."""
        for place in (guild, ANYWHERE):
            self._remember(who, place)

    def changed(self, who: Entity, guild: str) -> bool:
        """Whether a server now shows somebody otherwise than before; a first sight does not tell.

        Whom we share several servers with is told of by each of them, and is news once.
        """
        before = self._known.get((guild, who.key))
        self._remember(who, guild)
        if before is None or _face(who) in (before, self._known.get((ANYWHERE, who.key))):
            return False
        self._remember(who, ANYWHERE)
        return True

    def _remember(self, who: Entity, place: str) -> None:
        self._known.pop((place, who.key), None)
        self._known[place, who.key] = _face(who)
        if len(self._known) > REMEMBERS:
            del self._known[next(iter(self._known))]


def _face(who: Entity) -> Face:
    return who.name, who.username, who.avatar
