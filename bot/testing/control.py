"""The control API of the simulators: playing people by HTTP."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import orjson
from aiohttp import web
from aiohttp.typedefs import Handler

if TYPE_CHECKING:
    from bot.testing.simulator import Simulator


@web.middleware
async def mistakes(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Say in the answer what is wrong with a request to the control API."""
    try:
        return await handler(request)
    except (TypeError, ValueError, LookupError, TimeoutError) as error:
        if not request.path.startswith("/control/"):
            raise
        said = {"error": f"{type(error).__name__}: {error}".removesuffix(": ")}
        return web.Response(status=400, body=orjson.dumps(said), content_type="application/json")


def control(simulator: Simulator, app: web.Application) -> None:
    """Add the control API of a simulator to its server."""

    async def people(request: web.Request) -> web.Response:
        return _json(simulator.add_person(**await request.json(loads=orjson.loads)))

    async def rooms(request: web.Request) -> web.Response:
        return _json(simulator.add_room(**await request.json(loads=orjson.loads)))

    async def say(request: web.Request) -> web.Response:
        many = await request.json(loads=orjson.loads)
        return _json([await simulator.say(**one) for one in many])

    async def change(request: web.Request) -> web.Response:
        body = await request.json(loads=orjson.loads)
        await getattr(simulator, request.match_info["verb"])(**body)
        return _json(None)

    async def said(request: web.Request) -> web.Response:
        rooms = request.query.getall("room", list(simulator.log))
        return _json([asdict(one) for room in rooms for one in simulator.log[room]])

    app.router.add_post("/control/people", people)
    app.router.add_post("/control/rooms", rooms)
    app.router.add_post("/control/say", say)
    verbs = "edit|delete|inject|disconnect|rename|react|press|command"
    app.router.add_post(f"/control/{{verb:{verbs}}}", change)
    app.router.add_get("/control/said", said)


def _json(value: Any) -> web.Response:
    return web.Response(body=orjson.dumps(value), content_type="application/json")
