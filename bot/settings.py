"""Settings: where each value came from, and what is wrong with it.

A setting has one name everywhere, in capitals. The environment wins over the character file, which
wins over the default. `NAME_FILE` names a file that holds the value; `NAME__ACCOUNT` is the value
for one of several accounts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic.fields import FieldInfo

from bot.errors import ConfigError

DEFAULT_ACCOUNT = "default"
C = TypeVar("C", bound="Config")


class Config(BaseModel):
    """The settings of one service; declare each with `setting`."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)


def setting(*names: str, default: Any = ..., help: str = "") -> Any:
    """One field of a `Config`.

    Args:
        names: what it is called in the environment and the character file; the first found wins.
        help: what it is, and where a person gets it.

    """
    return Field(default, validation_alias=AliasChoices(*names), description=help)


@dataclass(frozen=True, slots=True)
class Found:
    """A value and where it came from."""

    name: str
    value: Any
    source: str
    file: Path | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Layer:
    """One place that holds settings.

    Args:
        source: what to call it when a value of it wins.
        accounts: values of one account of one platform, keyed by (platform, account).
        lines: the line of each name, for messages.

    """

    source: str
    values: Mapping[str, Any] = field(default_factory=dict)
    accounts: Mapping[tuple[str, str], Mapping[str, Any]] = field(default_factory=dict)
    file: Path | None = None
    lines: Mapping[str, int] = field(default_factory=dict)

    def find(self, name: str, account: str | None) -> Found | None:
        """The value of `name` here, an account's own before the common one."""
        for key in _keys(name, account):
            if self.values.get(key) not in (None, ""):
                return self._found(key, self.values[key])
        for (_, owner), values in self.accounts.items():
            if owner == account and values.get(name) not in (None, ""):
                return self._found(name, values[name])
        return None

    def _found(self, key: str, value: Any) -> Found:
        line = self.lines.get(key)
        source = f"{self.source} {key}" + (f" (line {line})" if line else "")
        return Found(key, value, source, self.file, line)


def _keys(name: str, account: str | None) -> tuple[str, ...]:
    own = account not in (None, DEFAULT_ACCOUNT)
    return (f"{name}__{account}", f"{name}__{str(account).upper()}") if own else (name,)


class Settings:
    """Every layer of settings, asked in order.

    Args:
        layers: the first that has a value wins.

    """

    def __init__(self, layers: Iterable[Layer]) -> None:
        self.layers: Sequence[Layer] = tuple(layers)

    def find(self, name: str, account: str | None = None) -> Found | None:
        """The value that wins for `name`, or None.

        Raises:
            ConfigError: `NAME_FILE` names a file that cannot be read.

        """
        for layer in self.layers:
            if found := layer.find(name, account):
                return found
            if found := layer.find(f"{name}_FILE", account):
                return _read(found)
        return None

    def get(self, name: str, default: Any = None) -> Any:
        """The value of `name`, or `default`."""
        found = self.find(name)
        return found.value if found else default

    def load(self, config: type[C], account: str | None = None) -> C:
        """A validated `config`.

        Raises:
            ConfigError: a value is missing or wrong; it names the setting, its place and the fix.

        """
        found = self.explain(config, account)
        try:
            return config.model_validate({n: f.value for n, f in found.items() if f})
        except ValidationError as error:
            raise _problem(config, found, error) from None

    def explain(self, config: type[Config], account: str | None = None) -> dict[str, Found | None]:
        """For each field of `config` the value that wins; None where only the default is left."""
        return {n: self._first(f, account) for n, f in config.model_fields.items()}

    def accounts(self, platform: str, config: type[Config]) -> tuple[str, ...]:
        """The accounts of `platform` that any setting names."""
        names = [name for info in config.model_fields.values() for name in names_of(info)]
        return tuple(dict.fromkeys(self._accounts(platform, names)))

    def _accounts(self, platform: str, names: Sequence[str]) -> Iterator[str]:
        if any(self.find(name) for name in names):
            yield DEFAULT_ACCOUNT
        for layer in self.layers:
            yield from (account for owner, account in layer.accounts if owner == platform)
            for key in layer.values:
                name, _, account = key.partition("__")
                if account and name.removesuffix("_FILE") in names:
                    yield account.lower()

    def _first(self, info: FieldInfo, account: str | None) -> Found | None:
        return next((f for name in names_of(info) if (f := self.find(name, account))), None)


def names_of(info: FieldInfo) -> tuple[str, ...]:
    """What a field of a `Config` is called in the environment and the character file."""
    alias = info.validation_alias
    return tuple(str(c) for c in alias.choices) if isinstance(alias, AliasChoices) else ()


def is_secret(info: FieldInfo) -> bool:
    """Whether a field holds what must never be shown."""
    return SecretStr in (info.annotation, *get_args(info.annotation))


def _read(found: Found) -> Found:
    path = Path(str(found.value)).expanduser()
    try:
        value = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"{found.name} names {path}, which cannot be read: {error}",
            fix=f"Make the file readable, or unset {found.name}.",
            file=found.file,
            line=found.line,
        ) from error
    return Found(found.name.replace("_FILE", "", 1), value, f"{found.source} -> {path}")


def _problem(
    config: type[Config], found: Mapping[str, Found | None], error: ValidationError
) -> ConfigError:
    first = error.errors(include_input=False)[0]
    location = str(first["loc"][0]) if first["loc"] else ""
    name = next(
        (n for n, f in config.model_fields.items() if location in (n, *names_of(f))), location
    )
    info, value = config.model_fields.get(name), found.get(name)
    label = names_of(info)[0] if info and names_of(info) else name
    if first["type"] == "missing":
        return ConfigError(f"{label} is not set", fix=(info.description or "") if info else "")
    return ConfigError(
        f"{value.name if value else label}: {first['msg']}",
        fix=(info.description or "") if info else "",
        file=value.file if value else None,
        line=value.line if value else None,
    )
