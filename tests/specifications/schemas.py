"""The schemas of an OpenAPI document, and what does not fit them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from .findings import Finding
from .strict import ROOT, strict

FORMATS = FormatChecker(formats=())
LOOKS = {"type": 0, "enum": 1, "const": 1}
"""What tells that another alternative is meant, if it fails no deeper than this."""


@FORMATS.checks("date-time", raises=ValueError)
def _is_moment(value: Any) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


@FORMATS.checks("uri")
def _is_address(value: Any) -> bool:
    return not isinstance(value, str) or bool(urlsplit(value).scheme)


@FORMATS.checks("int32")
def _is_small(value: Any) -> bool:
    return not isinstance(value, int) or -(2**31) <= value < 2**31


class Schemas:
    """The document, closed: fields that it does not name are findings, too."""

    def __init__(self, document: Any) -> None:
        self.document = strict(document)
        registry = Registry().with_resource(ROOT, DRAFT202012.create_resource(self.document))
        self._validator = Draft202012Validator({}, registry=registry, format_checker=FORMATS)

    def named(self, name: str) -> Any:
        """A component's schema."""
        return self.document["components"]["schemas"][name]

    def followed(self, node: Any) -> Any:
        """What `node` refers to, if it does."""
        while "$ref" in node:
            target = self.document
            for step in node["$ref"].removeprefix(f"{ROOT}#/").split("/"):
                target = target[step]
            node = target
        return node

    def check(self, place: str, value: Any, schema: Any, name: str = "") -> set[Finding]:
        """What in `value` does not fit.

        Args:
            name: the field that `value` is the value of.
        """
        errors = self._validator.evolve(schema=schema).iter_errors(value)
        return {one for error in errors for one in _findings(place, name, error)}


def _findings(place: str, name: str, error: ValidationError) -> Iterator[Finding]:
    for leaf in _leaves(error):
        steps = (one for one in leaf.absolute_path if isinstance(one, str))
        where = ".".join(filter(None, (name, *steps)))
        if leaf.validator == "required":
            for field in set(leaf.validator_value) - leaf.instance.keys():
                yield Finding(place, f"{where}.{field}".strip("."), "missing", leaf.instance)
        elif leaf.validator == "additionalProperties":
            for field in leaf.instance.keys() - leaf.schema.get("properties", {}).keys():
                yield Finding(place, f"{where}.{field}".strip("."), "unknown", leaf.instance[field])
        else:
            yield Finding(place, where, _wanted(leaf), leaf.instance)


def _wanted(error: ValidationError) -> str:
    if error.validator == "oneOf":
        return "fits several alternatives"
    if error.validator in {"enum", "const"}:
        return f"{error.instance!r} is no choice"
    return f"must be of {error.validator} {error.validator_value}"


def _leaves(error: ValidationError) -> list[ValidationError]:
    """The errors behind an error: those of the alternative that was probably meant."""
    branches: defaultdict[Any, list[ValidationError]] = defaultdict(list)
    for one in error.context or ():
        branches[one.relative_schema_path[0]].extend(_leaves(one))
    if not branches:
        return [error]
    depth = len(error.absolute_path)
    return min(branches.values(), key=lambda leaves: _unlikeliness(leaves, depth))


def _unlikeliness(leaves: list[ValidationError], depth: int) -> tuple[bool, bool, int, int]:
    """Whether it is just null; whether it is of another kind; how soon it fails; how often."""
    depths = [len(one.absolute_path) - depth for one in leaves]
    other = any(
        down <= LOOKS[one.validator]
        for one, down in zip(leaves, depths, strict=True)
        if one.validator in LOOKS
    )
    is_null = any(one.validator_value == "null" for one in leaves)
    return is_null, other, -min(depths), len(leaves)
