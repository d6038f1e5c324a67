"""Looks for what was sent and perhaps taken."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from bot.errors import Rejected, Unconfirmed
from bot.part import Part, Receipt
from bot.store import is_of_another
from bot.value import now
from connectors.discord.errors import foreign_errors
from connectors.discord.outgoing import cut
from connectors.discord.speaker import MESSAGES, NAME
from connectors.discord.translate import EPOCH, moment
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
PAGES = 10
"""The most that are read for one message; the account has other things to ask."""
APART = 5.0
"""Seconds that Discord's clock may be behind ours."""

Fits = Callable[[Json], bool]


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

        def fits(one: Json) -> bool:
            answers = (one.get("interaction_metadata") or {}).get("id")
            return bool(answers == interaction) and says_the_same(one, part)

        with _looking():
            return await self._first(part.room.key, interaction, part, fits)

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
        me = self._me()

        def fits(one: Json) -> bool:
            answered = (one.get("message_reference") or {}).get("message_id")
            is_same = says_the_same(one, part) and answered == part.reply_to
            return one["author"]["id"] == me and (is_same or one.get("nonce") == part.nonce)

        found = await self._first(channel, part.reply_to or await self._begun(part), part, fits)
        # A young one that answers nothing is left to the nonce, which tells for certain.
        is_proof = found and (part.reply_to or _age(found.message) > NONCE_LASTS)
        return found if is_proof else None

    async def _same_name(self, channel: str, part: Part) -> Receipt | None:
        name = part.persona and cut(part.persona.name, LONGEST)

        def fits(one: Json) -> bool:
            is_named = one.get("webhook_id") and one["author"].get("username") == name
            return bool(is_named) and says_the_same(one, part)

        return await self._first(channel, await self._begun(part), part, fits)

    async def _same_post(self, channel: str, guild: str, part: Part) -> Receipt | None:
        path, since = "/guilds/{guild_id}/threads/active", int(await self._begun(part))
        told = await self._wire(Route("GET", path, guild_id=guild))
        for one in told["threads"]:
            is_ours = (one.get("parent_id"), one.get("owner_id")) == (channel, self._me())
            is_same = is_ours and one["name"] == cut(part.thread, NAME) and int(one["id"]) > since
            if is_same and not await self._is_taken(str(one["id"]), part):
                return Receipt(message=str(one["id"]))
        return None

    async def _first(self, channel: str, after: str, part: Part, fits: Fits) -> Receipt | None:
        """The first message after an id that fits, and that no other part is known to be.

        Raises:
            Unconfirmed: so much was said since that not all of it is read.
        """
        for _ in range(PAGES):
            page = await self.history(channel, after)
            for one in page:
                if fits(one) and not await self._is_taken(str(one["id"]), part):
                    return Receipt(message=str(one["id"]))
            if len(page) < int(PAGE):
                return None
            after = str(page[-1]["id"])
        raise Unconfirmed(f"too much was said in the room to find it: {PAGES * int(PAGE)} messages")

    async def _is_taken(self, message: str, part: Part) -> bool:
        return await is_of_another(self._runtime.store, message, part)

    async def _begun(self, part: Part) -> str:
        """The id before all that was said since the part was decided on."""
        delivery = await self._runtime.store.delivery(part.delivery)
        began = (delivery.created_at if delivery else now()).timestamp() - APART
        return str((int(began * 1000) - EPOCH) << 22)


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
