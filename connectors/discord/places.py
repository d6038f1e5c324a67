"""What must be known of a channel before something is said in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from bot.errors import Rejected
from bot.memory import Room
from connectors.discord.errors import foreign_errors
from connectors.discord.wire import Route

if TYPE_CHECKING:
    from connectors.discord.wire import Wire

# https://discord.com/developers/docs/resources/channel#channel-object-channel-types
FORUMS = frozenset({15, 16})
THREADS = frozenset({10, 11, 12})

# https://discord.com/developers/docs/reference#uploading-files
MEBIBYTE = 2**20
FILE_SIZE = 10 * MEBIBYTE
"""How large a file may be, in bytes."""
BOOSTED = {2: 50 * MEBIBYTE, 3: 100 * MEBIBYTE}
"""How large in a server that is boosted, by its tier."""
LARGEST = max(BOOSTED.values())

REMEMBERS = 10_000
_CUSTOM = re.compile(r"<?a?:?(\w+):(\d+)>?")
_NAMED = re.compile(r":(\w+):")


class Place(NamedTuple):
    """A channel.

    Args:
        kind: see https://discord.com/developers/docs/resources/channel#channel-object-channel-types
    """

    kind: int
    guild: str
    parent: str

    @property
    def is_forum(self) -> bool:
        """Whether it holds threads only."""
        return self.kind in FORUMS

    @property
    def is_thread(self) -> bool:
        """Whether it belongs to another channel."""
        return self.kind in THREADS


class Places:
    """Asks for channels and servers."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._places: dict[str, Place] = {}

    async def place(self, channel: str) -> Place:
        """What sort of channel it is; that does not change."""
        if channel not in self._places:
            told = await self._wire(Route("GET", "/channels/{channel_id}", channel_id=channel))
            with foreign_errors(writing=False):
                self._places[channel] = _place(told)
            while len(self._places) > REMEMBERS:
                del self._places[next(iter(self._places))]
        return self._places[channel]

    async def file_size(self, channel: str) -> int:
        """How large a file may be, in bytes; people pay for more by boosting their server."""
        guild = (await self.place(channel)).guild
        if not guild:
            return FILE_SIZE
        told = await self._wire(Route("GET", "/guilds/{guild_id}", guild_id=guild))
        with foreign_errors(writing=False):
            return BOOSTED.get(int(told.get("premium_tier") or 0), FILE_SIZE)

    async def emoji(self, room: Room, text: str) -> str:
        """An emoji as an address has it: itself, or the name and id of one of the server's own.

        Raises:
            Rejected: the server has none of that name.
        """
        if found := _CUSTOM.fullmatch(text):
            return f"{found[1]}:{found[2]}"
        if not (named := _NAMED.fullmatch(text)):
            return text
        guild = (await self.place(room.key)).guild
        emojis: list[dict[str, Any]] = []
        if guild:
            emojis = await self._wire(Route("GET", "/guilds/{guild_id}/emojis", guild_id=guild))
        with foreign_errors(writing=False):
            for one in emojis:
                if one.get("name") == named[1]:
                    return f"{one['name']}:{one['id']}"
        raise Rejected(f"the server has no emoji {text}")


def _place(told: Any) -> Place:
    parent = str(told.get("parent_id") or "")
    return Place(int(told["type"]), str(told.get("guild_id") or ""), parent)
