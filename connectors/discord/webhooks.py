"""Speaking under another name: a webhook of our own in the channel.

https://discord.com/developers/docs/resources/webhook
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from bot.errors import Rejected
from connectors.discord.errors import UNKNOWN_WEBHOOK, Refused
from connectors.discord.places import Place
from connectors.discord.wire import Route

if TYPE_CHECKING:
    from connectors.discord.places import Places
    from connectors.discord.wire import Wire

Json = dict[str, Any]

INCOMING = 1
"""The type of a webhook that is posted to."""
NAME = "Townhall"
LONGEST = 80
"""Characters of a name."""
NEEDS = "Manage Webhooks"


class Webhook(NamedTuple):
    """An address to post to; the token is a secret."""

    id: str
    token: str


class Webhooks:
    """Finds our webhook of a channel, or makes it."""

    def __init__(self, wire: Wire, places: Places) -> None:
        self._wire, self._places = wire, places
        self._known: dict[str, Webhook] = {}

    async def ask(self, channel: str, method: str, path: str = "", **how: Any) -> Any:
        """Ask something of the webhook that speaks in a channel.

        Raises:
            Refused: as `Wire`; if it is the webhook that is gone, another one is made.
            Rejected: there are no webhooks in such a channel.
        """
        home = _home(channel, await self._places.place(channel))
        if home != channel:
            how["params"] = {**how.get("params", {}), "thread_id": channel}
        try:
            return await self._ask(home, method, path, **how)
        except Refused as error:
            if error.code != UNKNOWN_WEBHOOK:
                raise
            del self._known[home]
        return await self._ask(home, method, path, **how)

    async def _ask(self, home: str, method: str, path: str, **how: Any) -> Any:
        if home not in self._known:
            self._known[home] = await self._found(home)
        hook = self._known[home]
        path = f"/webhooks/{{webhook_id}}/{{webhook_token}}{path}"
        route = Route(method, path, webhook_id=hook.id, webhook_token=hook.token)
        return await self._wire(route, **how)

    async def _found(self, channel: str) -> Webhook:
        path, application = "/channels/{channel_id}/webhooks", await self._wire.application()
        told = await self._wire(Route("GET", path, channel_id=channel), needs=NEEDS)
        ours = [one for one in told if _is_ours(one, application)]
        made = ours or [
            await self._wire(Route("POST", path, channel_id=channel), {"name": NAME}, needs=NEEDS)
        ]
        return Webhook(str(made[0]["id"]), str(made[0]["token"]))


def _home(channel: str, place: Place) -> str:
    """Where the webhook is: threads share that of their parent."""
    if not place.guild:
        raise Rejected("in direct messages the bot cannot speak under another name")
    return place.parent if place.is_thread else channel


def _is_ours(webhook: Json, application: str) -> bool:
    told = webhook.get("type"), webhook.get("application_id"), bool(webhook.get("token"))
    return told == (INCOMING, application, True)
