"""How the API answers: values as JSON, mistakes in plain words."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

from aiohttp import web
from pydantic_core import to_json

from bot.errors import StoreError, TownhallError, Unavailable


class Missing(TownhallError):
    """There is nothing of that name."""


class Conflict(TownhallError):
    """What it is to be done to is in no state for it."""


@contextmanager
def acting() -> Iterator[None]:
    """Something is done to what is there: what fails in the block is no mistake in the question.

    Raises:
        Conflict: it cannot be done to it, or no longer.
    """
    try:
        yield
    except (StoreError, Unavailable):
        raise
    except TownhallError as error:
        raise Conflict(str(error)) from error


STATUSES = {Missing: 404, Conflict: 409, StoreError: 503, Unavailable: 503}
"""How an error is answered; any other is a mistake in what was asked, 400."""


def route(method: str, path: str, handler: Callable[[web.Request], Awaitable[Any]]) -> web.RouteDef:
    """Lead requests to a handler that returns a value, or raises a `TownhallError`.

    Args:
        path: as aiohttp has it: `/api/campaigns/{id}`.
    """

    async def answer(request: web.Request) -> web.StreamResponse:
        try:
            return as_json(await handler(request))
        except TownhallError as error:
            return refusal(error)

    return web.route(method, path, answer)


def refusal(error: TownhallError) -> web.Response:
    """A response that says what is wrong."""
    found = (status for kind, status in STATUSES.items() if isinstance(error, kind))
    return as_json({"error": str(error)}, next(found, 400))


def as_json(value: Any, status: int = 200) -> web.Response:
    """A response that says `value`."""
    return web.Response(body=to_json(value), status=status, content_type="application/json")


async def body_of(request: web.Request) -> dict[str, Any]:
    """The JSON object that a request brings.

    Raises:
        TownhallError: it brings none.
    """
    try:
        found = await request.json()
    except ValueError as error:
        raise TownhallError(f"the body is not JSON: {error}") from error
    if not isinstance(found, dict):
        raise TownhallError("the body must be a JSON object")
    return found


def number(request: web.Request, name: str, default: int) -> int:
    """A number of the query.

    Raises:
        TownhallError: it is none.
    """
    text = request.query.get(name, str(default))
    if not text.isdecimal():
        raise TownhallError(f"{name}: {text!r} is not a number")
    return int(text)
