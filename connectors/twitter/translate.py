"""From X's words to ours. Pure functions.

A conversation of posts is a room; its key is the conversation's id, which is the id of the post
that began it. A conversation of direct messages has the key `dm/<dm_conversation_id>`. Our own new
posts go to the room `timeline`.
"""

from __future__ import annotations

import hashlib
import re
import reprlib
from collections.abc import Callable
from typing import Any
from unicodedata import normalize

import orjson

from bot.connector import Identity, account_name
from bot.content import Content
from bot.events import Event, EventKind, Presence
from bot.memory import Entity, Room, RoomKind
from bot.part import Part
from bot.value import now
from connectors.twitter import wording
from connectors.twitter.attachments import attachments
from connectors.twitter.objects import Includes, moment, number

PLATFORM = "twitter"
TIMELINE = "timeline"
DM = "dm/"

Translate = Callable[[Any, Includes, str, Identity], tuple[Event, ...]]

NONSENSE = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What something of an unexpected shape makes of a translation."""

MEMBERSHIP = {"ParticipantsJoin": Presence.JOINED, "ParticipantsLeave": Presence.LEFT}
CLOSED = "The account is no longer in this conversation."
NO_PICTURE = "/default_profile_images/"

_LINK = re.compile(
    r"https://(?:www\.|mobile\.)?(?:x|twitter)\.com/(?:i/web|\w+)/status/(\d+)(?:[/?#].*)?"
)
_SCHEME = re.compile(r"https?://", re.IGNORECASE)


def linked(link: str) -> str | None:
    """The post behind a link. Direct messages have none."""
    found = _LINK.fullmatch(link)
    return found[1] if found else None


def link(message: str) -> str | None:
    """The link of a post."""
    return f"https://x.com/i/web/status/{message}" if message.isdecimal() else None


def understood(
    translate: Translate, raw: Any, includes: Includes, account: str, me: Identity, *, how: str
) -> tuple[Event, ...]:
    """The events in `raw`, or one that keeps it as it came and says why it is not understood.

    Args:
        how: see `Event`.
    """
    try:
        events = translate(raw, includes, account, me)
    except NONSENSE as error:
        events = (kept(raw, account, EventKind.MALFORMED, f"{type(error).__name__}: {error}"),)
    return tuple(event.model_copy(update={"how": how}) for event in events)


def mention(raw: Any, includes: Includes, account: str, me: Identity) -> tuple[Event, ...]:
    """The events in a post that mentions us, whatever X says of whom it mentions."""
    return post(raw, includes, account, me, is_mention=True)


def post(
    raw: Any, includes: Includes, account: str, me: Identity, *, is_mention: bool = False
) -> tuple[Event, ...]:
    """The events in a post: none for our own posts and for reposts.

    A person who edits a post makes a new one that names the old ones. It comes as a message under
    the first one's id, which is news only if we do not know that one, and as an edit of it.
    """
    history, references = _history(raw), wording.references(raw)
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
        sender=_entity(raw["author_id"], includes),
        content=Content(
            text=wording.said(raw, includes, me),
            attachments=attachments(raw, includes.media, account_name(PLATFORM, account)),
        ),
        message=history[0],
        reply_to=references.get("replied_to"),
        addressed=is_mention
        or wording.mentions(raw, me)
        or raw.get("in_reply_to_user_id") == me.key,
    )
    if len(history) == 1:
        return (message,)
    edit = {"kind": EventKind.EDIT, "revision": len(history) - 1}
    return (message, message.model_copy(update=edit))


def direct_message(raw: Any, includes: Includes, account: str, me: Identity) -> tuple[Event, ...]:
    """The events in what happened in a conversation of direct messages; none in our own words."""
    kind = raw.get("event_type", "MessageCreate")
    if kind in MEMBERSHIP:
        return _memberships(raw, includes, account, me)
    if kind != "MessageCreate":
        return (kept(raw, account, EventKind.UNKNOWN, None),)
    if raw["sender_id"] == me.key:
        return ()
    room, said = _conversation(raw, account), wording.written(raw)
    return (
        Event(
            kind=EventKind.MESSAGE,
            platform=PLATFORM,
            account=account,
            ids=(f"{DM}{raw['id']}",),
            at=moment(raw),
            room=room,
            sender=_entity(raw["sender_id"], includes),
            content=Content(
                text=said,
                attachments=attachments(raw, includes.media, account_name(PLATFORM, account)),
            ),
            message=f"{DM}{raw['id']}",
            addressed=room.is_private or f"@{me.username}".lower() in said.lower(),
        ),
    )


def room_kind(key: str) -> RoomKind:
    """What sort of room a key stands for: the conversation of two is named after both."""
    if key == TIMELINE:
        return RoomKind.CHANNEL
    if not key.startswith(DM):
        return RoomKind.THREAD
    return RoomKind.DM if "-" in key else RoomKind.GROUP


def direct(one: str, other: str) -> str:
    """The key of the direct messages between two people; the older account comes first."""
    return f"{DM}{'-'.join(sorted((one, other), key=int))}"


def answered(part: Part) -> str | None:
    """The post that a part goes under; in a conversation that is its first post, if need be."""
    return part.reply_to or (None if part.room.key == TIMELINE else part.room.key)


def is_same(raw: Any, part: Part) -> bool:
    """Whether a post of ours is `part`: the same text under the same post.

    X shortens links, puts handles before a reply and tidies blanks, so these are not compared.
    """
    if wording.references(raw).get("replied_to") != answered(part):
        return False
    text = wording.whole(raw)
    for url in wording.entities(raw, "urls"):
        text = text.replace(url["url"], url.get("expanded_url") or url["url"])
    return _bare(text) == _bare(part.text)


def _memberships(raw: Any, includes: Includes, account: str, me: Identity) -> tuple[Event, ...]:
    presence, room = MEMBERSHIP[raw["event_type"]], _conversation(raw, account)
    state = CLOSED if presence is Presence.LEFT else ""
    ours = room.model_copy(update={"closed": state})
    return tuple(
        Event(
            kind=EventKind.MEMBERSHIP,
            platform=PLATFORM,
            account=account,
            ids=(f"{DM}{raw['id']}", person),
            at=moment(raw),
            room=ours if person == me.key else room,
            sender=_entity(person, includes),
            presence=presence,
            is_own=person == me.key,
        )
        for person in raw["participant_ids"]
    )


def _conversation(raw: Any, account: str) -> Room:
    key = f"{DM}{raw['dm_conversation_id']}"
    return Room(platform=PLATFORM, account=account, key=key, kind=room_kind(key))


def kept(raw: Any, account: str, kind: EventKind, problem: str | None) -> Event:
    """Something as it came.

    Args:
        problem: why it is not understood.
    """
    known = number(raw)
    return Event(
        kind=kind,
        platform=PLATFORM,
        account=account,
        ids=(str(known) if known else digest(raw),),
        at=now(),
        raw=raw,
        problem=problem,
    )


def digest(raw: Any) -> str:
    """What tells a payload from others that have no id."""
    try:
        body = orjson.dumps(raw)
    except TypeError:  # too deep, or with what JSON cannot hold
        body = reprlib.repr(raw).encode()
    return hashlib.sha256(body).hexdigest()


def _bare(text: str) -> str:
    handles = wording.HANDLES.match(text)
    said = text[handles.end() :] if handles else text
    words = normalize("NFC", _SCHEME.sub("", said)).split()
    return " ".join(word.rstrip("/") for word in words)


def _history(raw: Any) -> tuple[str, ...]:
    history = raw.get("edit_history_tweet_ids") or raw.get("edit_history_post_ids") or ()
    return tuple(history) or (raw["id"],)


def _entity(id: str, includes: Includes) -> Entity:
    """A person; of one who is suspended, gone or unseen only the id is told."""
    user = includes.users.get(id, {})
    picture = user.get("profile_image_url")
    return Entity(
        platform=PLATFORM,
        key=id,
        name=user.get("name") or "",
        username=user.get("username") or "",
        avatar="" if picture and NO_PICTURE in picture else picture,
    )
