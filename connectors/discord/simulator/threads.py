"""Threads and the posts of forums, opened by a bot on a simulated Discord.

https://discord.com/developers/docs/resources/channel#start-thread-from-message
"""

from __future__ import annotations

from collections.abc import Callable

from connectors.discord.simulator import checks
from connectors.discord.simulator.channels import ANNOUNCEMENT, FORUM, TEXT, THREAD, Channel
from connectors.discord.simulator.desk import Desk
from connectors.discord.simulator.messages import Messages
from connectors.discord.simulator.refusal import Refusal, forbidden
from connectors.discord.simulator.request import Handler, Request
from connectors.discord.simulator.shapes import Json

NAME = 100
"""Characters of a thread's name."""


class Threads:
    """The handlers of threads.

    Args:
        tell: tells the gateway's sessions of an event.
    """

    def __init__(self, desk: Desk, messages: Messages, tell: Callable[[str, Json], None]) -> None:
        self._desk, self._state = desk, desk.state
        self._messages, self._tell = messages, tell
        self._ours: set[str] = set()

    @property
    def routes(self) -> dict[str, Handler]:
        """Which handler answers what."""
        return {
            "POST /channels/{channel}/messages/{message}/threads": self.grow,
            "POST /channels/{channel}/threads": self.post,
            "GET /guilds/{guild}/threads/active": self.active,
        }

    def grow(self, request: Request) -> tuple[int, Json]:
        """Open the thread of a message; it has the message's id."""
        parent = self._messages.channel(request)
        message = self._desk.find(parent, request.path["message"])
        if parent.type not in (TEXT, ANNOUNCEMENT):
            raise forbidden(50024)
        if message["id"] in self._state.channels:
            raise Refusal(400, "A thread has already been created for this message", 160004)
        return 201, self._described(self._open(parent, message["id"], request.body))

    def post(self, request: Request) -> tuple[int, Json]:
        """Open a post of a forum, with its first message."""
        parent, body = self._messages.channel(request), request.body
        if parent.type != FORUM:
            raise forbidden(50024)
        checks.check(body.get("message") or {}, has_files=bool(request.files))
        thread = self._open(parent, self._state.new_id(), body)
        message = self._desk.post(thread, body["message"], request.files)
        return 201, {**self._described(thread), "message": message}

    def active(self, _: Request) -> Json:
        """The threads that are not archived."""
        threads = [one for one in self._state.channels.values() if one.type == THREAD]
        told = [self._described(one) for one in threads]
        return {"threads": told, "members": [], "has_more": False}

    def _open(self, parent: Channel, key: str, body: Json) -> Channel:
        checks.length("name", body.get("name") or "", NAME, least=1)
        thread = Channel(key, THREAD, body["name"], parent.id)
        self._state.channels[key] = thread
        self._ours.add(key)
        self._tell("THREAD_CREATE", {**self._described(thread), "newly_created": True})
        return thread

    def _described(self, thread: Channel) -> Json:
        told = self._state.described(thread)
        return {**told, "owner_id": self._state.bot} if thread.id in self._ours else told
