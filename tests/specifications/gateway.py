"""Whether what Discord's gateway tells is as the specification of its API says.

That specification describes no events, but the objects that they are made of. What an event adds to
them is as https://discord.com/developers/docs/events/gateway-events says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .findings import Finding
from .schemas import Schemas
from .strict import ROOT

Schema = Mapping[str, Any]


def _of(name: str) -> Schema:
    return {"$ref": f"{ROOT}#/components/schemas/{name}"}


def _some(**fields: Schema) -> Schema:
    return {
        "type": "object",
        "properties": fields,
        "required": [*fields],
        "additionalProperties": False,
    }


def _many(of: Schema) -> Schema:
    return {"type": "array", "items": of}


FLAG, NUMBER, TEXT = {"type": "boolean"}, {"type": "integer"}, {"type": "string"}
SNOWFLAKE, MEMBER = _of("SnowflakeType"), _of("GuildMemberResponse")


@dataclass(frozen=True, slots=True)
class Payload:
    """What an event tells.

    Args:
        of: the component that it is, if it is one.
        needs: the fields that it has besides.
        may: those that it may have.
    """

    of: str = ""
    needs: Mapping[str, Schema] = field(default_factory=dict)
    may: Mapping[str, Schema] = field(default_factory=dict)


USER, ROLE, EMOJI = (
    _of("UserResponse"),
    _of("GuildRoleResponse"),
    _of("MessageReactionEmojiResponse"),
)
HERE = {"channel_id": SNOWFLAKE, "message_id": SNOWFLAKE}
GUILD = {"guild_id": SNOWFLAKE}
REACTION = {**HERE, "user_id": SNOWFLAKE, "emoji": EMOJI, "burst": FLAG, "type": NUMBER}
MESSAGE = Payload("MessageResponse", may={"guild_id": SNOWFLAKE, "member": MEMBER})
EVENTS = {
    "READY": Payload(
        needs={
            "v": NUMBER,
            "user": _of("UserPIIResponse"),
            "guilds": _many(_some(id=SNOWFLAKE, unavailable=FLAG)),
            "session_id": TEXT,
            "resume_gateway_url": TEXT,
            "application": _some(id=SNOWFLAKE, flags=NUMBER),
        }
    ),
    "GUILD_CREATE": Payload(
        "GuildResponse",
        needs={
            "joined_at": TEXT,
            "large": FLAG,
            "member_count": NUMBER,
            "voice_states": _many({}),
            "members": _many(MEMBER),
            "channels": _many(_of("GuildChannelResponse")),
            "threads": _many(_of("ThreadResponse")),
            "presences": _many({}),
            "stage_instances": _many({}),
            "guild_scheduled_events": _many({}),
            "soundboard_sounds": _many({}),
        },
        may={"unavailable": FLAG},
    ),
    "GUILD_UPDATE": Payload("GuildResponse"),
    "GUILD_DELETE": Payload(needs={"id": SNOWFLAKE}, may={"unavailable": FLAG}),
    "GUILD_ROLE_CREATE": Payload(needs={**GUILD, "role": ROLE}),
    "GUILD_MEMBER_ADD": Payload("GuildMemberResponse", needs=GUILD),
    "GUILD_MEMBER_UPDATE": Payload("GuildMemberResponse", needs=GUILD),
    "GUILD_MEMBER_REMOVE": Payload(needs={**GUILD, "user": USER}),
    "USER_UPDATE": Payload("UserPIIResponse"),
    "CHANNEL_CREATE": Payload("GuildChannelResponse"),
    "CHANNEL_CREATE in no server": Payload("PrivateGroupChannelResponse"),
    "CHANNEL_DELETE": Payload("GuildChannelResponse"),
    "THREAD_CREATE": Payload("ThreadResponse", may={"newly_created": FLAG}),
    "MESSAGE_CREATE": MESSAGE,
    "MESSAGE_UPDATE": MESSAGE,
    "THREAD_DELETE": Payload(
        needs={"id": SNOWFLAKE, "parent_id": SNOWFLAKE, "type": NUMBER, **GUILD}
    ),
    "INTERACTION_CREATE": Payload(
        needs={
            "id": SNOWFLAKE,
            "application_id": SNOWFLAKE,
            "type": _of("InteractionTypes"),
            "data": {"type": "object"},
            "token": TEXT,
            "version": NUMBER,
            "channel_id": SNOWFLAKE,
            "app_permissions": TEXT,
            "entitlements": _many({}),
            "authorizing_integration_owners": {"type": "object"},
            "attachment_size_limit": NUMBER,
        },
        may={
            "channel": {"type": "object"},
            "context": _of("InteractionContextType"),
            "guild": {"type": "object"},
            "guild_locale": TEXT,
            "locale": TEXT,
            "member": {"type": "object", "required": ["permissions", "roles", "user"]},
            "message": _of("MessageResponse"),
            "user": USER,
            **GUILD,
        },
    ),
    "MESSAGE_REACTION_ADD": Payload(
        needs=REACTION, may={**GUILD, "member": MEMBER, "message_author_id": SNOWFLAKE}
    ),
    "MESSAGE_REACTION_REMOVE": Payload(needs=REACTION, may=GUILD),
    "MESSAGE_REACTION_REMOVE_ALL": Payload(needs=HERE, may=GUILD),
    "MESSAGE_REACTION_REMOVE_EMOJI": Payload(needs={**HERE, "emoji": EMOJI}, may=GUILD),
    "MESSAGE_DELETE_BULK": Payload(
        needs={"ids": _many(SNOWFLAKE), "channel_id": SNOWFLAKE}, may=GUILD
    ),
    "MESSAGE_DELETE": Payload(
        needs={"id": SNOWFLAKE, "channel_id": SNOWFLAKE}, may={"guild_id": SNOWFLAKE}
    ),
}

TOLD = {name for name in EVENTS if " " not in name}


def findings(schemas: Schemas, name: str, data: Any) -> set[Finding]:
    """All that is wrong with an event."""
    if name.startswith("CHANNEL_") and "guild_id" not in data:
        name = f"{name} in no server"
    if not (payload := EVENTS.get(name)):
        return {Finding(name, "", "no such event", data)}
    more = {**payload.needs, **payload.may}
    if "member" in data and "author" in data:
        # A message's member comes without the user, who is its author.
        data = {**data, "member": {**data["member"], "user": data["author"]}}
    own = {key: value for key, value in data.items() if key in more}
    rest = {key: value for key, value in data.items() if key not in more}
    whole = _of(payload.of) if payload.of else {"additionalProperties": False, "properties": {}}
    return {
        *schemas.check(name, own, {"properties": more, "required": [*payload.needs]}),
        *schemas.check(name, rest, whole),
    }
