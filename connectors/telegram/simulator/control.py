"""What only Telegram has, by HTTP: see `bot.testing.simulator`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
from aiohttp import web

PEOPLE = ("admit", "block", "found", "join", "leave", "migrate", "rename_room", "share")
"""What people do: methods of `People`."""

FAULTS = ("fail_next", "lose_next", "repeat_next", "swap_next")
"""What goes wrong: methods of `TelegramSimulator`."""


def routes(people: Any, simulator: Any) -> list[web.RouteDef]:
    """A route for each of these methods, by its name; the body has its arguments."""
    deeds = [getattr(people, name) for name in PEOPLE]
    faults = [getattr(simulator, name) for name in FAULTS]
    return [web.post(f"/control/{one.__name__}", _handler(one)) for one in (*deeds, *faults)]


def _handler(deed: Callable[..., Any]) -> Callable[[web.Request], Any]:
    async def handle(request: web.Request) -> web.Response:
        done = deed(**await request.json(loads=orjson.loads))
        return web.Response(body=orjson.dumps(done), content_type="application/json")

    return handle
