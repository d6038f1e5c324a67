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

OBJECTS = frozenset(
    {"tweet.fields", "post.fields", "user.fields", "media.fields", "poll.fields", "expansions"}
)
PAGES = frozenset({"max_results", "pagination_token"})
WINDOW = frozenset({"since_id", "until_id", "start_time", "end_time", "exclude"})


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request wants to see.

    Args:
        word: what it calls a post: `tweet` or `post`.
        host: where files are, as `http://127.0.0.1:8080`.
    """

    post: frozenset[str]
    dm: frozenset[str]
    user: frozenset[str]
    media: frozenset[str]
    expansions: frozenset[str]
    word: str
    host: str

    @classmethod
    def of(
        cls, query: Mapping[str, str], more: AbstractSet[str] = frozenset(), host: str = ""
    ) -> Asked:
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
        names = (f"{word}.fields", "dm_event.fields", "user.fields", "media.fields", "expansions")
        post, dm, user, media, along = (frozenset(query.get(n, "").split(",")) for n in names)
        return cls(post, dm, user, media, along, word, host)


def person(one: Person, asked: Asked | None = None) -> dict[str, Any]:
    """An account."""
    shown = {"id": one.id, "name": one.name, "username": one.username}
    if asked and one.picture and "profile_image_url" in asked.user:
        shown["profile_image_url"] = one.picture
    return shown


def post(one: Post, asked: Asked) -> dict[str, Any]:
    """A post."""
    text, entities = _shortened(f"{one.text}{_tail(one)}")
    if one.mentioned:
        entities["mentions"] = [_mention(person, text) for person in one.mentioned]
    if one.preview and "urls" in entities:
        entities["urls"][0] |= dict(zip(("title", "description"), one.preview, strict=True))
    attached = {
        "media_keys": [media.key for media in one.media],
        "poll_ids": [one.poll.id] if one.poll else [],
    }
    references = (("replied_to", one.parent), ("quoted", one.quoted))
    body = {
        "author_id": one.author.id,
        "conversation_id": one.conversation,
        "created_at": date(one.at),
        "entities": entities,
        "attachments": {name: keys for name, keys in attached.items() if keys},
        "in_reply_to_user_id": one.parent and one.parent.author.id,
        f"referenced_{asked.word}s": [
            {"type": kind, "id": other.id} for kind, other in references if other
        ],
    }
    wanted = asked.post | asked.expansions
    extra = {name: value for name, value in body.items() if value and name in wanted}
    return {"id": one.id, "text": text, f"edit_history_{asked.word}_ids": one.history, **extra}


def direct_message(one: DirectMessage, asked: Asked) -> dict[str, Any]:
    """An event in a conversation of direct messages."""
    text, entities = _shortened(one.text)
    body = {
        "created_at": date(one.at),
        "dm_conversation_id": one.conversation,
        "sender_id": one.sender.id,
        "entities": entities,
        "attachments": {"media_keys": [m.key for m in one.media]} if one.media else None,
        "participant_ids": [person.id for person in one.participants],
        "text": text,
    }
    wanted = asked.dm | asked.expansions | ({"text"} if one.kind == "MessageCreate" else set())
    extra = {name: value for name, value in body.items() if value and name in wanted}
    if one.kind != "MessageCreate":
        extra.pop("text", None)
    return {"id": one.id, "event_type": one.kind, **extra}


def date(at: datetime) -> str:
    """A moment as X writes it, to the millisecond."""
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"


def escaped(text: str) -> str:
    """X escapes the three characters that are special in HTML."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _tail(one: Post) -> str:
    """The links that X puts behind the text, to what it shows below."""
    quoted = one.quoted and f"{one.quoted.author.username}/status/{one.quoted.id}"
    own = f"{one.author.username}/status/{one.id}"
    kind = "photo" if one.media and one.media[0].type == "photo" else "video"
    links = [quoted, f"{own}/{kind}/1" if one.media else None]
    return "".join(f" https://x.com/{link}" for link in links if link)


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
