"""X on loopback: its API v2 for mentions, posts and direct messages."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.memory import RoomKind
from bot.testing.simulator import Said, Simulator, Upload, now
from connectors.twitter.simulator.activity import Activity
from connectors.twitter.simulator.acts import Acts
from connectors.twitter.simulator.api import Api
from connectors.twitter.simulator.credits import Credits
from connectors.twitter.simulator.faults import Faults
from connectors.twitter.simulator.gate import Gate, Keys
from connectors.twitter.simulator.network import DirectMessage, Media, Network, Person, Post
from connectors.twitter.simulator.oauth import Grants
from connectors.twitter.simulator.stream import Stream
from connectors.twitter.simulator.timelines import Timelines
from connectors.twitter.simulator.upload import Uploads

TIMELINE = "timeline"
DM = "dm/"
LIKE = "❤"
OAUTH1 = frozenset(
    {
        "TWITTER_API_KEY",
        "TWITTER_API_SECRET_KEY",
        "TWITTER_ACCESS_TOKEN",
        "TWITTER_ACCESS_TOKEN_SECRET",
    }
)


class TwitterSimulator(Faults, Simulator):
    """X with one bot on it.

    A room is a conversation that a person began; `say` posts under its first post, or under
    `reply_to`. The bot sees what mentions it, and X mentions whom one replies to, unless they take
    the name away (`bare`). A room of kind `dm` is a conversation of direct messages, one of kind
    `channel` the bot's own timeline.

    Args:
        limits: whether to enforce the documented windows; their headers are always there.
        only_mentioned: whether to refuse the bot's replies to posts that do not mention it.

    Attributes:
        stream: the filtered stream, and its faults.
        activity: the activity stream, likewise.
        credits: what all this costs; set a balance for it to run out.
        delay: how late every answer is, in seconds.
    """

    platform = "twitter"

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        limits: bool = False,
        only_mentioned: bool = False,
    ) -> None:
        super().__init__(host, port, limits=limits)
        self.network = Network()
        self.bot = self.network.add_person("Townhall Bot")
        self._host = self.network.add_person("Town Crier")
        self.keys = Keys("app-key", "app-secret", f"{self.bot.id}-token", "token-secret")
        self.gate = Gate(self.keys, "bearer-token", limits)
        self.grants = Grants()
        self.gate.serves = self.grants.serves
        self.uploads = Uploads(self.network)
        self.acts = Acts(self.network, self.bot, self._unsay)
        self.stream, self.activity = Stream(self.network), Activity(self.network)
        self.credits, self.delay = Credits(), 0.0
        self._timelines = Timelines(self.network, self.bot)
        self._api = Api(
            self.network,
            self.bot,
            self.uploads,
            only_mentioned=only_mentioned,
            posted=self._posted,
            messaged=self._messaged,
        )

    @property
    def settings(self) -> dict[str, str]:
        """The settings that point a bot here."""
        return {
            "TWITTER_API_KEY": self.keys.key,
            "TWITTER_API_SECRET_KEY": self.keys.secret,
            "TWITTER_ACCESS_TOKEN": self.keys.token,
            "TWITTER_ACCESS_TOKEN_SECRET": self.keys.token_secret,
            "TWITTER_BEARER_TOKEN": self.gate.bearer,
            "TWITTER_API_URL": self.url,
            "TWITTER_POLL_SECONDS": "0.2",
            "TWITTER_LIMITS": "on" if self.limits else "off",
        }

    @property
    def oauth2(self) -> dict[str, str]:
        """The settings of a bot that logs in by OAuth 2.0, in place of those of 1.0a."""
        own = {name: one for name, one in self.settings.items() if name not in OAUTH1}
        return own | {
            "TWITTER_CLIENT_ID": self.grants.client_id,
            "TWITTER_CLIENT_SECRET": self.grants.client_secret,
            "TWITTER_REFRESH_TOKEN": self.grants.refresh,
        }

    def routes(self, app: web.Application) -> None:
        """Add X's API to `app`."""
        app.middlewares.extend((self._late, self.credits.charge))
        reading = (self._timelines, self.stream, self.activity)
        for part in (*reading, self._api, self.uploads, self.acts, self.grants):
            part.routes(app, self.gate)

    def add_person(self, name: str, *, is_bot: bool = False) -> str:  # noqa: ARG002 - X marks no bots
        """A new account; its id."""
        return self.network.add_person(name).id

    def add_group(self, *people: str) -> str:
        """A new conversation of direct messages between the bot and several people."""
        others = [self.network.people[person] for person in people]
        return f"{DM}{self.network.gather(self.bot, *others)}"

    def move(self, room: str, person: str, *, joins: bool) -> None:
        """Somebody comes into such a conversation, or goes; the bot by its own id."""
        mover = self.network.people[person]
        self.network.move(room.removeprefix(DM), mover, joins=joins)

    def add_room(self, name: str, *, kind: str = "group", parent: str | None = None) -> str:  # noqa: ARG002 - X nests no rooms
        """A new conversation that begins with the post `name`, or one of direct messages."""
        if kind == RoomKind.DM:
            return f"{DM}{self.network.converse(self.bot, self.network.people[name])}"
        if kind == RoomKind.CHANNEL:
            return TIMELINE
        return self.network.post(self._host, name).id

    async def say(
        self,
        room: str,
        person: str,
        text: str,
        *,
        reply_to: str | None = None,
        mention: bool = False,
        files: Sequence[Upload] = (),
        **more: Any,
    ) -> str:
        """Post in a conversation, or write a direct message.

        Args:
            more: as `bare`, `quoted`, `poll` and `preview` of `Network.post`.
        """
        speaker = self.network.people[person]
        media = [self.network.add_media(file) for file in files]
        if room.startswith(DM):
            key = room.removeprefix(DM)
            message = self.network.message(key, speaker, text, media=media)
            return self._said(room, f"{DM}{message.id}", speaker, text, files=media)
        handle = f"@{self.bot.username} " if mention else ""
        parent = self.network.posts[reply_to or room]
        post = self.network.post(speaker, f"{handle}{text}", parent, media=media, **more)
        return self._said(room, post.id, speaker, text, parent.history[0], files=media)

    async def rename(self, person: str, name: str, *, picture: str = "") -> None:
        """See `Simulator.rename`.

        Args:
            picture: the address of another picture, which comes with the name.
        """
        one = self.network.people[person]
        if name != one.name:
            self.activity.updated(one, "screenname", one.name, name)
        if picture:
            self.activity.updated(one, "profile_picture", one.picture, picture)
        one.name, one.picture = name, picture or one.picture

    def hide(self, person: str, *, suspended: bool = False) -> None:
        """Protect an account, or suspend it: X shows its posts no longer."""
        one = self.network.people[person]
        one.is_hidden, one.is_gone = True, suspended

    async def edit(self, message: str, text: str) -> None:
        """Change a post, which on X makes a new version with an id of its own."""
        self.network.edit(self.network.posts[message], text)

    async def delete(self, message: str) -> None:
        """Remove a post; X tells bots nothing of it."""
        self.network.delete(self.network.posts[message])

    async def inject(self, payload: Any) -> None:
        """Put `payload` among the posts of the next page of mentions."""
        self.network.injected.append(payload)

    def files(self, message: str) -> list[Upload]:
        """See `Simulator.files`."""
        return [one.file for one in self._message_or_post(message).media]

    def malformed(self) -> Any:
        """See `Simulator.malformed`."""
        return {"text": "a post without an id"}

    def unknown(self) -> Any:
        """See `Simulator.unknown`: a post that refers to another in a way of its own."""
        post = self.network.post(self._host, f"@{self.bot.username} Hm")
        return {
            "id": post.id,
            "author_id": self._host.id,
            "text": post.text,
            "telepathy": {"thought": "Hm"},
            "referenced_tweets": [{"type": "dreamt", "id": post.id}],
        }

    def reactions(self, message: str) -> dict[str, list[str]]:
        """See `Simulator.reactions`: X has likes alone."""
        likes = self.acts.likes[message]
        return {LIKE: list(likes)} if likes else {}

    def _unsay(self, id: str) -> None:
        for log in self.log.values():
            log[:] = [one for one in log if one.message.removeprefix(DM) != id]

    def _message_or_post(self, message: str) -> Post | DirectMessage:
        if not message.startswith(DM):
            return self.network.posts[message]
        key = message.removeprefix(DM)
        return next(one for one in self.network.messages if one.id == key)

    def _posted(self, post: Post, text: str) -> None:
        room = post.conversation if post.parent else TIMELINE
        parent = post.parent.history[0] if post.parent else None
        self._said(room, post.id, post.author, text, parent, files=post.media)

    def _messaged(self, message: DirectMessage) -> None:
        room = f"{DM}{message.conversation}"
        text, media = message.text, message.media
        self._said(room, f"{DM}{message.id}", message.sender, text, files=media)

    def _said(
        self,
        room: str,
        message: str,
        speaker: Person,
        text: str,
        reply_to: str | None = None,
        *,
        files: Sequence[Media] = (),
    ) -> str:
        by_bot, names = speaker is self.bot, tuple(one.file.name for one in files)
        self.record(Said(room, message, speaker.id, text, reply_to, by_bot, now(), files=names))
        return message

    @web.middleware
    async def _late(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        await asyncio.sleep(self.delay)
        return await handler(request)
