"""What `townhall check` looks at: the settings, and what a character names that is not there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from rich.box import SIMPLE_HEAD
from rich.console import RenderableType
from rich.markup import escape
from rich.table import Column, Table

from bot.character import Character
from bot.discovery import installed_plugins, named_plugins
from bot.errors import ConfigError
from bot.retention import RetentionConfig
from bot.services.notification.service import NotificationConfig
from bot.settings import Config, Found, Settings, names_of, setting, shown
from bot.web.hooks import PREFIX, hook_config
from bot.web.server import WebConfig

HOOK = re.compile(rf"{PREFIX}(?P<name>.+?)(_TO|_TEMPLATE)?(_FILE)?")


class BasicConfig(Config):
    """What is read before anything starts."""

    database: str | None = setting("TOWNHALL_DATABASE", default=None, help="The SQLite file.")
    level: str = setting("TOWNHALL_LOG_LEVEL", default="info", help="What is logged.")
    form: str = setting("TOWNHALL_LOG_FORMAT", default="console", help="How it is written.")


@dataclass(frozen=True, slots=True)
class Section:
    """The settings of one part of a bot.

    Args:
        account: whose they are, and of which platform; of nobody's, None.
    """

    title: str
    configs: tuple[type[Config], ...]
    account: str | None = None
    platform: str | None = None

    def table(self, settings: Settings) -> RenderableType:
        """Each setting with its value, and where that comes from."""
        table = Table(
            *(Column(title, overflow="fold") for title in ("setting", "value", "from")),
            title=self.title,
            title_justify="left",
            box=SIMPLE_HEAD,
        )
        for config in self.configs:
            for row in self._rows(settings, config):
                table.add_row(*map(escape, row))
        return table

    def mistakes(self, settings: Settings) -> Iterator[ConfigError]:
        """What is missing or wrong."""
        for config in self.configs:
            try:
                settings.load(config, self.account, self.platform)
            except ConfigError as error:
                yield error

    def _rows(self, settings: Settings, config: type[Config]) -> Iterator[tuple[str, str, str]]:
        try:
            explained = settings.explain(config, self.account, self.platform)
        except ConfigError as error:  # a file that cannot be read
            name, _, what = error.problem.partition(" ")
            yield name, what, str(error.file or "")
            return
        for name, found in explained.items():
            info = config.model_fields[name]
            label = found.name if found else next(iter(names_of(info)), name)
            yield label, shown(info, found), _origin(found)


def _origin(found: Found | None) -> str:
    return found.source.replace(f" {found.name}", "", 1) if found else ""


def ours(settings: Settings) -> Iterator[Section]:
    """The settings that belong to no platform, those of each hook by themselves."""
    configs = (BasicConfig, WebConfig, RetentionConfig, NotificationConfig)
    yield Section("townhall", configs)
    given = (key for layer in settings.layers for key, value in layer.values.items() if value)
    found = map(HOOK.fullmatch, given)
    for hook in sorted({one["name"] for one in found if one}):
        yield Section(f"hook {hook.lower()}", (hook_config(hook),))


def unknown_platforms(character: Character, platforms: Iterable[str]) -> Iterator[str]:
    """A warning for each platform of `accounts` that is not installed."""
    platforms = list(platforms)
    for name in character.accounts:
        if name not in platforms:
            meant = _meant(name, platforms) or f"Installed are {', '.join(platforms)}."
            yield f"accounts: there is no platform `{name}`. {meant}"


def unknown_actions(character: Character) -> Iterator[str]:
    """A warning for each action of `rules` that no plugin brings.

    Raises:
        ConfigError: a plugin that the character names cannot be used.
    """
    plugins = (*installed_plugins(), *named_plugins(character.plugins))
    known = {action.name.lower() for plugin in plugins for action in plugin.actions}
    for rule in character.rules:
        if rule.action and rule.action.lower() not in known:
            fix = "Name the plugin that brings it under `plugins`."
            meant = _meant(rule.action.lower(), known) or fix
            yield f"rules: no plugin has the action `{rule.action}` for `{rule.when}`. {meant}"


def _meant(name: str, known: Iterable[str]) -> str:
    close = get_close_matches(name, list(known), n=1)
    return f"Did you mean {close[0]}?" if close else ""
