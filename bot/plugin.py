"""A plugin is a value: what it adds. Importing it changes nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.action import Action, Evaluator, Listener, Provider
from bot.model import Handler
from bot.service import Service

if TYPE_CHECKING:
    from bot.runtime import Runtime

Init = Callable[[Mapping[str, Any], "Runtime"], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class ModelHandler:
    """A model that a plugin brings; see `Runtime.register_model`."""

    type: str
    handler: Handler
    provider: str
    priority: int = 0


@dataclass(frozen=True, slots=True)
class Plugin:
    """What a package adds to a bot.

    Args:
        init: called once before the services start, with the character's settings.
    """

    name: str
    description: str = ""
    init: Init | None = None
    services: tuple[type[Service], ...] = ()
    actions: tuple[Action, ...] = ()
    providers: tuple[Provider, ...] = ()
    evaluators: tuple[Evaluator, ...] = ()
    listeners: tuple[Listener, ...] = ()
    models: tuple[ModelHandler, ...] = ()
