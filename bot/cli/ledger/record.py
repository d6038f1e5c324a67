"""The ledger for programs: dictionaries that become JSON."""

from __future__ import annotations

from typing import Any

from bot.ledger import Reply, Story
from bot.records import Outgoing, Stored

HIDDEN = "..."
SECRET = frozenset({"token", "webhook_token", "secret", "access_token"})
"""What platforms call what must not be shown."""


def story(story: Story) -> dict[str, Any]:
    """All that is known of a message."""
    return {
        "event": story.event and event(story.event),
        "queue": story.queue,
        "memory": story.memory,
        "changes": [event(one) for one in story.changes],
        "steps": story.steps,
        "replies": [_reply(one) for one in story.replies],
        "acts": story.acts,
        "asked": story.asked,
    }


def event(stored: Stored) -> dict[str, Any]:
    """An event and what became of it."""
    return {
        "seq": stored.seq,
        "key": stored.event.key,
        "state": stored.state,
        "attempts": stored.attempts,
        "reason": stored.reason,
        "setbacks": stored.setbacks,
        "received_at": stored.received_at,
        "ended_at": stored.ended_at,
        "memory": stored.event.memory_id,
        "event": stored.event.model_copy(update={"via": None, "raw": _shown(stored.event.raw)}),
    }


def part(out: Outgoing) -> dict[str, Any]:
    """A part and how far it came."""
    return {
        "seq": out.seq,
        "delivery": out.part.delivery,
        "ordinal": out.part.ordinal,
        "room": out.part.room,
        "verb": out.part.verb,
        "target": out.part.target,
        "text": out.part.text,
        "reply_to": out.part.reply_to,
        "priority": out.part.priority,
        "state": out.state,
        "attempts": out.attempts,
        "ambiguous": out.ambiguous,
        "since": out.since,
        "due": out.due,
        "reason": out.reason,
        "setbacks": out.setbacks,
        "message": out.receipt and out.receipt.message,
        "more": out.receipt.more if out.receipt else (),
    }


def _shown(raw: Any) -> Any:
    """A payload without what opens something, as the token of an interaction does."""
    if isinstance(raw, dict):
        return {name: HIDDEN if name in SECRET else _shown(one) for name, one in raw.items()}
    return [_shown(one) for one in raw] if isinstance(raw, list) else raw


def _reply(reply: Reply) -> dict[str, Any]:
    campaign = reply.campaign
    return {
        "delivery": reply.delivery,
        "campaign": campaign and {name: getattr(campaign, name) for name in ("id", "key", "title")},
        "behind": [one.part.delivery for one in reply.behind],
        "parts": [part(one) for one in reply.parts],
    }
