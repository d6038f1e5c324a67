"""Finding what is installed: connectors, simulators and plugins, by entry point."""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Iterator
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import structlog

from bot.connector import Connector
from bot.errors import ConfigError
from bot.plugin import Plugin

logger = structlog.get_logger("bot")


def installed_connectors() -> dict[str, type[Connector]]:
    """Every installed connector, by the name of its platform. One that cannot load is logged."""
    return dict(_load("townhall.connectors"))


def installed_simulators() -> dict[str, Any]:
    """Every installed simulator, by the name of its platform."""
    return dict(_load("townhall.simulators"))


def installed_plugins() -> tuple[Plugin, ...]:
    """Every installed plugin."""
    return tuple(plugin for _, plugin in _load("townhall.plugins"))


def named_plugins(names: Iterable[str]) -> tuple[Plugin, ...]:
    """The plugins that a character names as `module:attribute`.

    Raises:
        ConfigError: one cannot be imported, or is not a plugin.
    """
    return tuple(_plugin(name) for name in names if ":" in name)


def _load(group: str) -> Iterator[tuple[str, Any]]:
    for point in sorted(entry_points(group=group), key=lambda point: point.name):
        try:
            yield point.name, point.load()
        except Exception as error:  # noqa: BLE001 - one broken package leaves the others alone
            logger.warning("cannot load", group=group, name=point.name, why=str(error))


def _plugin(name: str) -> Plugin:
    try:
        found = EntryPoint(name=name, value=name, group="").load()
    except (ImportError, AttributeError) as error:
        raise ConfigError(
            f"plugin {name} cannot be imported: {error}",
            fix="Name it as `module:attribute`, and install its package beside Townhall.",
        ) from error
    except (Exception, SystemExit) as error:
        raise ConfigError(
            f"plugin {name} raises when it is imported: {type(error).__name__}: {error}",
            fix=f"Mend {_place(error)}, or take it out of `plugins`.",
        ) from error
    if not isinstance(found, Plugin):
        raise ConfigError(
            f"plugin {name} is no Plugin, but of the type {type(found).__name__}",
            fix="Make one of it, plugin = Plugin(...), and name that.",
        )
    return found


def _place(error: BaseException) -> str:
    """The file and line that an error came from."""
    if isinstance(error, SyntaxError):
        return f"{error.filename}:{error.lineno}"
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{last.filename}:{last.lineno}"
