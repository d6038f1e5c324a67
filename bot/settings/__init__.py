"""Settings: where each value came from, and what is wrong with it.

A setting has one name everywhere, in capitals. The environment wins over the character file, which
wins over the default. `NAME_FILE` names a file that holds the value; `NAME__ACCOUNT` is the value
for one of several accounts, and wins over the common one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from difflib import get_close_matches
from typing import Any, TypeVar

from pydantic import ValidationError

from bot.errors import ConfigError
from bot.settings.config import Config, is_secret, names_of, problem, setting, shown, value_of
from bot.settings.layer import DEFAULT_ACCOUNT, Found, Layer, environment
from bot.settings.secrets import Secrets

__all__ = [
    "DEFAULT_ACCOUNT",
    "Config",
    "Found",
    "Layer",
    "Settings",
    "environment",
    "is_secret",
    "names_of",
    "setting",
    "shown",
]

C = TypeVar("C", bound=Config)
SECRET_WORDS = frozenset({"KEY", "TOKEN", "SECRET", "PASSWORD"})


class Settings:
    """Every layer of settings, asked in order.

    Args:
        layers: the first that has a value wins.
    """

    def __init__(self, layers: Iterable[Layer]) -> None:
        self.layers: Sequence[Layer] = tuple(layers)
        self._secrets = Secrets()
        for layer in self.layers:
            for name in layer.secret:
                self._hide(layer.values.get(name))

    def find(
        self, name: str, account: str | None = None, platform: str | None = None
    ) -> Found | None:
        """The value that wins for `name`, or None: an account's own before the common one.

        Args:
            platform: whose account; without it, the first platform that has one of that name.

        Raises:
            ConfigError: `NAME_FILE` names a file that cannot be read.
        """
        own = self._first((name,), account, platform) if account else None
        found = own or self._first((name,))
        return found.read() if found else None

    def get(self, name: str, default: Any = None) -> Any:
        """The value of `name`, or `default`."""
        found = self.find(name)
        if found and not SECRET_WORDS.isdisjoint(name.upper().split("_")):
            self._hide(found.value)
        return found.value if found else default

    def load(self, config: type[C], account: str | None = None, platform: str | None = None) -> C:
        """A validated `config`.

        Raises:
            ConfigError: a value is missing or wrong; it names the setting, its place and the fix.
        """
        found, fields = self.explain(config, account, platform), config.model_fields
        try:
            return config.model_validate({n: value_of(fields[n], f) for n, f in found.items() if f})
        except ValidationError as error:
            raise problem(config, account, found, error) from None

    def explain(
        self, config: type[Config], account: str | None = None, platform: str | None = None
    ) -> dict[str, Found | None]:
        """For each field of `config` the value that wins; None where only the default is left.

        An account takes the common values that `Config.shared` says.

        Raises:
            ConfigError: `NAME_FILE` names a file that cannot be read.
        """
        names = {n: names_of(info) for n, info in config.model_fields.items()}
        own = {n: self._first(names[n], account, platform) if account else None for n in names}
        is_named = account not in (None, DEFAULT_ACCOUNT)
        shared = config.shared({n for n in names if own[n]}) if is_named else names
        found = {n: own[n] or (self._first(names[n]) if n in shared else None) for n in names}
        read = {n: one.read() if one else None for n, one in found.items()}
        for name in config.secrets():
            if one := read[name]:
                self._hide(one.value)
        return read

    def accounts(self, platform: str, config: type[Config]) -> tuple[str, ...]:
        """The accounts of `platform` that any setting names, `default` first.

        What all accounts share does not make a `default` one beside them, unless it is complete.
        Their secrets are known from here on, before anything that starts beside them can fail.
        """
        fields = config.model_fields.items()
        names = frozenset(name for _, info in fields for name in names_of(info))
        named = [one for layer in self.layers for one in layer.named(platform, names)]
        common = {n: self._first(names_of(info)) for n, info in fields}
        complete = any(all(common[n] for n in way) for way in config.ways())
        if any(common.values()) and (complete or not named):
            named.insert(0, DEFAULT_ACCOUNT)
        for account in dict.fromkeys(named):
            with suppress(ConfigError):  # whoever speaks for it will say so
                self.explain(config, account, platform)
        return tuple(dict.fromkeys(named))

    def misspelt(self, known: Iterable[str]) -> dict[str, str]:
        """Names that nobody reads but that look like one of `known`, with that one."""
        known = set(known)
        ours = tuple({name.partition("_")[0] + "_" for name in known})
        keys = {key for layer in self.layers for key in layer.values if key.startswith(ours)}
        names = {key: re.sub(r"_FILE$|__.*", "", key) for key in sorted(keys)}
        close = {
            key: get_close_matches(name, known, n=1, cutoff=0.85)
            for key, name in names.items()
            if not {key, name} & known
        }
        return {key: match[0] for key, match in close.items() if match}

    def secrets(self) -> frozenset[str]:
        """Every secret that was read so far."""
        return self._secrets.known

    def redacted(self, text: str) -> str:
        """A text with `***` in place of every secret that was read so far.

        For whatever is logged, kept or shown, and may quote an error that somebody else wrote.
        """
        return self._secrets.redacted(text)

    def _first(
        self, names: Sequence[str], account: str | None = None, platform: str | None = None
    ) -> Found | None:
        found = (layer.find(n, account, platform) for layer in self.layers for n in names)
        return next((one for one in found if one), None)

    def _hide(self, value: Any) -> None:
        many = value if isinstance(value, list | tuple) else [value]
        for one in many:
            self._secrets.add("" if one is None else str(one).strip())
