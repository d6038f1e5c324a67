"""Messages that nobody said: Telegram's own notices of what changed in a chat."""

from __future__ import annotations

from collections.abc import Callable

from bot.events import Event, EventKind
from connectors.telegram.translate.members import joined, left
from connectors.telegram.translate.places import place, room, sender
from connectors.telegram.translate.reading import Json, need
from connectors.telegram.translate.told import Told, moment

Notice = Callable[[Told, Json], tuple[Event, ...]]


def noticed(told: Told, raw: Json) -> tuple[Event, ...]:
    """What a message without any content means; kept as it came where that is not known."""
    for name in raw:
        if notice := NOTICES.get(name):
            return notice(told, raw)
    if not SILENT.isdisjoint(raw):
        return ()
    return (told.event(EventKind.UNKNOWN, moment(raw), told.number, raw=raw),)


def _renamed(told: Told, raw: Json) -> tuple[Event, ...]:
    """A chat or topic has a new name; a notice of its icon alone tells no name."""
    where = room(raw, told.account)
    event = told.event(
        EventKind.PROFILE,
        moment(raw),
        where.key,
        need(raw, "message_id", int),
        room=where,
        sender=sender(raw),
    )
    return (event,) if where.name else ()


def _became(told: Told, raw: Json) -> tuple[Event, ...]:
    """A group tells that it lives on as a supergroup, of which only the id is told."""
    chat = need(raw, "chat", dict)
    new = {**chat, "id": need(raw, "migrate_to_chat_id", int), "type": "supergroup"}
    return _moved(told, raw, chat, new)


def _was(told: Told, raw: Json) -> tuple[Event, ...]:
    """A supergroup tells which group it was."""
    chat = need(raw, "chat", dict)
    return _moved(told, raw, {"id": need(raw, "migrate_from_chat_id", int)}, chat)


def _moved(told: Told, raw: Json, old: Json, new: Json) -> tuple[Event, ...]:
    """Both tell the same, in any order, so both are the same event."""
    before, where = str(need(old, "id", int)), place(new, told.account)
    event = told.event(
        EventKind.PROFILE,
        moment(raw),
        before,
        where.key,
        room=where,
        sender=sender(raw),
        moved_from=before,
    )
    return (event,)


NOTICES: dict[str, Notice] = {
    "migrate_to_chat_id": _became,
    "migrate_from_chat_id": _was,
    "new_chat_title": _renamed,
    "forum_topic_created": _renamed,
    "forum_topic_edited": _renamed,
    "new_chat_members": joined,
    "left_chat_member": left,
}
SILENT = frozenset(
    {
        "boost_added", "channel_chat_created", "chat_background_set", "chat_owner_changed",
        "chat_owner_left", "chat_shared", "checklist_tasks_added", "checklist_tasks_done",
        "connected_website", "delete_chat_photo", "direct_message_price_changed",
        "forum_topic_closed", "forum_topic_reopened", "general_forum_topic_hidden",
        "general_forum_topic_unhidden", "gift", "gift_upgrade_sent", "giveaway",
        "giveaway_completed", "giveaway_created", "giveaway_winners", "group_chat_created",
        "managed_bot_created", "message_auto_delete_timer_changed", "new_chat_photo",
        "paid_media", "paid_message_price_changed", "passport_data", "pinned_message",
        "poll_option_added", "poll_option_deleted", "proximity_alert_triggered",
        "refunded_payment", "story", "successful_payment", "suggested_post_approval_failed",
        "suggested_post_approved", "suggested_post_declined", "suggested_post_paid",
        "suggested_post_refunded", "supergroup_chat_created", "unique_gift", "users_shared",
        "video_chat_ended", "video_chat_participants_invited", "video_chat_scheduled",
        "video_chat_started", "web_app_data", "write_access_allowed",
    }
)  # fmt: skip
"""Those that say nothing to a bot: https://core.telegram.org/bots/api#message"""
