"""All that the plugins of a bot brought: its actions, providers, evaluators and listeners."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.action import Action, Evaluator, Listener, Provider
from bot.events import EventKind

COMMAND = re.compile(r"/(\S+)\s*(.*)", re.DOTALL)
"""The name, and the arguments after any white space: a line break ends a name as well."""


@dataclass(slots=True)
class Abilities:
    """All that the plugins of a bot brought."""

    actions: dict[str, Action] = field(default_factory=dict)
    providers: dict[str, Provider] = field(default_factory=dict)
    evaluators: dict[str, Evaluator] = field(default_factory=dict)
    listeners: dict[str, Listener] = field(default_factory=dict)

    def add(
        self,
        actions: tuple[Action, ...] = (),
        providers: tuple[Provider, ...] = (),
        evaluators: tuple[Evaluator, ...] = (),
        listeners: tuple[Listener, ...] = (),
    ) -> None:
        """Register them; a later one of the same name replaces the earlier."""
        self.actions.update({one.name.lower(): one for one in actions})
        self.providers.update({one.name: one for one in providers})
        self.evaluators.update({one.name: one for one in evaluators})
        self.listeners.update({one.action.name: one for one in listeners})

    def listening(self, kind: EventKind) -> list[Action]:
        """What is to be run when an event of that kind arrives."""
        return [one.action for one in self.listeners.values() if kind in one.kinds]

    def action(self, name: str) -> Action | None:
        """The action of that name, however it is written."""
        return self.actions.get(name.lower())

    def command(self, text: str) -> tuple[Action, Mapping[str, Any]] | None:
        """The action and arguments that a `/command` asks for, or None if it is none of ours."""
        said = COMMAND.match(text)
        found = self.action(said[1]) if said else None
        return (found, found.parse(said[2].strip())) if said and found else None

    def commanded(self, text: str) -> Action | None:
        """The action that a `/command` names."""
        said = COMMAND.match(text)
        return self.action(said[1]) if said else None
