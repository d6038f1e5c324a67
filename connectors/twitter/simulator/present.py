"""How X writes posts, people and direct messages in JSON.

Fields come only if asked for. X is renaming tweets to posts: a request that speaks of
`tweet.fields` is answered in the old words, any other in the new.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any

from connectors.twitter.length import LINK
from connectors.twitter.simulator.gate import Problem
from connectors.twitter.simulator.network import DirectMessage, Person, Post

OBJECTS = frozenset({"tweet.fields", "post.fields", "user.fields", "media.fields", "expansions"})
PAGES = frozenset({"max_results", "pagination_token"})
WINDOW = frozenset({"since_id", "until_id", "start_time", "end_time", "exclude"})


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request wants to see.

    Args:
        word: what it calls a post: `tweet` or `post`.
    """

    post: frozenset[str]
    dm: frozenset[str]
    expansions: frozenset[str]
    word: str

    @classmethod
    def of(cls, query: Mapping[str, str], more: AbstractSet[str] = frozenset()) -> Asked:
        """Read it from the query.

        Raises:
            Problem: X has no such parameter here.
        """
        allowed = OBJECTS | more
        for name in query:
            if name not in allowed:
                said = f"The query parameter [{name}] is not one of [{','.join(sorted(allowed))}]"
                raise Problem.invalid(said, {name: [query[name]]})
        word = "tweet" if "tweet.fields" in query else "post"
        names = (f"{word}.fields", "dm_event.fields", "expansions")
        post, dm, expansions = (frozenset(query.get(name, "").split(",")) for name in names)
        return cls(post, dm, expansions, word)


def person(one: Person) -> dict[str, Any]:
    """An account."""
    return {"id": one.id, "name": one.name, "username": one.username}


def post(one: Post, asked: Asked) -> dict[str, Any]:
    """A post."""
    text, entities = _shortened(one.text)
    if one.mentioned:
        entities["mentions"] = [_mention(person, text) for person in one.mentioned]
    body = {
        "author_id": one.author.id,
        "conversation_id": one.conversation,
        "created_at": date(one.at),
        "entities": entities,
        "in_reply_to_user_id": one.parent and one.parent.author.id,
        f"referenced_{asked.word}s": one.parent and [{"type": "replied_to", "id": one.parent.id}],
    }
    wanted = asked.post | asked.expansions
    extra = {name: value for name, value in body.items() if value and name in wanted}
    return {"id": one.id, "text": text, f"edit_history_{asked.word}_ids": one.history, **extra}


def direct_message(one: DirectMessage, asked: Asked) -> dict[str, Any]:
    """An event in a conversation of direct messages."""
    body = {
        "created_at": date(one.at),
        "dm_conversation_id": one.conversation,
        "sender_id": one.sender.id,
    }
    wanted = asked.dm | asked.expansions
    extra = {name: value for name, value in body.items() if name in wanted}
    return {"id": one.id, "event_type": "MessageCreate", "text": escaped(one.text), **extra}


def date(at: datetime) -> str:
    """A moment as X writes it, to the millisecond."""
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"


def escaped(text: str) -> str:
    """X escapes the three characters that are special in HTML."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _mention(one: Person, text: str) -> dict[str, Any]:
    start = text.lower().index(f"@{one.username.lower()}")
    end = start + 1 + len(one.username)
    return {"start": start, "end": end, "id": one.id, "username": one.username}


def _shortened(text: str) -> tuple[str, dict[str, Any]]:
    urls: list[dict[str, Any]] = []

    def shorten(link: re.Match[str]) -> str:
        if not link[1]:
            return link[0]
        short = f"https://t.co/{blake2b(link[0].encode(), digest_size=5).hexdigest()}"
        urls.append({"url": short, "expanded_url": link[0], "display_url": link[0][len(link[1]) :]})
        return short

    # The links are shortened before the escaping, which would change their ampersands.
    text = escaped(LINK.sub(shorten, text))
    for url in urls:
        start = text.index(url["url"])
        url |= {"start": start, "end": start + len(url["url"])}
    return text, {"urls": urls} if urls else {}
