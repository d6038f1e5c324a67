"""What comes along with posts and messages if it is asked for, and what is not shown."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from connectors.twitter.simulator.network import DirectMessage, Media, Person, Poll, Post
from connectors.twitter.simulator.present import Asked, person, post

SECRET = "/1.1/ton/data/dm"  # noqa: S105 - where X keeps the files of direct messages


def includes(items: Iterable[Post | DirectMessage], asked: Asked) -> dict[str, Any]:
    """All that `items` refer to, each once."""
    listed = list(items)
    posts = [one for one in listed if isinstance(one, Post)]
    messages = [one for one in listed if isinstance(one, DirectMessage)]
    others = _referenced(posts) if f"referenced_{asked.word}s.id" in asked.expansions else []
    shown = [one for one in others if not one.author.is_hidden]
    found = {
        "users": [person(one, asked) for one in _people(posts, shown, messages, asked)],
        f"{asked.word}s": [post(one, asked) for one in shown],
        "media": [
            *(_media(media, asked, _public(media, asked)) for one in posts for media in one.media),
            *(
                _media(media, asked, _secret(one, media, asked))
                for one in messages
                for media in one.media
            ),
        ],
        "polls": [_poll(one.poll) for one in posts if one.poll],
    }
    if "attachments.media_keys" not in asked.expansions:
        found["media"] = []
    if "attachments.poll_ids" not in asked.expansions:
        found["polls"] = []
    return {name: objects for name, objects in found.items() if objects}


def problems(items: Iterable[Post | DirectMessage], asked: Asked) -> list[dict[str, Any]]:
    """Who would have come along, and is not shown."""
    gone = {
        one.sender.id
        for one in items
        if isinstance(one, DirectMessage) and one.sender.is_gone and "sender_id" in asked.expansions
    }
    return [_suspended(key) for key in sorted(gone)]


def _referenced(posts: list[Post]) -> list[Post]:
    both = (other for one in posts for other in (one.parent, one.quoted) if other)
    return list(dict.fromkeys(both))


def _people(
    posts: list[Post], others: list[Post], messages: list[DirectMessage], asked: Asked
) -> list[Person]:
    wanted = asked.expansions
    people = [
        *(one.author for one in posts if "author_id" in wanted),
        *(one.author for one in others if f"referenced_{asked.word}s.id.author_id" in wanted),
        *(one.sender for one in messages if "sender_id" in wanted),
        *(p for one in messages for p in one.participants if "participant_ids" in wanted),
    ]
    return [one for one in {p.id: p for p in people}.values() if not one.is_gone]


def _public(media: Media, asked: Asked) -> str:
    return f"{asked.host}/media/{media.id}/{media.file.name}"


def _secret(message: DirectMessage, media: Media, asked: Asked) -> str:
    return f"{asked.host}{SECRET}/{message.id}/{media.id}/{media.file.name}"


def _media(media: Media, asked: Asked, url: str) -> dict[str, Any]:
    variant = {"bit_rate": 832_000, "content_type": "video/mp4", "url": url}
    playlist = {"content_type": "application/x-mpegURL", "url": f"{url}.m3u8"}
    body: dict[str, Any] = (
        {"url": url}
        if media.type == "photo"
        else {
            "preview_image_url": f"{url}.jpg",
            "variants": [playlist, variant],
            "duration_ms": 1_500,
        }
    )
    body["alt_text"] = media.alt
    shown = {name: value for name, value in body.items() if value and name in asked.media}
    return {"media_key": media.key, "type": media.type, **shown}


def _poll(poll: Poll) -> dict[str, Any]:
    options = [
        {"position": place, "label": label, "votes": votes}
        for place, (label, votes) in enumerate(poll.options.items(), 1)
    ]
    return {"id": poll.id, "options": options, "voting_status": "open"}


def _suspended(key: str) -> dict[str, Any]:
    return {
        "value": key,
        "detail": f"User has been suspended: [{key}].",
        "title": "Forbidden",
        "resource_type": "user",
        "parameter": "sender_id",
        "resource_id": key,
        "type": "https://api.x.com/2/problems/resource-not-found",
    }
