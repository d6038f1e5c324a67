"""Who somebody is."""

from __future__ import annotations

from typing import Any

from bot.memory import Entity
from connectors.discord.translate.ids import PLATFORM, snowflake

CDN = "https://cdn.discordapp.com"
"""https://discord.com/developers/docs/reference#image-formatting"""


def entity(
    user: dict[str, Any],
    member: dict[str, Any] | None = None,
    guild: str | None = None,
    locale: str | None = None,
) -> Entity:
    """A user, as a server knows them where `member` and `guild` say so.

    Raises:
        KeyError, TypeError, ValueError: the payload is malformed.
    """
    return Entity(
        platform=PLATFORM,
        key=snowflake(user["id"]),
        name=name(user, member),
        username=user.get("username") or "",
        is_bot=bool(user.get("bot")),
        locale=locale or user.get("locale"),
        avatar=_avatar(user, member or {}, guild),
    )


def to_entity(data: dict[str, Any]) -> Entity:
    """Who sent a message; a webhook is a bot.

    Raises:
        KeyError, TypeError, ValueError: the payload is malformed.
    """
    sender = entity(data["author"], data.get("member"), data.get("guild_id"))
    return sender.model_copy(update={"is_bot": True}) if "webhook_id" in data else sender


def name(user: dict[str, Any], member: dict[str, Any] | None = None) -> str:
    """The name to show: the one in the server, or for all servers, or the account's."""
    nick = (member or {}).get("nick")
    return str(nick or user.get("global_name") or user.get("username") or "")


def _avatar(user: dict[str, Any], member: dict[str, Any], guild: str | None) -> str | None:
    key = user["id"]
    if guild and (own := member.get("avatar")):
        return _picture(f"guilds/{guild}/users/{key}/avatars/{own}")
    if "avatar" not in user:
        return None
    return _picture(f"avatars/{key}/{user['avatar']}") if user["avatar"] else ""


def _picture(path: str) -> str:
    is_moving = path.rpartition("/")[2].startswith("a_")
    return f"{CDN}/{path}.{'gif' if is_moving else 'png'}"
