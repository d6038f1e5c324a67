"""From X's words to ours. Pure functions.

A conversation of posts is a room; its key is the conversation's id, which is the id of the post
that began it. A conversation of direct messages has the key `dm/<dm_conversation_id>`. Our own new
posts go to the room `timeline`.

In a reply, X puts the handles of those it answers before the text. They are how a reply is
addressed and not what is said, so they are left out of `Content.text`; in a post that is no reply,
only a leading mention of us is. Nothing else is changed, but for undoing X's escaping of HTML.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from unicodedata import normalize

import orjson

from bot.connector import Identity
from bot.content import Content
from bot.events import Event, EventKind
from bot.memory import Entity, Room, RoomKind
from bot.part import Part
from bot.value import now

PLATFORM = "twitter"
TIMELINE = "timeline"
DM = "dm/"

Users = Mapping[str, Any]
Translate = Callable[[Any, Users, str, Identity], tuple[Event, ...]]

_HANDLES = re.compile(r"(?:\s*@\w{1,15}(?=\s|$))+\s*")
_LINK = re.compile(
    r"https://(?:www\.|mobile\.)?(?:x|twitter)\.com/(?:i/web|\w+)/status/(\d+)(?:[/?#].*)?"
)
_SCHEME = re.compile(r"https?://", re.IGNORECASE)


def number(raw: Any) -> int | None:
    """The id of a post or direct message, where it has a good one; a newer one is larger."""
    given = raw.get("id") if isinstance(raw, dict) else None
    return int(given) if isinstance(given, str) and given.isdecimal() else None


def linked(link: str) -> str | None:
    """The post behind a link. Direct messages have none."""
    found = _LINK.fullmatch(link)
    return found[1] if found else None


def moment(raw: Any) -> datetime:
    """When it was said; now, where X does not tell.

    Raises:
        ValueError: the date is none.
    """
    said = raw.get("created_at")
    return datetime.fromisoformat(said).astimezone(UTC) if said else now()


def is_known(raw: Any, since: int | None) -> bool:
    """Whether it is not newer than the id `since`."""
    known = number(raw)
    return since is not None and known is not None and known <= since


def is_before(raw: Any, start: datetime) -> bool:
    """Whether it was said before `start`, as far as one can tell."""
    try:
        return moment(raw) < start
    except (AttributeError, TypeError, ValueError):
        return False


def understood(
    translate: Translate, raw: Any, users: Users, account: str, me: Identity
) -> tuple[Event, ...]:
    """The events in `raw`, or one that keeps it as it came and says why it is not understood."""
    try:
        return translate(raw, users, account, me)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        problem = f"{type(error).__name__}: {error}"
    known = number(raw)
    return (
        Event(
            kind=EventKind.MALFORMED,
            platform=PLATFORM,
            account=account,
            ids=(str(known) if known else hashlib.sha256(orjson.dumps(raw)).hexdigest(),),
            at=now(),
            raw=raw,
            problem=problem,
        ),
    )


def mention(raw: Any, users: Users, account: str, me: Identity) -> tuple[Event, ...]:
    """The events in a post that mentions us: none for our own posts and for reposts.

    A person who edits a post makes a new one that names the old ones. It comes as a message under
    the first one's id, which is news only if we do not know that one, and as an edit of it.
    """
    history = _history(raw)
    references = {one["type"]: one["id"] for one in _references(raw)}
    if raw["author_id"] == me.key or "retweeted" in references:
        return ()
    conversation = raw.get("conversation_id") or raw["id"]
    message = Event(
        kind=EventKind.MESSAGE,
        platform=PLATFORM,
        account=account,
        ids=(history[0],),
        at=moment(raw),
        room=Room(platform=PLATFORM, account=account, key=conversation, kind=RoomKind.THREAD),
        sender=_entity(raw["author_id"], users),
        content=Content(text=_said(raw, me, is_reply="replied_to" in references)),
        message=history[0],
        reply_to=references.get("replied_to"),
        addressed=True,
    )
    if len(history) == 1:
        return (message,)
    edit = {"kind": EventKind.EDIT, "revision": len(history) - 1}
    return (message, message.model_copy(update=edit))


def direct_message(raw: Any, users: Users, account: str, me: Identity) -> tuple[Event, ...]:
    """The event in a direct message; none in our own, and in who joined and left."""
    if raw.get("event_type", "MessageCreate") != "MessageCreate" or raw["sender_id"] == me.key:
        return ()
    key = f"{DM}{raw['dm_conversation_id']}"
    return (
        Event(
            kind=EventKind.MESSAGE,
            platform=PLATFORM,
            account=account,
            ids=(f"{DM}{raw['id']}",),
            at=moment(raw),
            room=Room(platform=PLATFORM, account=account, key=key, kind=RoomKind.DM),
            sender=_entity(raw["sender_id"], users),
            content=Content(text=unescaped(raw["text"])),
            message=f"{DM}{raw['id']}",
            addressed=True,
        ),
    )


def answered(part: Part) -> str | None:
    """The post that a part goes under; in a conversation that is its first post, if need be."""
    return part.reply_to or (None if part.room.key == TIMELINE else part.room.key)


def is_same(raw: Any, part: Part) -> bool:
    """Whether a post of ours is `part`: the same text under the same post.

    X shortens links, puts handles before a reply and tidies blanks, so these are not compared.
    """
    replied = next((o["id"] for o in _references(raw) if o["type"] == "replied_to"), None)
    if replied != answered(part):
        return False
    text = _text(raw)
    for link in raw.get("entities", {}).get("urls", []):
        text = text.replace(link["url"], link.get("expanded_url") or link["url"])
    return _bare(text) == _bare(part.text)


def unescaped(text: str) -> str:
    """The text as it was typed: X escapes three characters."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _text(raw: Any) -> str:
    # A long post has its beginning in `text` and the whole in a note.
    note = raw.get("note_tweet") or raw.get("note_post") or {}
    return unescaped(note.get("text") or raw["text"])


def _said(raw: Any, me: Identity, *, is_reply: bool) -> str:
    text = _text(raw)
    ours = re.compile(rf"\s*@{re.escape(me.username)}(?=\W|$)[\s,:]*", re.IGNORECASE)
    leading = (_HANDLES if is_reply else ours).match(text)
    return text[leading.end() :] if leading else text


def _bare(text: str) -> str:
    handles = _HANDLES.match(text)
    said = text[handles.end() :] if handles else text
    words = normalize("NFC", _SCHEME.sub("", said)).split()
    return " ".join(word.rstrip("/") for word in words)


def _history(raw: Any) -> tuple[str, ...]:
    history = raw.get("edit_history_tweet_ids") or raw.get("edit_history_post_ids") or ()
    return tuple(history) or (raw["id"],)


def _references(raw: Any) -> list[Any]:
    return list(raw.get("referenced_tweets") or raw.get("referenced_posts") or ())


def _entity(id: str, users: Users) -> Entity:
    user = users.get(id, {})
    name, username = user.get("name", ""), user.get("username", "")
    return Entity(platform=PLATFORM, key=id, name=name, username=username)
