"""Whether what went over the wire is as the Bot API's documentation says.

Its machine-readable form lists methods and objects, each with its fields, their types and whether
they are required; what a field may hold besides stands in its description.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from http import HTTPStatus
from typing import Any

import orjson

from .findings import Finding
from .recorder import Exchange

ARRAY = "Array of "
PLAIN: dict[str, tuple[type, ...]] = {
    "Integer": (int,),
    "Float": (int, float),
    "String": (str,),
    "InputFile": (str,),
    "Boolean": (bool,),
}
CONSTANT = re.compile(r', (?:always|must be) "?(\w+)"?$')
CHOICE = re.compile(r'can be (?:one of |either )?"')
ATTACHED = re.compile(r"attach://(\w+)")
"""The name of a part that holds a file: https://core.telegram.org/bots/api#sending-files"""

QUOTED = re.compile(r'"([^"]+)"')


def _field(name: str, kind: str, *, required: bool = True) -> Any:
    return {"name": name, "types": [kind], "required": required, "description": ""}


RESULT = [_field("ok", "Boolean"), _field("description", "String", required=False)]
REFUSAL = [
    _field("ok", "Boolean"),
    _field("error_code", "Integer"),
    _field("description", "String"),
    _field("parameters", "ResponseParameters", required=False),
]
"""https://core.telegram.org/bots/api#making-requests"""


class BotApi:
    """The Bot API. Fields that it does not name are findings, too."""

    def __init__(self, document: Any) -> None:
        self._types = document["types"]
        self._methods = {name.lower(): one for name, one in document["methods"].items()}

    def findings(self, exchange: Exchange) -> set[Finding]:
        """All that is wrong with a call and its answer."""
        called = exchange.path.rpartition("/")[2]
        if not (method := self._methods.get(called.lower())):
            return {Finding(called, "", "no such method")}
        call, fields = {**exchange.query, **(exchange.body or {})}, method.get("fields", ())
        kinds = {field["name"]: field["types"] for field in fields}
        parts = {name for one in call.values() for name in ATTACHED.findall(str(one))}
        named = {name: value for name, value in call.items() if name not in parts}
        asked = {name: _read(value, kinds.get(name, ())) for name, value in named.items()}
        place = f"{method['name']} > {exchange.status}"
        return {
            *self._object(f"{method['name']} > call", "", asked, fields),
            *self._answer(place, exchange, method["returns"]),
        }

    def _answer(self, place: str, exchange: Exchange, returns: Sequence[str]) -> set[Finding]:
        status, answer = exchange.status, exchange.answer
        if not isinstance(answer, dict):
            return {Finding(place, "", "must be an object", answer)}
        if status >= HTTPStatus.BAD_REQUEST:
            found = self._object(place, "", answer, REFUSAL)
            if (answer.get("ok"), answer.get("error_code")) != (False, status):
                found.add(Finding(place, "", "is no refusal", answer))
            return found
        result = {"name": "result", "types": returns, "required": True, "description": ""}
        return self._object(place, "", answer, [*RESULT, result])

    def _object(self, place: str, name: str, value: Any, fields: Iterable[Any]) -> set[Finding]:
        known = {field["name"]: field for field in fields}
        needed = {field for field, one in known.items() if one["required"]} - value.keys()
        found = {Finding(place, _join(name, one), "missing", value) for one in needed}
        for one, held in value.items():
            if one in known:
                found |= self._held(place, _join(name, one), held, known[one])
            else:
                found.add(Finding(place, _join(name, one), "unknown", held))
        return found

    def _held(self, place: str, name: str, value: Any, field: Any) -> set[Finding]:
        found = self._fits(place, name, value, field["types"])
        words = _words(field)
        if not found and words and value not in words:
            return {Finding(place, name, f"must be one of {' '.join(words)}", value)}
        return found

    def _fits(self, place: str, name: str, value: Any, kinds: Iterable[str]) -> set[Finding]:
        """What is wrong if `value` is meant to be the likeliest of `kinds`."""
        members = [kind.removeprefix(ARRAY) for kind in kinds if kind.startswith(ARRAY)]
        if isinstance(value, list) and members:  # each may be of another kind than the next
            return {one for held in value for one in self._fits(place, name, held, members)}
        each = [self._is(place, name, value, kind) for kind in kinds]
        return min(each, key=lambda found: (_is_other(name, found), len(found)))

    def _is(self, place: str, name: str, value: Any, kind: str) -> set[Finding]:
        no = {Finding(place, name, f"must be {kind}", value)}
        if kind.startswith(ARRAY):
            return no
        if kind in PLAIN:
            is_bool = isinstance(value, bool)
            fits = is_bool if kind == "Boolean" else isinstance(value, PLAIN[kind]) and not is_bool
            return set() if fits else no
        if subtypes := self._types[kind].get("subtypes"):
            return self._fits(place, name, value, subtypes)
        if not isinstance(value, dict):
            return no
        return self._object(place, name, value, self._types[kind].get("fields", ()))


def _join(*names: str) -> str:
    return ".".join(filter(None, names))


def _words(field: Any) -> list[str]:
    """The only words that a field may hold, as far as its description tells."""
    description = field["description"]
    if "String" not in field["types"]:
        return []
    if constant := CONSTANT.search(description):
        return [constant[1]]
    return QUOTED.findall(description) if CHOICE.search(description) else []


def _is_other(name: str, found: Iterable[Finding]) -> bool:
    """Whether the findings speak of another type rather than of a mistake in this one."""
    direct = name.count(".") + 1
    return any(
        (one.name == name and one.problem.startswith("must be"))
        or (one.name.count(".") == direct and one.problem.startswith("must be one of"))
        for one in found
    )


def _read(value: Any, kinds: Sequence[str]) -> Any:
    """A value of a call: in a form, all but text is JSON."""
    if isinstance(value, str) and not {"String", "InputFile"} & {*kinds}:
        with suppress(orjson.JSONDecodeError):
            return orjson.loads(value)
    return value
