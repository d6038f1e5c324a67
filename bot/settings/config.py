"""The settings that one service wants: what each is called, whether it is secret, what it means."""

from __future__ import annotations

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any, ClassVar, get_args, get_origin

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from bot.errors import ConfigError
from bot.settings.layer import DEFAULT_ACCOUNT, Found

SEQUENCES = frozenset({tuple, list, set, frozenset})

WORDS = {
    "should be a valid boolean": "should be on or off",
    "should be a valid tuple": "should be a list",
    "String should match pattern": "is not written as it has to be",
}
"""What pydantic's messages begin with, and what a person reads instead."""


class Config(BaseModel):
    """The settings of one service; declare each with `setting`."""

    model_config = ConfigDict(frozen=True, populate_by_name=True, coerce_numbers_to_str=True)

    logins: ClassVar[tuple[tuple[str, ...], ...]] = ()
    """Where one can log in in several ways, the fields that each way needs."""

    @classmethod
    def ways(cls) -> tuple[frozenset[str], ...]:
        """The fields that each way to log in needs; without `logins`, those that are required."""
        required = (name for name, info in cls.model_fields.items() if info.is_required())
        return tuple(map(frozenset, cls.logins or (required,)))

    @classmethod
    def secrets(cls) -> frozenset[str]:
        """The fields that hold what must never be shown."""
        return frozenset(name for name, info in cls.model_fields.items() if is_secret(info))

    @classmethod
    def shared(cls, own: AbstractSet[str]) -> frozenset[str]:
        """The fields of which an account takes the common value.

        Not those with another account's secrets: it would be that account. But what else belongs
        to the login that it has a secret of its own for is shared, as an application's key is.

        Args:
            own: the fields that it has values of its own for.
        """
        fields, secrets = frozenset(cls.model_fields), cls.secrets()
        if not own & secrets:
            return fields - secrets
        others = {name for way in cls.ways() if not way & own & secrets for name in way}
        return fields - (secrets & others)


def setting(*names: str, default: Any = ..., help: str = "") -> Any:
    """One field of a `Config`. The environment writes a tuple or list as `a, b`.

    Args:
        names: what it is called in the environment and the character file; the first found wins.
        help: what it is, and where a person gets it.
    """
    return Field(default, validation_alias=AliasChoices(*names), description=help)


def names_of(info: FieldInfo) -> tuple[str, ...]:
    """What a field of a `Config` is called in the environment and the character file."""
    alias = info.validation_alias
    return tuple(str(c) for c in alias.choices) if isinstance(alias, AliasChoices) else ()


def is_secret(info: FieldInfo) -> bool:
    """Whether a field holds what must never be shown."""
    return _mentions(info.annotation, SecretStr)


def shown(info: FieldInfo, found: Found | None) -> str:
    """The value of a field as a person may see it: of a secret only its length."""
    if found is None:
        default = info.get_default(call_default_factory=True)
        if isinstance(default, bool):
            default = "on" if default else "off"
        unset = info.is_required() or is_secret(info) or default in (None, "", ())
        return "not set" if unset else f"{default} (default)"
    if is_secret(info):
        return f"set, {len(str(found.value).strip())} characters"
    return re.sub(r"(?<=://)[^/@\s]+@", "…@", str(found.value))


def value_of(info: FieldInfo, found: Found) -> Any:
    """What pydantic is to validate: for a list, one text with commas is as good as several.

    Raises:
        ConfigError: a secret is on several lines, as when more was copied than it.
    """
    kinds = {get_origin(one) for one in (info.annotation, *get_args(info.annotation))}
    if kinds.isdisjoint(SEQUENCES):
        is_text = is_secret(info) and isinstance(found.value, str)
        return _one_line(info, found) if is_text else found.value
    if isinstance(found.value, list | tuple):
        return found.value
    return [part.strip() for part in str(found.value).split(",") if part.strip()]


def _one_line(info: FieldInfo, found: Found) -> str:
    value = str(found.value).strip()
    if value.isprintable():
        return value
    raise ConfigError(
        f"{found.name} has a line break or another control character in it",
        fix=f"Copy it again, as one line. {info.description or ''}".rstrip(),
        file=found.file,
        line=found.line,
    )


def problem(
    config: type[Config],
    account: str | None,
    found: Mapping[str, Found | None],
    error: ValidationError,
) -> ConfigError:
    """The first mistake that pydantic found, for the person who has to mend it."""
    first = error.errors(include_input=False)[0]
    name = _field(config, first)
    if name is None:
        return ConfigError(plain(first["msg"]))
    info, value = config.model_fields[name], found.get(name)
    if value is None:
        label = names_of(info)[0] if names_of(info) else name
        own = "" if account in (None, DEFAULT_ACCOUNT) else f"__{str(account).upper()}"
        return ConfigError(f"{label}{own} is not set", fix=info.description or "")
    given = "" if is_secret(info) else f", not {str(value.value)[:80]!r}"
    source = "" if value.file else f"It comes from {value.source}."
    return ConfigError(
        f"{value.name}: {plain(first['msg'])}{given}",
        fix=" ".join(filter(None, (info.description, source))),
        file=value.file,
        line=value.line,
    )


def plain(message: str) -> str:
    """What pydantic says, without its own words."""
    words = message.removeprefix("Input ").removeprefix("Value error, ")
    words = words.partition(", unable to ")[0]
    return next((ours for theirs, ours in WORDS.items() if words.startswith(theirs)), words)


def _field(config: type[Config], error: ErrorDetails) -> str | None:
    place = str(error["loc"][0]) if error["loc"] else ""
    fields = config.model_fields.items()
    return next((name for name, info in fields if place in (name, *names_of(info))), None)


def _mentions(annotation: Any, wanted: type) -> bool:
    return annotation is wanted or any(_mentions(one, wanted) for one in get_args(annotation))
