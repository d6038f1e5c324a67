"""Character files of elizaOS, in our words: JSON with camelCase names."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import Any

from bot.character.document import Document

TELLTALES = frozenset(
    {"messageExamples", "postExamples", "modelProvider", "clients", "clientConfig"}
)
BUILT_IN = frozenset({"bootstrap", "sql", "node"})
"""Plugins whose work the core does: the message loop, the database, the host."""
READ = frozenset({"secrets", "mcp"})
"""Nested settings that have the same meaning here."""

Warn = Callable[..., None]


@dataclass(frozen=True, slots=True)
class Installed:
    """The names of what a character may ask for on this machine."""

    connectors: Collection[str]
    plugins: Collection[str]


def installed() -> Installed:
    """What the installed packages offer through their entry points."""
    return Installed(
        connectors=frozenset(one.name for one in entry_points(group="townhall.connectors")),
        plugins=frozenset(one.name for one in entry_points(group="townhall.plugins")),
    )


def is_elizaos(document: Document) -> bool:
    """Whether to read a file with patience: it was not written for us."""
    return document.is_json or not TELLTALES.isdisjoint(document.data)


def translate(
    document: Document, known: Collection[str], offer: Installed
) -> tuple[dict[str, Any], list[str]]:
    """A file's content as our own would have it, and a warning for each thing that we lack.

    Args:
        known: the names of a character's fields.
    """
    warnings: list[str] = []

    def warn(problem: str, *place: str | int) -> None:
        warnings.append(document.warning(problem, *place))

    data = {key: value for key, value in document.data.items() if value is not None}
    asked = _plugins(data, offer, warn)
    asked += [("plugins", name) for name in _provider(data, offer, warn)]
    asked += [("connectors", name) for name in _clients(data, offer, warn)]
    ours = {name: data[key] for key in data if (name := snake(key)) in known}
    for field in ("plugins", "connectors"):
        if names := dict.fromkeys(name for where, name in asked if where == field):
            ours[field] = list(names)
        elif field == "plugins":
            ours.pop(field, None)
    ours |= _nested(data, warn)
    for key in data:
        if snake(key) not in known and key not in ("id", "clients", "modelProvider"):
            warn(f"`{key}` has no meaning here and is left out", key)
    return ours, warnings


def snake(name: str) -> str:
    """`messageExamples` is `message_examples` here."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()


def is_path(plugin: str) -> bool:
    """Whether a plugin is named by its module, as in `package.module:plugin`."""
    return ":" in plugin


def _plugins(data: Mapping[str, Any], offer: Installed, warn: Warn) -> list[tuple[str, str]]:
    asked = []
    for index, plugin in enumerate(texts(data.get("plugins"))):
        name = re.sub(r"^@[^/]+/(?:plugin-|client-|adapter-)?", "", plugin)
        if name in offer.connectors:
            asked.append(("connectors", name))
        elif name in offer.plugins or is_path(plugin):
            asked.append(("plugins", name))
        elif name not in BUILT_IN:
            warn(f"plugin `{plugin}` is not installed here and is left out", "plugins", index)
    return asked + [("connectors", name) for name in texts(data.get("connectors"))]


def _provider(data: Mapping[str, Any], offer: Installed, warn: Warn) -> list[str]:
    if not (provider := str(data.get("modelProvider", ""))):
        return []
    if provider.lower() in offer.plugins:
        return [provider.lower()]
    warn(f"no model of `{provider}` is installed here; another one answers", "modelProvider")
    return []


def _clients(data: Mapping[str, Any], offer: Installed, warn: Warn) -> list[str]:
    found = []
    for index, client in enumerate(texts(data.get("clients"))):
        name = re.sub(r"^@[^/]+/(?:client-)?", "", client).lower()
        if name in offer.connectors:
            found.append(name)
        else:
            warn(f"client `{client}` has no connector here and is left out", "clients", index)
    return found


def _nested(data: Mapping[str, Any], warn: Warn) -> dict[str, Any]:
    """Style and knowledge without what we lack; of the settings, only a word about it."""
    changed: dict[str, Any] = {}
    for key in _mapping(data.get("settings")):
        if not key.isupper() and key not in READ:
            warn(f"`settings.{key}` is kept, but nothing here reads it", "settings", key)
    if isinstance(data.get("style"), dict):
        changed["style"] = {k: v for k, v in data["style"].items() if k in ("all", "chat", "post")}
        for key in data["style"].keys() - changed["style"].keys():
            warn(f"`style.{key}` has no meaning here and is left out", "style", key)
    if isinstance(data.get("knowledge"), list):
        changed["knowledge"] = [one for one in data["knowledge"] if not isinstance(one, dict)]
        for index, one in enumerate(data["knowledge"]):
            if isinstance(one, dict):
                warn("files of knowledge are not read here; write the text", "knowledge", index)
    return changed


def texts(value: Any) -> list[str]:
    """One text, or several, as a list."""
    many = value if isinstance(value, list) else [value]
    return [str(one) for one in many if one not in (None, "")]


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
