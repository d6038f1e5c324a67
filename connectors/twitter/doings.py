"""What the activity stream tells of, in our words. Pure functions.

X's specification names the kinds, and describes what comes with posts and profiles, not with direct
messages. So what is told here in part is looked at by the polls, which see the whole.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any

from bot.connector import Identity
from bot.events import Event, EventKind
from bot.memory import Entity
from bot.value import now
from connectors.twitter import translate, wording
from connectors.twitter.objects import Includes, some

MENTION, DIRECT_MESSAGE, DELETION = "post.mention.create", "dm.received", "post.delete"
POSTS = frozenset({MENTION, "post.create", "post.reply.create", "post.quote.create"})
PROFILE = {
    "profile.update.screenname": "name",
    "profile.update.handle": "username",
    "profile.update.profile_picture": "avatar",
}
"""What changes in an `Entity`. X calls the name a screen name here, and that a handle."""

UNUSED = ("bio", "banner_picture", "geo", "url", "verified_badge", "affiliate_badge")
PASSED = frozenset(
    f"{family}.{kind}"
    for family, kinds in {
        "block": ("block", "unblock"),
        "broadcast": ("start", "end", "chat"),
        "chat": ("received", "sent", "conversation.join", "conversation_join"),
        "chat.conversation": ("member_added", "member_removed", "admin_added", "admin_removed"),
        "chat.update": ("group_name", "restrictions"),
        "dm": ("sent", "indicate_typing", "read"),
        "follow": ("follow", "unfollow"),
        "like": ("create",),
        "mute": ("mute", "unmute"),
        "news": ("new",),
        "post": ("repost.create",),
        "profile": (f"update.{one}" for one in UNUSED),
        "spaces": ("start", "end"),
    }.items()
    for kind in kinds
)
"""What X has besides, and we have no use for (docs.x.com, create X activity subscription)."""

_CONVERSATION = re.compile(r"\d{1,20}(?:-\d{1,20})?", re.ASCII)


def price(kind: str) -> str:
    """What one of them is paid as; empty where X bills nothing, or nothing that we asked for.

    Each delivery is billed (docs.x.com/x-api/activity/event-pricing).
    """
    if kind in POSTS:
        return "post"
    return "dm" if kind == DIRECT_MESSAGE else "profile" if kind in PROFILE else ""


def is_whole(raw: Any, includes: Includes) -> bool:
    """Whether a post comes with all that a look would find: which fields come, X leaves open."""
    try:
        given = raw.get("attachments") or {}
        quoted = wording.references(raw).get("quoted")
        return (
            _are_texts(raw, "conversation_id", "text")
            and raw["author_id"] in includes.users
            and includes.media.keys() >= {*given.get("media_keys", ())}
            and includes.polls.keys() >= {*given.get("poll_ids", ())}
            and (quoted is None or quoted in includes.posts)
        )
    except translate.NONSENSE:
        return False


def is_readable(raw: Any, includes: Includes) -> bool:
    """Whether a direct message comes with its words and its sender, and has no files."""
    is_told = _are_texts(raw, "id", "sender_id", "dm_conversation_id", "text")
    return is_told and raw["sender_id"] in includes.users and not raw.get("attachments")


def conversation(raw: Any) -> str:
    """The conversation of a direct message; empty if it cannot be told.

    X is seen to send what its older API did: who wrote to whom, in `message_create`.
    """
    key = raw.get("dm_conversation_id")
    with suppress(*translate.NONSENSE):
        for one in some(raw.get("direct_message_events")):
            made = one["message_create"]
            pair = translate.direct(made["sender_id"], made["target"]["recipient_id"])
            key = pair.removeprefix(translate.DM)
    return key if isinstance(key, str) and _CONVERSATION.fullmatch(key) else ""


def told(doing: Any, _includes: Includes, account: str, me: Identity) -> tuple[Event, ...]:
    """The events in what is neither a post nor a direct message."""
    kind = doing["event_type"]
    if kind in PASSED:
        return ()
    if kind in PROFILE:
        return _profile(doing, account, me)
    if kind == DELETION:
        return _deletion(doing["payload"], account, me)
    if kind in POSTS or kind == DIRECT_MESSAGE:
        raise ValueError("it does not say which")
    return (translate.kept(doing, account, EventKind.UNKNOWN, None),)


def _profile(doing: Any, account: str, me: Identity) -> tuple[Event, ...]:
    """That we are called something else now, or look otherwise.

    Of others X does not say what stays as it was.
    """
    after = doing["payload"]["after"]
    if doing["filter"]["user_id"] != me.key:
        return ()
    if not isinstance(after, str):
        raise TypeError("the new value is no text")
    known = {"name": me.name, "username": me.username}
    return (
        Event(
            kind=EventKind.PROFILE,
            platform=translate.PLATFORM,
            account=account,
            ids=(me.key, translate.digest(doing)),
            at=now(),
            sender=Entity(
                platform=translate.PLATFORM,
                key=me.key,
                **{**known, PROFILE[doing["event_type"]]: after},
            ),
            is_own=True,
        ),
    )


def _deletion(raw: Any, account: str, me: Identity) -> tuple[Event, ...]:
    """That a post of ours is gone."""
    post = raw["id"]
    if raw["author_id"] != me.key:
        return ()
    return (
        Event(
            kind=EventKind.DELETE,
            platform=translate.PLATFORM,
            account=account,
            ids=(post,),
            at=now(),
            message=post,
        ),
    )


def _are_texts(raw: Any, *names: str) -> bool:
    return all(isinstance(raw.get(name), str) for name in names)
