"""The server of a simulated Discord, as its API shows it.

https://discord.com/developers/docs/resources/guild
"""

from __future__ import annotations

from connectors.discord.simulator.refusal import not_found
from connectors.discord.simulator.request import Handler, Request
from connectors.discord.simulator.shapes import Json
from connectors.discord.simulator.state import State

MEBIBYTE = 2**20
SIZES = {2: 50 * MEBIBYTE, 3: 100 * MEBIBYTE}
"""The largest file in bytes, by the tier of the server; otherwise 10 MiB."""


class Servers:
    """The handlers of servers.

    Attributes:
        tier: how far the server is boosted, up to 3.
    """

    def __init__(self, state: State) -> None:
        self._state, self.tier = state, 0

    @property
    def routes(self) -> dict[str, Handler]:
        """Which handler answers what."""
        return {"GET /guilds/{guild}": self.guild, "GET /guilds/{guild}/emojis": self.emojis}

    @property
    def file_size(self) -> int:
        """How large a file may be, in bytes."""
        return SIZES.get(self.tier, 10 * MEBIBYTE)

    def guild(self, request: Request) -> Json:
        """The server."""
        if request.path["guild"] != self._state.guild_id:
            raise not_found("Unknown Guild", 10004)
        return {**self._state.guild(), "premium_tier": self.tier}

    def emojis(self, _: Request) -> list[Json]:
        """The emojis of the server's own."""
        common = {"roles": [], "require_colons": True, "managed": False, "animated": False}
        return [
            {**common, "id": key, "name": name, "available": True}
            for name, key in self._state.emojis.items()
        ]
