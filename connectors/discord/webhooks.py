"""Speaking under another name: a webhook of our own in the channel.

https://discord.com/developers/docs/resources/webhook
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from bot.errors import Rejected, Unavailable, Unconfirmed
from connectors.discord.errors import UNKNOWN_WEBHOOK, Refused, foreign_errors
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
PATH = "/channels/{channel_id}/webhooks"


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
            self._known.pop(home, None)  # unless another has noticed, too
        return await self._ask(home, method, path, **how)

    async def _ask(self, home: str, method: str, path: str, **how: Any) -> Any:
        if home not in self._known:
            self._known[home] = await self._found(home)
        hook = self._known[home]
        path = f"/webhooks/{{webhook_id}}/{{webhook_token}}{path}"
        route = Route(method, path, webhook_id=hook.id, webhook_token=hook.token)
        return await self._wire(route, **how)

    async def _found(self, channel: str) -> Webhook:
        application = await self._wire.application()
        told = await self._wire(Route("GET", PATH, channel_id=channel), needs=NEEDS)
        with foreign_errors(writing=False):
            ours = [one for one in told if _is_ours(one, application)]
            one = ours[0] if ours else await self._made(channel)
            return Webhook(str(one["id"]), str(one["token"]))

    async def _made(self, channel: str) -> Any:
        route = Route("POST", PATH, channel_id=channel)
        try:
            return await self._wire(route, {"name": NAME}, needs=NEEDS)
        except Unconfirmed as error:  # nothing is said yet; if it was made, it is found next time
            raise Unavailable(str(error)) from error


def _home(channel: str, place: Place) -> str:
    """Where the webhook is: threads share that of their parent."""
    if not place.guild:
        raise Rejected("in direct messages the bot cannot speak under another name")
    return place.parent if place.is_thread else channel


def _is_ours(webhook: Json, application: str) -> bool:
    told = webhook.get("type"), webhook.get("application_id"), bool(webhook.get("token"))
    return told == (INCOMING, application, True)
