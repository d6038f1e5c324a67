"""What the commands have in common: from a character's name to a bot that can start."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import platformdirs

from bot.character import Character, load_character
from bot.connector import Connector
from bot.errors import ConfigError
from bot.settings import DEFAULT_ACCOUNT, Settings, environment, names_of

T = TypeVar("T")

COLLECT_AFTER = 100_000
"""Objects between two looks for cycles. Ours are in none: with Python's 700, a third of a busy
bot's time went into looking."""

SWITCH_SECONDS = 0.0002
"""How long a busy loop keeps the store's thread from going on between two statements. With Python's
5 ms, it gets nothing written while the loop has anything to do."""

INVITATION = "Set what one of them needs, in the environment or in the character file:"
CONSOLATION = (
    "  Without any of it you can see a bot at work (`townhall demo`), or talk to one here"
    " (`townhall chat`)."
)

OURS = (
    "TOWNHALL_DATABASE",
    "TOWNHALL_DEAD_DAYS",
    "TOWNHALL_HTTP_HOST",
    "TOWNHALL_HTTP_PORT",
    "TOWNHALL_HTTP_TOKEN",
    "TOWNHALL_KEEP_DAYS",
    "TOWNHALL_LOG_FORMAT",
    "TOWNHALL_LOG_LEVEL",
)
"""The settings that belong to no service."""


@dataclass(frozen=True, slots=True)
class Setup:
    """A character and its settings.

    Args:
        warnings: what a person should know about the character file.
    """

    character: Character
    settings: Settings
    warnings: tuple[str, ...]

    def database(self, named: Path | None, name: str = "townhall.db") -> Path:
        """The file of the store: the one named, the setting's, or `name` in the data directory."""
        return database(self.settings, named, name)


def database(settings: Settings, named: Path | None, name: str = "townhall.db") -> Path:
    """The file of a store; see `Setup.database`."""
    path = named or settings.get("TOWNHALL_DATABASE") or data_directory() / name
    return Path(path).expanduser()


def prepare(source: str) -> Setup:
    """Read a character; the environment wins over its settings.

    Raises:
        ConfigError: it cannot be read, or is wrong.
    """
    loaded = load_character(source)
    if loaded.layer.file:  # a plugin may lie beside the character that names it
        sys.path.append(str(loaded.layer.file.parent.resolve()))
    settings = Settings([environment(os.environ), loaded.layer])
    return Setup(loaded.character, settings, loaded.warnings)


def data_directory() -> Path:
    """Where this user's databases and logs are."""
    return Path(platformdirs.user_data_dir("townhall", appauthor=False))


def wanted(setup: Setup, kinds: Mapping[str, type[Connector]]) -> list[tuple[type[Connector], str]]:
    """Each connector and account that the bot would start."""
    found = []
    for platform, kind in kinds.items():
        accounts = setup.settings.accounts(platform, kind.config_type)
        asked = setup.character.connectors
        if asked is not None:
            accounts = (accounts or (DEFAULT_ACCOUNT,)) if platform in asked else ()
        found += [(kind, account) for account in accounts]
    return found


def misspelt(setup: Setup, kinds: Iterable[type[Connector]]) -> list[str]:
    """A warning for each setting that nobody reads but that looks like one of ours."""
    known = [name for kind in kinds for info in _fields(kind) for name in names_of(info)]
    found = setup.settings.misspelt((*known, *OURS))
    return [f"{name} is not a setting. Did you mean {meant}?" for name, meant in found.items()]


def nothing_set_up(kinds: Iterable[type[Connector]]) -> ConfigError:
    """What to do where no platform has its settings."""
    needs = [f"  {kind.platform}:\n{lines}" for kind in kinds if (lines := _requirements(kind))]
    fix = "\n".join([INVITATION, *needs, CONSOLATION])
    return ConfigError("no platform is set up", fix=fix)


def _requirements(kind: type[Connector]) -> str:
    """What each way to log in needs."""
    fields = kind.config_type.model_fields
    ways = (
        [f"    {names_of(info)[0]}: {info.description}" for n, info in fields.items() if n in way]
        for way in kind.config_type.ways()
    )
    return "\n    or\n".join("\n".join(way) for way in ways if way)


def _fields(kind: type[Connector]) -> Iterable[Any]:
    return kind.config_type.model_fields.values()


def run_loop(main: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run `main` on the fastest event loop there is."""
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER, 20, 100)
    sys.setswitchinterval(SWITCH_SECONDS)
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        return runner.run(main())


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:  # not made for this system
        return None
    return uvloop.new_event_loop
