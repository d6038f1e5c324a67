"""Playing people on a simulator in another process."""

from __future__ import annotations

from typing import Any

import aiohttp
import orjson

from bot.testing.simulator import Said


class SimulatorClient:
    """The control API of a simulator in another process.

    Args:
        url: where the simulator listens.
    """

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self._url, self._session = f"{url}/control", session

    async def add_person(self, name: str, *, is_bot: bool = False) -> str:
        """See `Simulator.add_person`."""
        return str(await self._post("people", {"name": name, "is_bot": is_bot}))

    async def add_room(self, name: str, *, kind: str = "group", parent: str | None = None) -> str:
        """See `Simulator.add_room`."""
        return str(await self._post("rooms", {"name": name, "kind": kind, "parent": parent}))

    async def say(self, *many: dict[str, Any]) -> list[str]:
        """Speak several times; each is the arguments of `Simulator.say`."""
        return list(await self._post("say", many))

    async def said(self, *rooms: str) -> list[Said]:
        """All that was said in `rooms`, or everywhere."""
        query = [("room", room) for room in rooms]
        async with self._session.get(f"{self._url}/said", params=query) as response:
            return [Said(**one) for one in orjson.loads(await response.read())]

    async def _post(self, path: str, body: Any) -> Any:
        data = orjson.dumps(body)
        headers = {"Content-Type": "application/json"}
        url = f"{self._url}/{path}"
        async with self._session.post(url, data=data, headers=headers) as response:
            response.raise_for_status()
            return orjson.loads(await response.read())
