"""The fields that a simulated Discord never changes."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

BLANK: Json = {
    "edited_timestamp": None,
    "mention_everyone": False,
    "embeds": [],
    "components": [],
    "flags": 0,
    "pinned": False,
    "tts": False,
}
MEMBER: Json = {
    "roles": [],
    "nick": None,
    "avatar": None,
    "banner": None,
    "deaf": False,
    "mute": False,
    "flags": 0,
    "pending": False,
    "premium_since": None,
    "communication_disabled_until": None,
}
GUILD_CHANNEL: Json = {"position": 0, "nsfw": False, "topic": None, "permission_overwrites": []}
FORUM_CHANNEL: Json = {
    "available_tags": [],
    "default_reaction_emoji": None,
    "default_sort_order": None,
    "default_forum_layout": 0,
}
EVERYONE: Json = {
    "name": "@everyone",
    "permissions": str(2**53 - 1),
    "position": 0,
    "color": 0,
    "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
    "hoist": False,
    "managed": False,
    "mentionable": False,
    "icon": None,
    "unicode_emoji": None,
    "flags": 0,
}
NOTHING = (
    "icon description home_header splash discovery_splash banner application_id afk_channel_id"
    " system_channel_id widget_channel_id max_presences vanity_url_code rules_channel_id"
    " safety_alerts_channel_id public_updates_channel_id incidents_data"
)
GUILD: Json = {
    **dict.fromkeys(NOTHING.split()),
    "features": [],
    "region": "us-west",
    "afk_timeout": 300,
    "system_channel_flags": 0,
    "widget_enabled": False,
    "verification_level": 0,
    "default_message_notifications": 0,
    "mfa_level": 0,
    "explicit_content_filter": 0,
    "max_members": 500_000,
    "max_stage_video_channel_users": 50,
    "max_video_channel_users": 25,
    "premium_tier": 0,
    "premium_subscription_count": 0,
    "preferred_locale": "en-US",
    "premium_progress_bar_enabled": False,
    "nsfw": False,
    "nsfw_level": 0,
    "emojis": [],
    "stickers": [],
}
APPLICATION: Json = {
    "icon": None,
    "description": "",
    "type": None,
    "bot_public": True,
    "bot_require_code_grant": False,
    "verify_key": "0" * 64,
    "redirect_uris": [],
    "interactions_endpoint_url": None,
    "role_connections_verification_url": None,
    "approximate_guild_count": 1,
    "approximate_user_install_count": 0,
    "approximate_user_authorization_count": 0,
    "explicit_content_filter": 0,
    "team": None,
    "eligible_oauth2_scopes": [],
}
