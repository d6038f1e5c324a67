"""Looks for what was sent and perhaps taken."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bot.errors import Rejected, Unconfirmed
from bot.part import Part, Receipt
from bot.value import now
from connectors.discord.errors import foreign_errors
from connectors.discord.outgoing import cut
from connectors.discord.speaker import MESSAGES, NAME
from connectors.discord.translate import moment
from connectors.discord.webhooks import LONGEST
from connectors.discord.wire import Route

if TYPE_CHECKING:
    from bot.runtime import Runtime
    from connectors.discord.speaker import Speaker
    from connectors.discord.wire import Wire

Json = dict[str, Any]

NONCE_LASTS = 120.0
"""Seconds for which we trust Discord to know a nonce; it says "the past few minutes":
https://discord.com/developers/docs/resources/message#create-message"""
PAGE = "100"
"""The most messages that one request gives:
https://discord.com/developers/docs/resources/message#get-channel-messages"""
APART = 5.0
"""Seconds that Discord's clock may be behind ours."""


class Finder:
    """Reads what was said.

    Args:
        me: the id of our own user.
    """

    def __init__(
        self, wire: Wire, runtime: Runtime, speaker: Speaker, me: Callable[[], str]
    ) -> None:
        self._wire, self._runtime, self._speaker, self._me = wire, runtime, speaker, me

    async def history(self, channel: str, after: str | None) -> list[Json]:
        """What was said in a channel, oldest first: at most a page, the newest or those after."""
        params = {"limit": PAGE, **({"after": after} if after else {})}
        needs = "Read Message History"
        route = Route("GET", MESSAGES, channel_id=channel)
        page = await self._wire(route, params=params, needs=needs)
        with foreign_errors(writing=False):
            return sorted(page, key=lambda one: int(one["id"]))

    async def find(self, part: Part) -> Receipt | None:
        """What we said in the room lately, or since what it answers; see `Connector.find`.

        Where None is answered and the part is young, sending it again is safe: Discord still
        knows its nonce.

        Raises:
            Unconfirmed: it cannot be told.
            Unavailable: Discord cannot be asked now.
        """
        with _looking():
            return await self._find(part)

    async def answered(self, part: Part, interaction: str) -> Receipt | None:
        """What says the same in answer to an interaction.

        Raises:
            Unconfirmed: the room may not be read.
            Unavailable: Discord cannot be asked now.
        """
        with _looking():
            page = await self.history(part.room.key, interaction)
        for one in page:
            answers = (one.get("interaction_metadata") or {}).get("id")
            if answers == interaction and says_the_same(one, part):
                return Receipt(message=str(one["id"]))
        return None

    async def _find(self, part: Part) -> Receipt | None:
        channel, is_first = await self._speaker.channel(part), part.thread and not part.ordinal
        place = await self._speaker.places.place(channel) if is_first else None
        if place and place.is_forum:
            return await self._same_post(channel, place.guild, part)
        found = await (self._same_name if part.persona else self._same)(channel, part)
        if found and is_first:
            await self._speaker.open_thread(channel, found.message, part.thread)
        return found

    async def _same(self, channel: str, part: Part) -> Receipt | None:
        page = await self.history(channel, part.reply_to)
        mine = [one for one in page if one["author"]["id"] == self._me()]
        for one in mine:
            if one.get("nonce") == part.nonce:
                return Receipt(message=str(one["id"]))
        return _same_words(part, mine)

    async def _same_name(self, channel: str, part: Part) -> Receipt | None:
        name, since = part.persona and cut(part.persona.name, LONGEST), await self._begun(part)
        for one in await self.history(channel, None):
            is_named = one.get("webhook_id") and one["author"].get("username") == name
            if is_named and says_the_same(one, part) and _age(one["id"]) < since:
                return Receipt(message=str(one["id"]))
        return None

    async def _same_post(self, channel: str, guild: str, part: Part) -> Receipt | None:
        path, since = "/guilds/{guild_id}/threads/active", await self._begun(part)
        told = await self._wire(Route("GET", path, guild_id=guild))
        for one in told["threads"]:
            is_ours = (one.get("parent_id"), one.get("owner_id")) == (channel, self._me())
            if is_ours and one["name"] == cut(part.thread, NAME) and _age(one["id"]) < since:
                return Receipt(message=str(one["id"]))
        return None

    async def _begun(self, part: Part) -> float:
        """Seconds since the part was decided on; what says the same since then is it."""
        delivery = await self._runtime.store.delivery(part.delivery)
        began: datetime = delivery.created_at if delivery else now()
        return (now() - began).total_seconds() + APART


@contextmanager
def _looking() -> Iterator[None]:
    """Who may not look cannot tell."""
    try:
        yield
    except Rejected as error:
        raise Unconfirmed(f"the room cannot be looked at: {error}") from error


def says_the_same(message: Json, part: Part) -> bool:
    """Whether a message has the words of a part."""
    return bool(message["content"].strip() == part.text.strip())


def _age(snowflake: str) -> float:
    return now().timestamp() - moment(snowflake) / 1000


def _same_words(part: Part, mine: Sequence[Json]) -> Receipt | None:
    """The message that says the same, where that is proof.

    Raises:
        Unconfirmed: it says the same and answers nothing, so it may be an older one.
    """
    for one in reversed(mine):
        answered = (one.get("message_reference") or {}).get("message_id")
        if not says_the_same(one, part) or answered != part.reply_to:
            continue
        if part.reply_to:
            return Receipt(message=str(one["id"]))
        if _age(one["id"]) > NONCE_LASTS:
            raise Unconfirmed(f"{one['id']} says the same, but may be an older message")
    return None
