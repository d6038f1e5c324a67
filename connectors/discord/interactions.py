"""Slash commands and buttons: what Discord calls interactions, in our words. Pure functions.

https://discord.com/developers/docs/interactions/receiving-and-responding
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from bot.content import Content
from bot.events import Call, Event, EventKind
from bot.memory import Entity, Room
from bot.turn import delivery_id
from connectors.discord import translate
from connectors.discord.translate import Known, moment

Json = dict[str, Any]

INTERACTION = "INTERACTION_CREATE"
PING, COMMAND, COMPONENT, AUTOCOMPLETE, MODAL = 1, 2, 3, 4, 5
"""The types of interactions."""
CHAT = 1
"""The type of a slash command; the others are in the menus of people and messages."""
GROUPS = frozenset({1, 2})
"""The types of options that hold options: subcommands and their groups."""
EPHEMERAL = 1 << 6
"""The flag of a message that only one person sees."""
TOKEN_LASTS = 15 * 60.0
"""Seconds in which an interaction can be answered."""


def interaction(data: Any, known: Known) -> Event | None:
    """What somebody asked for by a command or a button; None for what is no event.

    Its token is in `via` and nowhere else.
    """
    try:
        return _event(data, known)
    except translate.NONSENSE as error:
        problem = f"{error.__class__.__name__}: {error}"
        return translate.malformed(INTERACTION, hushed(data), problem, known.account)


def hushed(data: Any) -> Any:
    """A payload without its token, which is a secret for as long as it lasts."""
    return {k: v for k, v in data.items() if k != "token"} if isinstance(data, dict) else data


def focused(data: Json) -> tuple[str, str, Json]:
    """Of an autocomplete: the command, the option being typed, and the option as it came.

    Raises:
        NONSENSE: the payload is malformed.
    """
    command = data["data"]
    [option] = [one for one in _options(command) if one.get("focused")]
    return str(command["name"]), str(option["name"]), option


def is_open(via: dict[str, str], now: float) -> bool:
    """Whether an interaction can still be answered.

    Args:
        now: seconds after 1970.
    """
    return now - moment(via["id"]) / 1000 < TOKEN_LASTS


def _event(data: Json, known: Known) -> Event | None:
    kind = int(data["type"])
    if kind == COMMAND and data["data"].get("type", CHAT) == CHAT:
        return _command(data, known)
    if kind == COMPONENT:
        return _pressed(data, known)
    if kind in (PING, COMMAND, AUTOCOMPLETE, MODAL):
        return None
    return translate.unknown(INTERACTION, hushed(data), known.account)


def _command(data: Json, known: Known) -> Event:
    command = data["data"]
    call = Call(
        name=str(command["name"]),
        arguments={str(one["name"]): one["value"] for one in _options(command)},
    )
    event = _base(data, known, EventKind.COMMAND)
    more = {"call": call, "content": Content(text=_typed(call))}
    return _answerable(event.model_copy(update=more), data, "command", command=call.name)


def _pressed(data: Json, known: Known) -> Event:
    chosen, message = data["data"], translate.snowflake(data["message"]["id"])
    values = chosen.get("values")
    text = str(chosen["custom_id"]) if values is None else "\n".join(map(str, values))
    event = _base(data, known, EventKind.BUTTON)
    more = {"target": message, "content": Content(text=text)}
    is_hidden = int(data["message"].get("flags") or 0) & EPHEMERAL
    hidden = {"hidden": "yes"} if is_hidden else {}
    event = event.model_copy(update=more)
    return _answerable(event, data, "component", message=message, **hidden)


def _base(data: Json, known: Known, kind: EventKind) -> Event:
    key = translate.snowflake(data["id"])
    return translate.told(
        kind=kind,
        account=known.account,
        ids=(key,),
        at=datetime.fromtimestamp(moment(key) / 1000, UTC),
        room=_room(data, known),
        sender=_sender(data),
        addressed=True,
    )


def _answerable(event: Event, data: Json, kind: str, **more: str) -> Event:
    """The event, with what its answer needs.

    `first` is the delivery that takes the place of "thinking..."; what follows stands below it.
    """
    via = {
        "id": event.ids[0],
        "token": str(data["token"]),
        "application": str(data["application_id"]),
        "kind": kind,
        "person": event.sender.key if event.sender else "",
        "first": str(delivery_id(event, 0)),
        "file_size": str(data.get("attachment_size_limit") or ""),
        **more,
    }
    return event.model_copy(update={"via": via})


def _room(data: Json, known: Known) -> Room:
    channel, guild = data.get("channel") or {}, data.get("guild_id")
    if "type" in channel and str(data["channel_id"]) not in known.rooms:
        known.room(channel, str(guild) if guild else None)
    return known.place({**data, "author": _user(data)})


def _sender(data: Json) -> Entity:
    member, guild = data.get("member"), data.get("guild_id")
    return translate.entity(_user(data), member, guild, data.get("locale"))


def _user(data: Json) -> Json:
    user: Json = data["user"] if "user" in data else data["member"]["user"]
    return user


def _options(command: Json) -> Iterator[Json]:
    for one in command.get("options") or ():
        if one.get("type") in GROUPS:
            yield from _options(one)
        else:
            yield one


def _typed(call: Call) -> str:
    return " ".join([f"/{call.name}", *_spelled(call.arguments.values())])


def _spelled(values: Iterable[Any]) -> Iterator[str]:
    for value in values:
        yield str(value).lower() if isinstance(value, bool) else str(value)
