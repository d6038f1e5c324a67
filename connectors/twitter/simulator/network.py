"""The people, posts and direct messages of a simulated X."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bot.content import MediaKind
from bot.testing.simulator import Upload

EPOCH = 1_288_834_974_657
"""The millisecond at which X's ids begin; an id is the time shifted by 22 bits and a sequence."""


class Snowflakes:
    """Ids like X's: they grow with the time of day and never repeat."""

    def __init__(self) -> None:
        self._last = 0

    def next(self) -> str:
        """A new one."""
        self._last = max(int(time.time() * 1000) - EPOCH << 22, self._last + 1)
        return str(self._last)


@dataclass(slots=True)
class Person:
    """An account on X.

    Args:
        picture: the address of its picture.
        is_hidden: whether the account is protected or suspended: what it posts is not shown.
        is_gone: whether it is suspended, so that it is not shown itself.
    """

    id: str
    name: str
    username: str
    picture: str = ""
    is_hidden: bool = False
    is_gone: bool = False
    posts: list[Post] = field(default_factory=list)
    mentions: list[Post] = field(default_factory=list)
    said: set[tuple[str, str | None]] = field(default_factory=set)


@dataclass(slots=True, eq=False)
class Media:
    """A photo, a video or a GIF, which X makes a video of.

    Args:
        alt: what it shows, in words.
    """

    id: str
    file: Upload
    alt: str = ""

    @property
    def type(self) -> str:
        """How X calls what it is."""
        if self.file.media_type == "image/gif":
            return "animated_gif"
        is_video = self.file.kind is MediaKind.VIDEO or self.file.media_type.startswith("video/")
        return "video" if is_video else "photo"

    @property
    def key(self) -> str:
        """X's key, which begins with a number for the type."""
        return f"{ {'photo': 3, 'video': 7, 'animated_gif': 16}[self.type] }_{self.id}"


@dataclass(slots=True, eq=False)
class Poll:
    """A question with answers to choose from, and how often each was chosen."""

    id: str
    options: dict[str, int]


@dataclass(slots=True, eq=False)
class Post:
    """A post in its newest version.

    Args:
        history: the id of each version, the oldest first.
        quoted: the post that it shows below its text.
        preview: what X knows of the page behind its link: a title and a description.
    """

    id: str
    author: Person
    text: str
    conversation: str
    parent: Post | None = None
    mentioned: list[Person] = field(default_factory=list)
    history: list[str] = field(default_factory=list)
    media: list[Media] = field(default_factory=list)
    quoted: Post | None = None
    poll: Poll | None = None
    preview: tuple[str, str] | None = None
    at: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass(slots=True)
class DirectMessage:
    """A message between people, or who came and went.

    Args:
        kind: X's word for what happened.
        participants: who came or went.
    """

    id: str
    conversation: str
    sender: Person
    text: str
    kind: str = "MessageCreate"
    participants: tuple[Person, ...] = ()
    media: list[Media] = field(default_factory=list)
    at: datetime = field(default_factory=lambda: datetime.now(UTC))


class Network:
    """All that a simulated X knows. Every list is in the order of ids, oldest first.

    Attributes:
        injected: what the next page of mentions carries besides the posts.
        media: every file, by its id.
        on_post: told of each post, and of each new version.
        on_delete: told of each post that is removed.
        on_message: told of each direct message, and of who came and went.
    """

    def __init__(self) -> None:
        self.people: dict[str, Person] = {}
        self.posts: dict[str, Post] = {}
        self.messages: list[DirectMessage] = []
        self.conversations: dict[str, tuple[Person, ...]] = {}
        self.injected: list[Any] = []
        self.media: dict[str, Media] = {}
        self.on_post: list[Callable[[Post], None]] = []
        self.on_delete: list[Callable[[Post], None]] = []
        self.on_message: list[Callable[[DirectMessage], None]] = []
        self._names: dict[str, Person] = {}
        self._ids = Snowflakes()

    def new_id(self) -> str:
        """An id that nothing else has."""
        return self._ids.next()

    def add_person(self, name: str) -> Person:
        """A new account; its handle is made of the name."""
        stem = re.sub(r"\W+", "_", name, flags=re.ASCII).strip("_")[:15] or "person"
        taken = stem.lower() in self._names
        username = f"{stem[:8]}_{len(self.people)}" if taken else stem
        person = Person(self._ids.next(), name, username)
        self.people[person.id] = self._names[username.lower()] = person
        return person

    def by_username(self, username: str) -> Person | None:
        """The account with this handle."""
        return self._names.get(username.lower())

    def post(
        self,
        author: Person,
        text: str,
        parent: Post | None = None,
        *,
        bare: bool = False,
        **more: Any,
    ) -> Post:
        """A new post; before a reply X puts the handles of those it answers.

        Args:
            bare: whether the author took them away.
            more: what else a `Post` has.
        """
        if parent and not bare:
            text = f"{self._handles(author, text, parent)}{text}"
        new = self._ids.next()
        thread = parent.conversation if parent else new
        post = Post(new, author, text, thread, parent, history=[new], **more)
        self.posts[new] = post
        author.posts.append(post)
        author.said.add((text, parent.id if parent else None))
        self._mention(post)
        return post

    def add_media(self, file: Upload, alt: str = "") -> Media:
        """A file that was sent to X."""
        media = Media(self._ids.next(), file, alt)
        self.media[media.id] = media
        return media

    def add_poll(self, *options: str) -> Poll:
        """A question that nobody has answered yet."""
        return Poll(self._ids.next(), dict.fromkeys(options, 0))

    def is_duplicate(self, author: Person, text: str, parent: Post | None) -> bool:
        """Whether the author said the same under the same post."""
        said = f"{self._handles(author, text, parent)}{text}" if parent else text
        return (said, parent.id if parent else None) in author.said

    def edit(self, post: Post, text: str) -> None:
        """A new version, with an id of its own."""
        self._forget(post)
        handles = re.match(r"(?:@\w+ )*", post.text)
        post.id, post.text = self._ids.next(), f"{handles[0] if handles else ''}{text}"
        post.history.append(post.id)
        self.posts[post.id] = post
        post.author.posts.append(post)
        self._mention(post)

    def delete(self, post: Post) -> None:
        """Remove every version."""
        self._forget(post)
        for version in post.history:
            del self.posts[version]
        for listener in self.on_delete:
            listener(post)

    def converse(self, one: Person, other: Person) -> str:
        """The conversation of two people, begun if need be."""
        pair = sorted((one, other), key=lambda person: int(person.id))
        conversation = f"{pair[0].id}-{pair[1].id}"
        self.conversations[conversation] = (pair[0], pair[1])
        return conversation

    def gather(self, *people: Person) -> str:
        """A conversation of several."""
        conversation = self._ids.next()
        self.conversations[conversation] = people
        return conversation

    def move(self, conversation: str, person: Person, *, joins: bool) -> DirectMessage:
        """Somebody comes into a conversation of several, or goes."""
        others = tuple(one for one in self.conversations[conversation] if one is not person)
        self.conversations[conversation] = (*others, person) if joins else others
        kind = "ParticipantsJoin" if joins else "ParticipantsLeave"
        return self.message(conversation, person, "", kind=kind, participants=(person,))

    def message(self, conversation: str, sender: Person, text: str, **more: Any) -> DirectMessage:
        """A new direct message.

        Args:
            more: what else a `DirectMessage` has.
        """
        message = DirectMessage(self._ids.next(), conversation, sender, text, **more)
        self.messages.append(message)
        for listener in self.on_message:
            listener(message)
        return message

    def messages_of(self, person: Person) -> list[DirectMessage]:
        """What a person wrote and was written, and that they went, oldest first."""
        mine = {key for key, people in self.conversations.items() if person in people}
        return [m for m in self.messages if m.conversation in mine or person in m.participants]

    def _handles(self, author: Person, text: str, parent: Post) -> str:
        others = [p.username for p in (parent.author, *parent.mentioned) if p is not author]
        missing = [name for name in dict.fromkeys(others) if f"@{name}" not in text]
        return "".join(f"@{name} " for name in missing)

    def _mention(self, post: Post) -> None:
        for username in dict.fromkeys(re.findall(r"@(\w{1,15})", post.text.lower())):
            person = self._names.get(username)
            if person and person is not post.author:
                post.mentioned.append(person)
                person.mentions.append(post)
        for listener in self.on_post:
            listener(post)

    def _forget(self, post: Post) -> None:
        post.author.posts.remove(post)
        for person in post.mentioned:
            person.mentions.remove(post)
        post.mentioned.clear()
