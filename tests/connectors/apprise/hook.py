"""A web hook, as services have them: it takes what Apprise's `json://` addresses are sent."""

from __future__ import annotations

import asyncio
import base64
from uuid import uuid4

from aiohttp import web

from bot.testing.simulator import Said, Simulator, Upload, now

SECRET = "Xyzzy42Xyzzy"


class Hook(Simulator):
    """Nobody speaks here but the bot.

    Attributes:
        refusals: the statuses to answer the next requests with.
        hold: answers wait until it is set.
    """

    platform = "apprise"

    def __init__(self, host="127.0.0.1", port=0, *, limits=False):
        super().__init__(host, port, limits=limits)
        self.refusals, self._files = [], {}
        self.hold = asyncio.Event()
        self.hold.set()

    @property
    def address(self):
        return f"json://ann:{SECRET}@{self.host}:{self.port}/{SECRET}"

    @property
    def settings(self):
        return {"APPRISE_URLS": f"hall={self.address}/hall"}

    def routes(self, app):
        app.router.add_post(f"/{SECRET}/{{room}}", self._take)

    async def _take(self, request):
        told = await request.json()
        await self.hold.wait()
        if self.refusals:
            return web.Response(status=self.refusals.pop(0), text=SECRET)
        files = [
            Upload(one["filename"], base64.b64decode(one["base64"]), one["mimetype"])
            for one in told["attachments"]
        ]
        message = uuid4().hex
        self._files[message] = files
        room = f"json/{request.match_info['room']}"
        names = tuple(one.name for one in files)
        self.record(Said(room, message, "bot", told["message"], None, True, now(), files=names))
        return web.Response()

    def files(self, message):
        return self._files[message]

    def add_person(self, name, *, is_bot=False):
        return name

    def add_room(self, name, *, kind="group", parent=None):
        return "json/hall"

    async def say(self, *args, **fields):
        raise NotImplementedError

    edit = delete = inject = disconnect = limit_next = malformed = unknown = say
    limited = 0
