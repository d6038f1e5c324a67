"""Whether what went over the wire is as an OpenAPI specification says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import orjson

from .findings import Finding
from .recorder import Exchange
from .schemas import Schemas

CREDENTIALS = {
    "BotToken": "Bot ",
    "BearerToken": "Bearer ",
    "OAuth2": "Bearer ",
    "OAuth2UserToken": "Bearer ",
    "UserToken": "OAuth ",
}
"""How an Authorization header begins, by the names of the security schemes."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing to ask for.

    Args:
        content: the specification's words about it.
        values: what stands in the path.
    """

    place: str
    content: Any
    parameters: tuple[Any, ...]
    values: Mapping[str, str] = field(default_factory=dict)


class OpenApi:
    """A specification of version 3.0 or 3.1."""

    def __init__(self, document: Any) -> None:
        self.schemas = Schemas(document)
        base = urlsplit(document["servers"][0]["url"]).path
        literal_first = sorted(document["paths"], key=lambda path: path.count("{"))
        self._paths = [
            (re.compile(re.sub(r"\{[^}]*\}", "([^/]+)", f"{base}{path}")), path)
            for path in literal_first
        ]

    def findings(self, exchange: Exchange) -> set[Finding]:
        """All that is wrong with a request and its answer."""
        operation = self._operation(exchange)
        if operation is None:
            return {Finding(f"{exchange.method} {exchange.path}", "", "no such operation")}
        return {
            *self._path(operation),
            *self._query(operation, exchange.query),
            *_credentials(operation, exchange),
            *self._body(operation, exchange),
            *self._answer(operation, exchange),
        }

    def _operation(self, exchange: Exchange) -> Operation | None:
        for pattern, path in self._paths:
            item = self.schemas.document["paths"][path]
            content = item.get(exchange.method.lower())
            if content and (found := pattern.fullmatch(exchange.path)):
                both = (*item.get("parameters", ()), *content.get("parameters", ()))
                values = dict(zip(re.findall(r"\{(.*?)\}", path), found.groups(), strict=True))
                parameters = tuple(map(self.schemas.followed, both))
                return Operation(f"{exchange.method} {path}", content, parameters, values)
        return None

    def _path(self, operation: Operation) -> set[Finding]:
        wanted = {one["name"]: one["schema"] for one in operation.parameters if one["in"] == "path"}
        return self._texts(f"{operation.place} > path", operation.values, wanted)

    def _query(self, operation: Operation, query: Mapping[str, str]) -> set[Finding]:
        place = f"{operation.place} > query"
        wanted = {one["name"]: one for one in operation.parameters if one["in"] == "query"}
        needed = {name for name, one in wanted.items() if one.get("required")}
        unknown = query.keys() - wanted.keys()
        return {
            *(Finding(place, name, "missing") for name in needed - query.keys()),
            *(Finding(place, name, "unknown", query[name]) for name in unknown),
            *self._texts(place, query, {name: one["schema"] for name, one in wanted.items()}),
        }

    def _body(self, operation: Operation, exchange: Exchange) -> set[Finding]:
        place = f"{operation.place} > body"
        wanted = operation.content.get("requestBody")
        if exchange.body is None:
            return {Finding(place, "", "missing")} if wanted and wanted.get("required") else set()
        content = (wanted or {}).get("content", {}).get(exchange.media_type)
        if content is None:
            return {Finding(place, "", "unknown media type", exchange.media_type)}
        return self.schemas.check(
            place, self._meant(exchange, content["schema"]), content["schema"]
        )

    def _meant(self, exchange: Exchange, schema: Any) -> Any:
        """The body as one object: a form has text alone, and maybe JSON beside its files."""
        body = exchange.body
        if exchange.media_type == "application/json" or not isinstance(body, dict):
            return body
        if "payload_json" in body:
            files = {name: value for name, value in body.items() if name != "payload_json"}
            return {**orjson.loads(body["payload_json"]), **files}
        fields = self.schemas.followed(schema).get("properties", {})
        kinds = {name: self.schemas.followed(fields.get(name, {})) for name in body}
        return {name: _read(text, kinds[name]) for name, text in body.items()}

    def _answer(self, operation: Operation, exchange: Exchange) -> set[Finding]:
        place, status = f"{operation.place} > {exchange.status}", str(exchange.status)
        responses = operation.content["responses"]
        names = (status, f"{status[0]}XX", "default")
        if not (name := next((one for one in names if one in responses), None)):
            return {Finding(place, "", "no such status", exchange.answer)}
        response = self.schemas.followed(responses[name])
        headers = response.get("headers", {})
        wanted = {name: self.schemas.followed(one)["schema"] for name, one in headers.items()}
        return {
            *self._texts(place, exchange.told, wanted),
            *self._told(place, response, exchange),
        }

    def _told(self, place: str, response: Any, exchange: Exchange) -> set[Finding]:
        contents = response.get("content")
        if exchange.answer is None:
            return {Finding(place, "", "has no body")} if contents else set()
        media_type = exchange.told.get("Content-Type", "").partition(";")[0]
        if media_type not in (contents or {}):
            return {Finding(place, "", "unknown media type", media_type)}
        return self.schemas.check(place, exchange.answer, contents[media_type]["schema"])

    def _texts(
        self, place: str, given: Mapping[str, str], schemas: Mapping[str, Any]
    ) -> set[Finding]:
        """Check values that came as text."""
        values = {
            name: _read(given[name], self.schemas.followed(schema))
            for name, schema in schemas.items()
            if name in given
        }
        return {
            finding
            for name, value in values.items()
            for finding in self.schemas.check(place, value, schemas[name], name)
        }


def _credentials(operation: Operation, exchange: Exchange) -> set[Finding]:
    schemes = {name for one in operation.content.get("security", ()) for name in one or ("",)}
    given = exchange.headers.get("Authorization", "")
    if not schemes or "" in schemes or any(given.startswith(CREDENTIALS[one]) for one in schemes):
        return set()
    return {Finding(f"{operation.place} > credentials", "", f"must be {sorted(schemes)}")}


def _read(text: str, schema: Any) -> Any:
    if schema.get("type") == "array":
        return [_read(one, schema.get("items", {})) for one in text.split(",")]
    if schema.get("type") in ("integer", "number", "boolean"):
        with suppress(orjson.JSONDecodeError):
            return orjson.loads(text)
    return text
