"""One place that holds settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.errors import ConfigError

DEFAULT_ACCOUNT = "default"


@dataclass(frozen=True, slots=True)
class Found:
    """A value and where it came from.

    Args:
        name: what it is called there.
        is_path: whether the value names a file that holds the real one; see `read`.
    """

    name: str
    value: Any = field(repr=False)
    source: str
    file: Path | None = None
    line: int | None = None
    is_path: bool = False

    def read(self) -> Found:
        """The value itself, out of its file if it names one; relative to the file that names it.

        Raises:
            ConfigError: the file cannot be read, or is empty.
        """
        if not self.is_path:
            return self
        path = Path(str(self.value))
        try:
            path = (self.file.parent if self.file else Path()) / path.expanduser()
            value = path.read_text(encoding="utf-8").strip()
        except (OSError, ValueError, RuntimeError) as error:
            raise self._wrong(f"{path}, which cannot be read: {error}") from error
        if not value:
            raise self._wrong(f"{path}, which is empty")
        return Found(self.name, value, f"{self.source} -> {path}", self.file, self.line)

    def _wrong(self, what: str) -> ConfigError:
        return ConfigError(
            f"{self.name} names {what}",
            fix=f"Put the value into that file, readable by this user, or unset {self.name}.",
            file=self.file,
            line=self.line,
        )


@dataclass(frozen=True, slots=True)
class Layer:
    """One place that holds settings.

    Args:
        source: what to call it when a value of it wins.
        accounts: values of one account of one platform, keyed by (platform, account).
        lines: the line of each name, for messages; of an account's, `platform/account/NAME`.
        secret: the names of what must never be shown, beyond those that a `Config` declares so.
    """

    source: str
    values: Mapping[str, Any] = field(default_factory=dict, repr=False)
    accounts: Mapping[tuple[str, str], Mapping[str, Any]] = field(default_factory=dict, repr=False)
    file: Path | None = None
    lines: Mapping[str, int] = field(default_factory=dict, repr=False)
    secret: frozenset[str] = frozenset()

    def find(
        self, name: str, account: str | None = None, platform: str | None = None
    ) -> Found | None:
        """What is here for `name`: the account's own, or without `account` the common one."""
        places = self._own(name, account, platform) if account else self._common(name)
        return next(places, None)

    def named(self, platform: str, names: frozenset[str]) -> Iterator[str]:
        """The accounts of `platform` that have one of `names` here."""
        yield from (account for owner, account in self.accounts if owner == platform)
        for key, value in self.values.items():
            name, _, account = key.partition("__")
            if account and value not in (None, "") and name.removesuffix("_FILE") in names:
                yield account.lower().removesuffix("_file")

    def _common(self, name: str) -> Iterator[Found]:
        return self._look(self.values, (name,), (f"{name}_FILE",))

    def _own(self, name: str, account: str, platform: str | None) -> Iterator[Found]:
        plain, files = f"{name}__{account}", (f"{name}__{account}_FILE", f"{name}_FILE__{account}")
        yield from self._look(self.values, (plain,), files)
        for (owner, other), values in self.accounts.items():
            if other == account and platform in (None, owner):
                yield from self._look(values, (name,), (f"{name}_FILE",), f"{owner}/{account}/")

    def _look(
        self, values: Mapping[str, Any], plain: Sequence[str], files: Sequence[str], place: str = ""
    ) -> Iterator[Found]:
        for wanted in (*plain, *files):
            key = _key(values, wanted)
            if values.get(key) in (None, ""):
                continue
            line = self.lines.get(place + key)
            source = f"{self.source} {place}{key}" + (f" (line {line})" if line else "")
            yield Found(key, values[key], source, self.file, line, is_path=wanted in files)


def environment(environ: Mapping[str, str]) -> Layer:
    """The layer of a process's environment: `environment(os.environ)`."""
    return Layer("environment", dict(environ))


def _key(values: Mapping[str, Any], wanted: str) -> str:
    """The key as it is written here; in one for an account, capitals make no difference."""
    if wanted in values or "__" not in wanted:
        return wanted
    return next((key for key in values if key.upper() == wanted.upper()), wanted)
