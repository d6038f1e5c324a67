"""Slash commands from actions: described, registered where they changed, completed.

https://discord.com/developers/docs/interactions/application-commands
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from bot.errors import DeliveryError
from connectors.discord.interactions import focused
from connectors.discord.outgoing import cut
from connectors.discord.translate import NONSENSE
from connectors.discord.wire import Route, callback

if TYPE_CHECKING:
    from bot.action import Action
    from bot.runtime import Runtime
    from connectors.discord.wire import Wire

Json = dict[str, Any]

COMMANDS, OPTIONS, CHOICES = 100, 25, 25
"""The most of each."""
LENGTH = 100
"""Characters of a description, and of a choice."""
NAME = re.compile(r"[-_'\w]{1,32}")
CHAT = 1
STRING, INTEGER, BOOLEAN, NUMBER = 3, 4, 5, 10
TYPES = {"string": STRING, "integer": INTEGER, "boolean": BOOLEAN, "number": NUMBER}
SAFE = 2**53 - 1
"""The largest whole number that Discord takes."""
CHOOSE_FROM = 8
"""The type of the answer to an autocomplete."""
SUGGEST_WITHIN = 2.0
"""Seconds; Discord waits for 3."""
KEPT = {"type", "name", "description", "required", "choices", "autocomplete"} | {
    f"{bound}_{what}" for bound in ("min", "max") for what in ("value", "length")
}
"""Of an option, what we say."""
PATH = "/applications/{application_id}/commands"


class Commands:
    """The slash commands of an account."""

    def __init__(self, wire: Wire, runtime: Runtime) -> None:
        self._wire, self._runtime = wire, runtime

    async def register(self) -> None:
        """Make Discord's list of commands ours; what fails is logged."""
        actions = self._runtime.abilities.actions
        wanted, unfit = described(actions)
        if unfit:
            why = "Discord has room for 100 commands with names of at most 32 letters and digits"
            self._runtime.logger.warning("discord.not_commands", actions=unfit, why=why)
        try:
            await self._update(wanted)
        except DeliveryError as error:
            self._runtime.logger.warning("discord.commands_not_registered", why=str(error))

    async def _update(self, wanted: list[Json]) -> None:
        where: Json = {"application_id": await self._wire.application()}
        told: list[Json] = await self._wire(Route("GET", PATH, **where))
        ours = [one for one in told if one.get("type", CHAT) == CHAT]
        if _by_name(ours) != _by_name(wanted):
            # What is in the menus of people and messages, or starts an activity, stays.
            others = [one for one in told if one.get("type", CHAT) != CHAT]
            await self._wire(Route("PUT", PATH, **where), [*wanted, *others])
            self._runtime.logger.info("discord.commands_registered", count=len(wanted))

    async def complete(self, data: Json) -> None:
        """Answer an autocomplete: what the option that is being typed could become."""
        try:
            choices = await self._choices(data)
            body = {"type": CHOOSE_FROM, "data": {"choices": choices}}
            await self._wire(callback(str(data["id"]), str(data["token"])), body)
        except (*NONSENSE, DeliveryError) as error:
            self._runtime.logger.info("discord.not_completed", why=str(error))

    async def _choices(self, data: Json) -> list[Json]:
        command, name, option = focused(data)
        action = self._runtime.abilities.action(command)
        suggested: Iterable[str] = ()
        try:
            if action and name in action.completions:
                async with asyncio.timeout(SUGGEST_WITHIN):
                    suggested = await action.completions[name].suggest(str(option["value"]))
        except Exception as error:  # noqa: BLE001 - it is a plugin's code
            why = f"{type(error).__name__}: {error}"
            self._runtime.logger.warning("completion failed", action=command, why=why)
        return _offered(suggested, int(option.get("type") or STRING))


def described(actions: Mapping[str, Action]) -> tuple[list[Json], list[str]]:
    """The commands for some actions, and the names of those that cannot be one."""
    fit = [one for one in actions.values() if _fits(one)][:COMMANDS]
    unfit = [one.name for one in actions.values() if one not in fit]
    return [_command(one) for one in fit], unfit


def _fits(action: Action) -> bool:
    options = all(NAME.fullmatch(one) and one == one.lower() for one in action.names)
    return bool(NAME.fullmatch(action.name)) and options


def _command(action: Action) -> Json:
    schema = action.arguments.model_json_schema()
    needed, found = schema.get("required") or (), schema.get("properties") or {}
    options = [
        _option(name, {**_plain(one, schema), **_about(one)}, is_needed=name in needed)
        | ({"autocomplete": True} if name in action.completions else {})
        for name, one in found.items()
    ]
    first = action.description.strip().partition("\n\n")[0]
    return {
        "name": action.name.lower(),
        "type": CHAT,
        "description": cut(" ".join(first.split()), LENGTH) or action.name,
        "options": sorted(options, key=lambda one: not one["required"])[:OPTIONS],
    }


def _plain(field: Json, schema: Json) -> Json:
    """What a field is, behind references and beside null; nothing if it is several things."""
    if "$ref" in field:
        return _plain(schema["$defs"][field["$ref"].rpartition("/")[2]], schema)
    if several := field.get("anyOf"):
        besides = [one for one in several if one.get("type") != "null"]
        return _plain(besides[0], schema) if len(besides) == 1 else {}
    return field


def _about(field: Json) -> Json:
    return {"description": field["description"]} if "description" in field else {}


def _option(name: str, field: Json, *, is_needed: bool) -> Json:
    values = [field["const"]] if "const" in field else field.get("enum") or []
    kind = _type(field, values)
    option: Json = {
        "type": kind,
        "name": name,
        "description": cut(" ".join(str(field.get("description", "")).split()), LENGTH) or name,
        "required": is_needed,
    }
    if values and len(values) <= CHOICES and kind != BOOLEAN:
        option["choices"] = [{"name": cut(str(one), LENGTH), "value": one} for one in values]
    else:
        option |= _bounds(field, kind)
    return option


def _type(field: Json, values: list[Any]) -> int:
    """The type of an option; what Discord has no word for is typed as text."""
    if values and all(isinstance(one, str) for one in values):
        return STRING
    return TYPES.get(field.get("type", ""), STRING)


def _bounds(field: Json, type: int) -> Json:
    names = {"minimum": "min_value", "maximum": "max_value"}
    if type == STRING:
        names = {"minLength": "min_length", "maxLength": "max_length"}
    found = {name: field[key] for key, name in names.items() if key in field}
    if type == INTEGER and "exclusiveMinimum" in field:
        found["min_value"] = int(field["exclusiveMinimum"]) + 1
    if type == INTEGER and "exclusiveMaximum" in field:
        found["max_value"] = int(field["exclusiveMaximum"]) - 1
    return {} if type == BOOLEAN else found


def _by_name(commands: Iterable[Json]) -> dict[str, Json]:
    """Commands without what Discord adds to them, and without their order."""
    return {one["name"]: _told(one) for one in commands}


def _told(command: Json) -> Json:
    options = [
        {name: value for name, value in one.items() if name in KEPT and value not in (None, False)}
        for one in command.get("options") or ()
    ]
    for one in options:
        one["choices"] = [(c["name"], c["value"]) for c in one.get("choices") or ()]
    return {"description": command["description"], "options": options}


def _offered(values: Iterable[str], type: int) -> list[Json]:
    cast = {INTEGER: int, NUMBER: float}.get(type, lambda text: cut(text, LENGTH))
    choices: list[Json] = []
    for value in values:
        try:
            choices.append({"name": cut(value, LENGTH), "value": cast(value)})
        except ValueError:
            continue
    return choices[:CHOICES]
