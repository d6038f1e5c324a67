"""An OpenAPI document as one JSON Schema of 2020-12 that knows no field but those it names."""

from __future__ import annotations

from typing import Any

ROOT = "urn:specification"


def strict(document: Any) -> Any:
    """The same document with absolute references, `null` as a type, and objects that are closed."""
    return _Closing(document).rewritten(document)


class _Closing:
    def __init__(self, document: Any) -> None:
        self._schemas = document["components"]["schemas"]

    def rewritten(self, node: Any) -> Any:
        if isinstance(node, list):
            return [self.rewritten(one) for one in node]
        if not isinstance(node, dict):
            return node
        node = self._merged(node)
        new = {name: self.rewritten(value) for name, value in node.items()}
        if isinstance(new.get("$ref"), str):
            new["$ref"] = f"{ROOT}{new['$ref']}"
        if new.get("nullable") is True:
            new = _nullable(new)
        if _is_plain(node):
            new.setdefault("additionalProperties", False)
        return new

    def _merged(self, node: dict[str, Any]) -> dict[str, Any]:
        """All of several objects as one: each of them alone would refuse the others' fields."""
        if not isinstance(several := node.get("allOf"), list):
            return node
        names = [one.get("$ref", "").rpartition("/")[2] for one in several]
        members = [self._schemas.get(name, one) for name, one in zip(names, several, strict=True)]
        if not all(map(_is_plain, members)):
            return node
        return {
            "type": "object",
            "properties": {k: v for one in members for k, v in one["properties"].items()},
            "required": [name for one in members for name in one.get("required", ())],
        }


def _is_plain(node: dict[str, Any]) -> bool:
    return node.get("type") == "object" and isinstance(node.get("properties"), dict)


def _nullable(node: dict[str, Any]) -> dict[str, Any]:
    """What OpenAPI 3.0 says in a word of its own."""
    null = {"type": "null"}
    if "oneOf" in node:
        return {**node, "oneOf": [*node["oneOf"], null]}
    more = {"enum": [*node["enum"], None]} if "enum" in node else {}
    return {**node, **more, "type": [node["type"], "null"]}
