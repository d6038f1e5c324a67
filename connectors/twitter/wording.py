"""What a post says, as a person reads it: links, quotes, previews and polls in plain text.

In a reply, X puts the handles of those it answers before the text. They are how a reply is
addressed and not what is said, so they are left out; in a post that is no reply, only a leading
mention of us is. X's escaping of HTML is undone, and its shortened links are made long again.
"""

from __future__ import annotations

import re
from typing import Any

from bot.connector import Identity
from connectors.twitter.objects import Includes, some

HANDLES = re.compile(r"(?:\s*@\w{1,15}(?=\s|$))+\s*")
_OWN_MEDIA = re.compile(
    r"https?://(?:www\.)?(?:x|twitter)\.com/(?:\w+/status/\d+/(?:photo|video)/|messages/media/)\d+"
)


def said(raw: Any, includes: Includes, me: Identity) -> str:
    """All that can be read in a post."""
    is_reply = "replied_to" in references(raw)
    leading = (HANDLES if is_reply else _ours(raw, me)).match(whole(raw))
    quoted = references(raw).get("quoted", "")
    text = _long(whole(raw)[leading.end() if leading else 0 :], raw, quoted)
    blocks = (text, _quote(quoted, includes), *_previews(raw), *_polls(raw, includes))
    return "\n\n".join(filter(None, blocks))


def written(raw: Any) -> str:
    """All that can be read in a direct message."""
    return _long(unescaped(raw.get("text") or ""), raw, "")


def whole(raw: Any) -> str:
    """The text of a post: a long one has its beginning in `text` and the whole in a note."""
    return unescaped(_note(raw).get("text") or raw["text"])


def references(raw: Any) -> dict[str, str]:
    """The posts that a post refers to, by how it does."""
    given = raw.get("referenced_tweets") or raw.get("referenced_posts")
    return {one["type"]: one["id"] for one in some(given)}


def mentions(raw: Any, me: Identity) -> bool:
    """Whether a post names us, as X has found out."""
    return bool(_names(raw, me))


def unescaped(text: str) -> str:
    """The text as it was typed: X escapes three characters."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def entities(raw: Any, name: str) -> list[Any]:
    """What X has found of a kind in a text."""
    given = _note(raw).get("entities") or raw.get("entities")
    return some(given.get(name)) if isinstance(given, dict) else []


def _note(raw: Any) -> Any:
    return raw.get("note_tweet") or raw.get("note_post") or {}


def _names(raw: Any, me: Identity) -> set[str]:
    """How we are called in a post; by an older name, if we had one when it was written."""
    ours = me.username.lower()
    named = ((one.get("username") or "", one.get("id")) for one in entities(raw, "mentions"))
    return {name for name, key in named if key == me.key or (name and name.lower() == ours)}


def _ours(raw: Any, me: Identity) -> re.Pattern[str]:
    names = "|".join(map(re.escape, sorted({me.username, *_names(raw, me)} - {""})))
    return re.compile(rf"\s*@(?:{names})(?=\W|$)[\s,:]*", re.IGNORECASE)


def _long(text: str, raw: Any, quoted: str) -> str:
    for link in entities(raw, "urls"):
        short, full = link.get("url") or "", link.get("expanded_url") or ""
        if not short or not full:
            continue
        is_shown = _OWN_MEDIA.fullmatch(full) or (quoted and full.endswith(f"/status/{quoted}"))
        text = text.replace(short, "" if is_shown else full)
        text = text.rstrip() if is_shown else text
    return text


def _quote(quoted: str, includes: Includes) -> str:
    post = includes.posts.get(quoted)
    if not post:
        return ""
    author = includes.users.get(post.get("author_id"), {}).get("username") or "somebody"
    text = _long(whole(post), post, "")
    return "\n".join(f"> {line}" for line in f"@{author}: {text}".split("\n"))


def _previews(raw: Any) -> list[str]:
    """What X knows of the pages behind links."""
    links = [link for link in entities(raw, "urls") if link.get("title")]
    pairs = [(link["title"], link.get("description") or "") for link in links]
    return [f"[{': '.join(filter(None, pair))}]" for pair in pairs]


def _polls(raw: Any, includes: Includes) -> list[str]:
    given = raw.get("attachments")
    keys = given.get("poll_ids") if isinstance(given, dict) else None
    polls = (includes.polls.get(key) for key in keys or () if isinstance(key, str))
    return [_poll(poll) for poll in polls if poll]


def _poll(poll: Any) -> str:
    options = [f"- {one.get('label', '')} ({one.get('votes', 0)})" for one in some(poll["options"])]
    state = "closed" if poll.get("voting_status") == "closed" else "open"
    return "\n".join((f"Poll ({state}):", *options))
