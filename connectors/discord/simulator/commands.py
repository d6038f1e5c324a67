"""The slash commands that a bot registered on a simulated Discord.

https://discord.com/developers/docs/interactions/application-commands
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from connectors.discord.simulator.checks import count, length
from connectors.discord.simulator.refusal import Refusal, forbidden, invalid
from connectors.discord.simulator.request import Handler, Request
from connectors.discord.simulator.shapes import Json
from connectors.discord.simulator.state import State

COMMANDS, OPTIONS, CHOICES = 100, 25, 25
DESCRIPTION = 100
CHAT = 1
STRING, INTEGER, BOOLEAN, NUMBER = 3, 4, 5, 10
_NAME = re.compile(r"[-_'\w]{1,32}")


class Commands:
    """The handlers of commands.

    Args:
        changed: called when the bot has registered others.

    Attributes:
        known: by name.
    """

    def __init__(self, state: State, changed: Callable[[], None]) -> None:
        self._state, self._changed = state, changed
        self.known: dict[str, Json] = {}

    @property
    def routes(self) -> dict[str, Handler]:
        """Which handler answers what."""
        path = "/applications/{application}/commands"
        return {f"GET {path}": self.all, f"PUT {path}": self.replace}

    def all(self, request: Request) -> list[Json]:
        """All of them."""
        self._check(request)
        return [*self.known.values()]

    def replace(self, request: Request) -> list[Json]:
        """Put others in their place."""
        self._check(request)
        count("commands", request.body, COMMANDS)
        for one in request.body:
            _check_command(one)
        self.known = {one["name"]: self._registered(one) for one in request.body}
        self._changed()
        return [*self.known.values()]

    def invocation(self, name: str, arguments: Mapping[str, Any], focused: str = "") -> Json:
        """The data of an interaction that calls a command.

        Args:
            focused: the option that is being typed, for an autocomplete.

        Raises:
            KeyError: there is no such command or option.
        """
        command = self.known[name]
        types = {one["name"]: one["type"] for one in command["options"]}
        options = [
            {"name": key, "type": types[key], "value": value}
            | ({"focused": True} if key == focused else {})
            for key, value in arguments.items()
        ]
        return {"id": command["id"], "name": name, "type": CHAT, "options": options}

    def _check(self, request: Request) -> None:
        if request.path["application"] != self._state.bot:
            raise forbidden(20012)

    def _registered(self, command: Json) -> Json:
        # What Discord adds to a command, and what it leaves out where it is the default.
        options = [
            {k: v for k, v in one.items() if not (k in ("required", "autocomplete") and not v)}
            for one in command.get("options") or ()
        ]
        return {
            "id": self._state.new_id(),
            "application_id": self._state.bot,
            "version": self._state.new_id(),
            "default_member_permissions": None,
            "type": CHAT,
            "dm_permission": True,
            "contexts": None,
            "integration_types": [0],
            "nsfw": False,
            **command,
            "options": options,
        }


def _check_command(command: Json) -> None:
    if command.get("type", CHAT) != CHAT:
        return
    _check_name(command)
    length("description", command.get("description"), DESCRIPTION, least=1)
    options = command.get("options") or []
    count("options", options, OPTIONS)
    is_optional = False
    for one in options:
        _check_name(one)
        length("options.description", one.get("description"), DESCRIPTION, least=1)
        if one.get("required") and is_optional:
            problem = "Required options must be placed before non-required options"
            raise invalid("options", "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID", problem)
        is_optional = not one.get("required")
        _check_choices(one)


def _check_name(one: Json) -> None:
    name = str(one.get("name"))
    if not _NAME.fullmatch(name) or name != name.lower():
        problem = f"Command name is invalid: {name}"
        raise invalid("name", "APPLICATION_COMMAND_INVALID_NAME", problem)


def _check_choices(option: Json) -> None:
    choices = option.get("choices") or []
    count("choices", choices, CHOICES)
    if choices and option.get("autocomplete"):
        raise Refusal(400, "Autocomplete options cannot have choices", 50035)
    kinds = {STRING: (str,), INTEGER: (int,), NUMBER: (int, float)}
    kind = kinds.get(option.get("type", STRING), ())
    for one in choices:
        length("choices.name", one.get("name"), DESCRIPTION, least=1)
        if not isinstance(one.get("value"), kind):
            raise invalid("choices.value", "BASE_TYPE", "Could not interpret the value.")
