"""How the Bot API reads a call and answers it, over HTTP."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import orjson
from aiohttp import web

from connectors.telegram.simulator.chats import ApiError, Json


async def params(request: web.Request) -> Json:
    """A call's parameters: of the query, a form, a multipart form or JSON."""
    found: Json = dict(request.query) if request.query_string else {}
    if not request.can_read_body:
        return found
    if request.content_type != "application/json":
        return found | dict(await request.post())
    try:
        return found | dict(orjson.loads(await request.read()))
    except (ValueError, TypeError):
        raise ApiError(400, "Bad Request: can't parse the JSON body") from None


def answer(body: bytes, status: int = 200) -> web.Response:
    """A body that is JSON already."""
    return web.Response(body=body, status=status, content_type="application/json")


def refusal(error: ApiError) -> web.Response:
    """An error, as the Bot API tells it."""
    body: Json = {"ok": False, "error_code": error.code, "description": error.description}
    if error.parameters:
        body["parameters"] = error.parameters
    return answer(orjson.dumps(body), error.code)


def failure(status: int, body: Any) -> web.Response:
    """Something else in place of an answer: JSON, text, or what the API says with that status."""
    if body is None:
        return refusal(ApiError(status, HTTPStatus(status).phrase))
    if isinstance(body, str):
        return web.Response(text=body, status=status)
    return answer(orjson.dumps(body), status)
