"""A file of settings: what is in it, and on which line.

YAML is read as its version 1.2 says, so `no`, `on`, `12:30` and dates are text, and a list of words
needs no quotes. A key that stands twice is a mistake.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from bot.errors import ConfigError

if TYPE_CHECKING or not yaml.__with_libyaml__:
    from yaml import SafeLoader
else:
    from yaml import CSafeLoader as SafeLoader

Place = tuple[str | int, ...]

DEEPEST = 50
"""How deep a file may be nested. The fast YAML reader has no limit but the stack, and crashes."""


@dataclass(frozen=True, slots=True)
class Document:
    """What a file holds.

    Args:
        lines: the line of each place in it, from 1; the empty place is the whole.
    """

    file: Path
    data: dict[str, Any]
    lines: Mapping[Place, int]
    is_json: bool

    def line(self, *place: str | int) -> int | None:
        """The line of `place`, or of the nearest that holds it."""
        outward = (place[:end] for end in range(len(place), 0, -1))
        return next((self.lines[one] for one in outward if one in self.lines), None)

    def error(self, problem: str, *place: str | int, fix: str = "") -> ConfigError:
        """A mistake at `place`."""
        return ConfigError(problem, fix=fix, file=self.file, line=self.line(*place))

    def warning(self, problem: str, *place: str | int) -> str:
        """What a person should know about `place`."""
        line = self.line(*place)
        return f"{self.file}:{line}: {problem}" if line else f"{self.file}: {problem}"


class _Loader(SafeLoader):
    """Builds plain values only, and guesses types as YAML 1.2 does."""

    yaml_implicit_resolvers: dict[Any, Any] = {}  # noqa: RUF012 - the name is the library's


for _tag, _pattern, _first in (
    ("null", r"~|null|", ("~", "n", "")),
    ("bool", r"true|false", "tf"),
    ("int", r"[-+]?(?:0|[1-9][0-9]*)", "-+0123456789"),
    ("float", r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?", "-+.0123456789"),
    ("merge", r"<<", "<"),
):
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(f"(?:{_pattern})\\Z"), list(_first)
    )


def read_document(file: Path) -> Document:
    """Read YAML, or JSON if the suffix or the first character says so.

    Raises:
        ConfigError: it cannot be read or understood; it names the line.
    """
    text = _text(file)
    is_json = file.suffix.lower() == ".json" or (
        file.suffix.lower() not in (".yaml", ".yml") and text.lstrip().startswith("{")
    )
    data, lines = _from_json(text, file) if is_json else _from_yaml(text, file)
    if not isinstance(data, dict):
        what = "is empty" if data is None else "holds no names and values"
        raise ConfigError(what, fix="Begin with a line such as `name: Eliza`.", file=file, line=1)
    return Document(file, {str(key): value for key, value in data.items()}, lines, is_json)


def _text(file: Path) -> str:
    try:
        return file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        why = error.strerror or str(error)
        fix = "Check the path, and that this user may read it."
        raise ConfigError(f"cannot be read: {why}", fix=fix, file=file) from error
    except UnicodeDecodeError as error:
        line = bytes(error.object[: error.start]).count(b"\n") + 1
        fix = "Save the file in that encoding."
        raise ConfigError("is not UTF-8 text", fix=fix, file=file, line=line) from error


def _from_yaml(text: str, file: Path) -> tuple[Any, dict[Place, int]]:
    loader = _Loader(text)
    try:
        _measure(text, file)
        node = loader.get_single_node()
        if node is None:
            return None, {}
        lines = dict(_walk(node, file, set()))
        return loader.construct_document(node), lines
    except yaml.YAMLError as error:
        raise _syntax(error, text, file) from error
    finally:
        loader.dispose()


def _from_json(text: str, file: Path) -> tuple[Any, dict[Place, int]]:
    """The values by JSON's rules; the lines by YAML's, without the escapes and tabs that differ."""
    try:
        data = json.loads(text)
    except RecursionError:
        raise _too_deep(file, None) from None
    except json.JSONDecodeError as error:
        fix = f"Look at column {error.colno}, and at the end of the line before."
        problem = f"is not valid JSON: {error.msg[:1].lower()}{error.msg[1:]}"
        raise ConfigError(problem, fix=fix, file=file, line=error.lineno) from error
    text = re.sub(r"\\(?:u[0-9a-fA-F]{4}|.)", "?", text).replace("\t", " ")
    loader = _Loader(text)
    try:
        _measure(text, file)
        return data, dict(_walk(loader.get_single_node(), file, set()))
    except yaml.YAMLError:  # the little JSON that is no YAML has its values, but no lines
        return data, {}
    finally:
        loader.dispose()


def _measure(text: str, file: Path) -> None:
    depth = 0
    for event in yaml.parse(text, _Loader):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise _too_deep(file, event.start_mark.line + 1 if event.start_mark else None)


def _too_deep(file: Path, line: int | None) -> ConfigError:
    return ConfigError("is nested too deeply", fix="Close some brackets.", file=file, line=line)


def _walk(
    node: yaml.Node | None, file: Path, seen: set[int], place: Place = ()
) -> Iterator[tuple[Place, int]]:
    if node is None or id(node) in seen:  # an alias leads to a node that was already visited
        return
    seen.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield (*place, index), item.start_mark.line + 1
            yield from _walk(item, file, seen, (*place, index))
    elif isinstance(node, yaml.MappingNode):
        names: set[str] = set()
        for key, value in node.value:
            line, name = key.start_mark.line + 1, str(key.value)
            if name in names:
                problem = f"`{name}` stands here a second time"
                raise ConfigError(problem, fix="Keep one of the two.", file=file, line=line)
            names.add(name)
            yield (*place, name), line
            yield from _walk(value, file, seen, (*place, name))


def _syntax(error: yaml.YAMLError, text: str, file: Path) -> ConfigError:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
    position = getattr(error, "position", None)
    line = mark.line + 1 if mark else None
    if line is None and isinstance(position, int):
        line = text.encode()[:position].count(b"\n") + 1
    fix = "Check the indentation there and above; put text that holds `: ` or `#` in quotes."
    return ConfigError(f"is not valid YAML: {problem}", fix=fix, file=file, line=line)
