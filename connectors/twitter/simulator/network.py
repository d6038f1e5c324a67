"""The people, posts and direct messages of a simulated X."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

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
    """An account on X."""

    id: str
    name: str
    username: str
    posts: list[Post] = field(default_factory=list)
    mentions: list[Post] = field(default_factory=list)
    said: set[tuple[str, str | None]] = field(default_factory=set)


@dataclass(slots=True, eq=False)
class Post:
    """A post in its newest version.

    Args:
        history: the id of each version, the oldest first.
    """

    id: str
    author: Person
    text: str
    conversation: str
    parent: Post | None = None
    mentioned: list[Person] = field(default_factory=list)
    history: list[str] = field(default_factory=list)
    at: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass(slots=True)
class DirectMessage:
    """A message between two people."""

    id: str
    conversation: str
    sender: Person
    text: str
    at: datetime = field(default_factory=lambda: datetime.now(UTC))


class Network:
    """All that a simulated X knows. Every list is in the order of ids, oldest first.

    Attributes:
        injected: what the next page of mentions carries besides the posts.
    """

    def __init__(self) -> None:
        self.people: dict[str, Person] = {}
        self.posts: dict[str, Post] = {}
        self.messages: list[DirectMessage] = []
        self.conversations: dict[str, tuple[Person, Person]] = {}
        self.injected: list[Any] = []
        self._names: dict[str, Person] = {}
        self._ids = Snowflakes()

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

    def post(self, author: Person, text: str, parent: Post | None = None) -> Post:
        """A new post; before a reply X puts the handles of those it answers."""
        if parent:
            text = f"{self._handles(author, text, parent)}{text}"
        new = self._ids.next()
        post = Post(new, author, text, parent.conversation if parent else new, parent, [], [new])
        self.posts[new] = post
        author.posts.append(post)
        author.said.add((text, parent.id if parent else None))
        self._mention(post)
        return post

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

    def converse(self, one: Person, other: Person) -> str:
        """The conversation of two people, begun if need be."""
        pair = sorted((one, other), key=lambda person: int(person.id))
        conversation = f"{pair[0].id}-{pair[1].id}"
        self.conversations[conversation] = (pair[0], pair[1])
        return conversation

    def message(self, conversation: str, sender: Person, text: str) -> DirectMessage:
        """A new direct message."""
        message = DirectMessage(self._ids.next(), conversation, sender, text)
        self.messages.append(message)
        return message

    def messages_of(self, person: Person) -> list[DirectMessage]:
        """What a person wrote and was written, oldest first."""
        mine = {key for key, pair in self.conversations.items() if person in pair}
        return [message for message in self.messages if message.conversation in mine]

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

    def _forget(self, post: Post) -> None:
        post.author.posts.remove(post)
        for person in post.mentioned:
            person.mentions.remove(post)
        post.mentioned.clear()
