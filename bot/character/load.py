"""From a file to a character, its settings, and what a person should know about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from bot.character.document import Document, read_document
from bot.character.elizaos import Installed, installed, is_elizaos, is_path, snake, texts, translate
from bot.character.model import Character, Entry, Rule, Style, secrets_of
from bot.errors import ConfigError
from bot.settings import Layer
from bot.settings.config import plain

FIXES: Mapping[str, str] = {
    "missing": "Add a line such as `name: Eliza`.",
    "string_type": "Write text, in quotes if it looks like anything else.",
    "tuple_type": "Write a list: `[one, two]`, or one in a line, each after a dash.",
    "dict_type": "Write names and values: `NAME: value`, one in a line, indented.",
    "model_type": "Write names and values: `name: value`, one in a line, indented.",
    "bool_parsing": "Write `true` or `false`.",
}
ACCOUNT_DEPTH = 4
"""A setting of an account stands at `accounts.platform.account.NAME`."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A character and what came with it.

    Args:
        layer: its settings.
        warnings: what it asks for that we lack, each with its file and line.
    """

    character: Character
    layer: Layer
    warnings: tuple[str, ...] = ()


def load_character(source: str | Path, offer: Installed | None = None) -> Loaded:
    """Read a character file, ours (YAML or JSON) or one of elizaOS.

    Args:
        source: a path, or the name of a character that is shipped, such as `eliza`.
        offer: the plugins and connectors that it may ask for; those installed, unless given.

    Raises:
        ConfigError: it cannot be used as it is; it names the file, the line, the field and the fix.
    """
    document = read_document(_locate(source))
    offer = offer or installed()
    if is_elizaos(document):
        data, warnings = translate(document, {*Character.model_fields, "secrets"}, offer)
    else:
        data, warnings = document.data, [*_absent(document, offer), *_lowercase(document)]
    try:
        character = Character.model_validate(data)
    except ValidationError as error:
        raise _mistake(document, error) from None
    return Loaded(character, _layer(document, character), tuple(warnings))


def shipped() -> dict[str, Path]:
    """The characters that come with the package, by name."""
    package = find_spec("characters")
    folders = package.submodule_search_locations if package else None
    files = (file for folder in folders or () for file in sorted(Path(folder).glob("*.yaml")))
    return {file.stem: file for file in files}


def _locate(source: str | Path) -> Path:
    path = Path(source).expanduser()
    if path.exists() or path.name != str(source) or path.suffix:
        return path
    known = shipped()
    if path.name in known:
        return known[path.name]
    problem = f"there is no file and no character `{path.name}`"
    raise ConfigError(problem, fix=f"Name a file, or one of: {', '.join(known)}.")


def _layer(document: Document, character: Character) -> Layer:
    places = (("settings",), ("settings", "secrets"), ("secrets",))
    lines = {str(p[-1]): n for p, n in document.lines.items() if p[:-1] in places}
    for place, line in document.lines.items():
        if place[:1] == ("accounts",) and len(place) == ACCOUNT_DEPTH:
            platform, account, name = map(str, place[1:])
            lines[f"{platform}/{account.lower()}/{name}"] = line
    accounts = {
        (platform, account.lower()): values
        for platform, many in character.accounts.items()
        for account, values in many.items()
    }
    return Layer(
        source=str(document.file),
        values=character.settings,
        accounts=accounts,
        file=document.file,
        lines=lines,
        secret=frozenset(secrets_of(document.data)),
    )


def _absent(document: Document, offer: Installed) -> Iterator[str]:
    for field, known in (("plugins", offer.plugins), ("connectors", offer.connectors)):
        for index, name in enumerate(texts(document.data.get(field))):
            if name not in known and not is_path(name):
                what = f"no {field[:-1]} `{name}` is installed. {_meant(name, known)}"
                yield document.warning(what.rstrip(), field, index)


def _lowercase(document: Document) -> Iterator[str]:
    settings = document.data.get("settings")
    for name, value in settings.items() if isinstance(settings, dict) else ():
        if not str(name).isupper() and not isinstance(value, dict):
            what = f"`settings.{name}` is not read. Did you mean `{str(name).upper()}`?"
            yield document.warning(what, "settings", name)


def _mistake(document: Document, error: ValidationError) -> ConfigError:
    errors = error.errors(include_input=False, include_url=False)
    first = min(errors, key=lambda one: one["type"] != "extra_forbidden")
    written = {snake(key): key for key in document.data}
    place = (*(written.get(str(key), key) for key in first["loc"][:1]), *first["loc"][1:])
    field = ".".join(map(str, place))
    if first["type"] == "extra_forbidden":
        known = _model_at(place).model_fields
        fix = _meant(str(place[-1]), known) or f"Known are: {', '.join(known)}."
        return document.error(f"`{field}` is not known", *place, fix=fix)
    problem = "is missing" if first["type"] == "missing" else plain(first["msg"])
    return document.error(f"`{field}` {problem}", *place, fix=FIXES.get(first["type"], ""))


def _model_at(place: tuple[str | int, ...]) -> type[Entry]:
    nested: dict[Any, type[Entry]] = {"rules": Rule, "style": Style}
    return nested.get(place[0], Character) if len(place) > 1 else Character


def _meant(name: str, known: Any) -> str:
    close = get_close_matches(name, list(known), n=1)
    return f"Did you mean `{close[0]}`?" if close else ""
