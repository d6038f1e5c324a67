"""Who reacted to what on a simulated Discord."""

from __future__ import annotations

from collections.abc import Callable

from connectors.discord.simulator.shapes import Json
from connectors.discord.simulator.state import State


class Reactions:
    """The reactions of people and of the bot. An emoji is itself, or `:name:` if it is a server's.

    Args:
        tell: tells the gateway's sessions of an event.
    """

    def __init__(self, state: State, tell: Callable[[str, Json], None]) -> None:
        self._state, self._tell = state, tell
        self._given: dict[str, dict[str, list[str]]] = {}

    def of(self, message: str) -> dict[str, list[str]]:
        """For each emoji those who gave it."""
        return {one: list(many) for one, many in self._given.get(message, {}).items()}

    def add(self, message: str, person: str, emoji: str) -> None:
        """React; who did already changes nothing."""
        people = self._given.setdefault(message, {}).setdefault(emoji, [])
        if person in people:
            return
        people.append(person)
        channel, author = self._state.where[message], self._author(message)
        member = {} if channel.is_direct else {"member": self._state.member(person)}
        more = {"message_author_id": author, **member}
        self._changed("MESSAGE_REACTION_ADD", message, **self._single(person, emoji), **more)

    def remove(self, message: str, person: str, emoji: str) -> None:
        """Take a reaction back, if it is there."""
        people = self._given.get(message, {}).get(emoji, [])
        if person not in people:
            return
        people.remove(person)
        if not people:
            del self._given[message][emoji]
        self._changed("MESSAGE_REACTION_REMOVE", message, **self._single(person, emoji))

    def clear(self, message: str, emoji: str | None = None) -> None:
        """Take all reactions of a message away, or all of one emoji."""
        if emoji is None:
            self._given.pop(message, None)
            self._changed("MESSAGE_REACTION_REMOVE_ALL", message)
        else:
            self._given.get(message, {}).pop(emoji, None)
            told = self._state.emoji(emoji)
            self._changed("MESSAGE_REACTION_REMOVE_EMOJI", message, emoji=told)

    def _single(self, person: str, emoji: str) -> Json:
        told = self._state.emoji(emoji)
        return {"user_id": person, "emoji": told, "burst": False, "type": 0}

    def _author(self, message: str) -> str:
        said = self._state.where[message].messages[int(message)]
        return str(said["author"]["id"])

    def _changed(self, name: str, message: str, **more: object) -> None:
        channel = self._state.where[message]
        self._show(message)
        self._tell(name, {"message_id": message, **self._state.whereabouts(channel), **more})

    def _show(self, message: str) -> None:
        """Write it on the message, as the API shows it."""
        given = self._given.get(message, {})
        shown = [self._counted(emoji, people) for emoji, people in given.items()]
        said = self._state.where[message].messages[int(message)]
        said.pop("reactions", None)
        if shown:
            said["reactions"] = shown

    def _counted(self, emoji: str, people: list[str]) -> Json:
        return {
            "emoji": self._state.emoji(emoji),
            "count": len(people),
            "count_details": {"burst": 0, "normal": len(people)},
            "burst_colors": [],
            "me_burst": False,
            "me": self._state.bot in people,
        }
