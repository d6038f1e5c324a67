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
    "CHANNEL_CREATE": Payload("GuildChannelResponse"),
    "THREAD_CREATE": Payload("ThreadResponse", may={"newly_created": FLAG}),
    "MESSAGE_CREATE": MESSAGE,
    "MESSAGE_UPDATE": MESSAGE,
    "MESSAGE_DELETE": Payload(
        needs={"id": SNOWFLAKE, "channel_id": SNOWFLAKE}, may={"guild_id": SNOWFLAKE}
    ),
}


def findings(schemas: Schemas, name: str, data: Any) -> set[Finding]:
    """All that is wrong with an event."""
    if not (payload := EVENTS.get(name)):
        return {Finding(name, "", "no such event", data)}
    more = {**payload.needs, **payload.may}
    if "member" in data:
        # A message's member comes without the user, who is its author.
        data = {**data, "member": {**data["member"], "user": data["author"]}}
    own = {key: value for key, value in data.items() if key in more}
    rest = {key: value for key, value in data.items() if key not in more}
    whole = _of(payload.of) if payload.of else {"additionalProperties": False, "properties": {}}
    return {
        *schemas.check(name, own, {"properties": more, "required": [*payload.needs]}),
        *schemas.check(name, rest, whole),
    }
