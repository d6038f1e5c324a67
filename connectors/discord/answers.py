"""Answers to interactions: a sign at once, the answer when the turn has ended.

https://discord.com/developers/docs/interactions/receiving-and-responding
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from bot.content import Verb
from bot.errors import DeliveryError, Rejected, Unconfirmed
from bot.part import Part, Receipt
from connectors.discord import errors, outgoing
from connectors.discord.errors import Refused
from connectors.discord.finder import says_the_same
from connectors.discord.interactions import EPHEMERAL, is_open
from connectors.discord.speaker import GONE
from connectors.discord.wire import Route, callback, receipt

if TYPE_CHECKING:
    from bot.events import Event
    from bot.runtime import Runtime
    from connectors.discord.finder import Finder
    from connectors.discord.speaker import Speaker
    from connectors.discord.wire import Wire

Json = dict[str, Any]
Via = dict[str, str]

WITHIN = 1.5
"""Seconds until an interaction is acknowledged, stored or not. Discord gives up after 3."""
THINKING, UPDATE_LATER = 5, 6
"""The signs: for a command "thinking...", for a button nothing that one sees."""
LOADING = 1 << 7
"""The flag of a message that still says "thinking..."."""
CLOSED = frozenset(
    {
        errors.UNKNOWN_MESSAGE,
        errors.UNKNOWN_WEBHOOK,
        errors.UNKNOWN_INTERACTION,
        errors.INVALID_TOKEN,
    }
)
"""With these, an interaction can be answered no longer, or was never acknowledged."""
UNSEEN = frozenset({errors.UNKNOWN_CHANNEL, errors.NO_ACCESS, errors.NO_PERMISSION})
"""With these, only the interaction itself gives a way into a room."""

FOLLOWUP = "/webhooks/{webhook_id}/{webhook_token}"
ORIGINAL = f"{FOLLOWUP}/messages/@original"


class Answers:
    """Acknowledges interactions and answers them."""

    def __init__(self, wire: Wire, runtime: Runtime, speaker: Speaker, finder: Finder) -> None:
        self._wire, self._runtime = wire, runtime
        self._speaker, self._finder = speaker, finder
        self._stored: dict[str, asyncio.Event] = {}
        self._signs: dict[str, asyncio.Task[None]] = {}

    async def close(self) -> None:
        """Acknowledge what waits for it, and nothing more."""
        for stored in self._stored.values():
            stored.set()
        if signs := tuple(self._signs.values()):
            _, late = await asyncio.wait(signs, timeout=WITHIN)
            for sign in late:
                sign.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    # the sign

    def heard(self, event: Event) -> None:
        """An interaction came: it is acknowledged once it is stored, or soon."""
        via = event.via or {}
        if via["id"] in self._signs:  # a session that was resumed tells it again
            return
        self._stored[via["id"]] = stored = asyncio.Event()
        self._signs[via["id"]] = task = asyncio.create_task(self._acknowledge(event, via, stored))
        task.add_done_callback(lambda _: self._forget(via["id"]))

    def stored(self, events: Iterable[Event]) -> None:
        """Events are stored."""
        for event in events:
            if event.via and (waiting := self._stored.get(event.via["id"])):
                waiting.set()

    def _forget(self, key: str) -> None:
        del self._stored[key], self._signs[key]

    async def _acknowledge(self, event: Event, via: Via, stored: asyncio.Event) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(WITHIN):
                await stored.wait()
        sign: Json = {"type": UPDATE_LATER if via["kind"] == "component" else THINKING}
        if self._is_private(via):
            sign["data"] = {"flags": EPHEMERAL}
        try:
            await self._wire(callback(via["id"], via["token"]), sign)
        except DeliveryError as error:
            # Known already, or too late: the answer finds another way.
            self._runtime.logger.info("discord.unacknowledged", key=event.key, why=str(error))

    def _is_private(self, via: Via) -> bool:
        """Whether "thinking..." is, and with it the first answer, for one person only."""
        action = self._runtime.abilities.action(via.get("command", ""))
        return bool(action and action.private)

    # the answer

    async def say(self, part: Part, via: Via) -> Receipt:
        """Answer an interaction, by its own way or as a message of the room."""
        if sign := self._signs.get(via["id"]):
            await asyncio.shield(sign)
        if not is_open(via, time.time()):
            return await self._aloud(part, via)
        if self._is_for_the_room(part, via):
            return await self._in_the_room(part, via)
        try:
            return await self._by_its_own_way(part, via)
        except Rejected as error:
            if not (isinstance(error, Refused) and error.code in CLOSED):
                await self._give_up(part, via)
                raise
        return await self._aloud(part, via)

    async def _give_up(self, part: Part, via: Via) -> None:
        """Take "thinking..." away, if it was this part that it promised; all else is done."""
        if _is_first(part, via):
            with contextlib.suppress(DeliveryError):
                await self.dismiss(via)

    async def find(self, part: Part, via: Via) -> Receipt | None:
        """Look for an answer of unknown outcome.

        Raises:
            Unconfirmed: only the person sees it.
        """
        is_shown = not part.private or self._is_private(via)
        if is_open(via, time.time()) and _is_first(part, via) and is_shown:
            return await self._found_original(part, via)
        if self._is_for_the_room(part, via):
            return await self._finder.find(_below(part, via))
        if part.private:
            raise Unconfirmed("an answer for one person alone cannot be looked for")
        found = await self._finder.answered(part, via["id"])
        return found or await self._finder.find(part)

    async def change(self, part: Part, via: Via) -> None:
        """Change a message; one that only its person sees is reached through the interaction."""
        try:
            await self._speaker.attempt(part)
        except Refused as error:
            if error.code not in GONE | UNSEEN:
                raise
            await self._change_unseen(part, via, error)

    async def _change_unseen(self, part: Part, via: Via, refusal: Refused) -> None:
        is_delete = part.verb is Verb.DELETE
        if is_open(via, time.time()) and (is_delete or part.verb is Verb.EDIT):
            method, body = ("DELETE", None) if is_delete else ("PATCH", outgoing.body(part))
            path = f"{FOLLOWUP}/messages/{{message_id}}"
            try:
                target = part.target or ""
                await self._wire(Route(method, path, message_id=target, **_webhook(via)), body)
            except Refused as error:
                refusal = error if error.code not in CLOSED else refusal
            else:
                return
        if refusal.code not in GONE | CLOSED:
            raise refusal

    async def dismiss(self, via: Via) -> None:
        """Take "thinking..." away."""
        if sign := self._signs.get(via["id"]):
            await asyncio.shield(sign)
        if via["kind"] == "command" and is_open(via, time.time()):
            await self._wire(Route("DELETE", ORIGINAL, **_webhook(via)))

    def _is_for_the_room(self, part: Part, via: Via) -> bool:
        if part.thread or part.persona:
            return True
        return via["kind"] == "component" and not (part.private or via.get("hidden"))

    async def _in_the_room(self, part: Part, via: Via) -> Receipt:
        """A message like any other, with a nonce: what a button leads to is something new."""
        try:
            receipt = await self._speaker.say(_below(part, via))
        except Refused as error:
            if error.code not in UNSEEN or part.thread or part.persona:
                raise
            return await self._follow(part, via)
        await self._give_up(part, via)
        return receipt

    async def _by_its_own_way(self, part: Part, via: Via) -> Receipt:
        if not _is_first(part, via):
            return await self._follow(part, via)
        if part.private and not self._is_private(via):
            # All see "thinking...", and would see what it becomes.
            await self._give_up(part, via)
            return await self._follow(part, via)
        original = Route("PATCH", ORIGINAL, **_webhook(via))
        return await self._write(original, outgoing.body(part), part)

    async def _follow(self, part: Part, via: Via) -> Receipt:
        body = outgoing.body(part)
        if part.private or via.get("hidden"):
            body["flags"] = EPHEMERAL
        followup = Route("POST", FOLLOWUP, **_webhook(via))
        return await self._write(followup, body, part, once=True)

    async def _write(self, route: Route, body: Json, part: Part, *, once: bool = False) -> Receipt:
        async with self._speaker.files(part, part.room.key) as files:
            body = outgoing.naming(body, files)
            sent = await self._wire(route, body, files=files, once=once)
        return receipt(sent)

    async def _aloud(self, part: Part, via: Via) -> Receipt:
        """A message of the room; one that is for one person goes to that person."""
        if not (part.private or self._is_private(via) or via.get("hidden")):
            return await self._speaker.say(_below(part, via))
        who = {"recipient_id": via["person"]}
        room = await self._wire(Route("POST", "/users/@me/channels"), who)
        direct = part.room.model_copy(update={"key": str(room["id"])})
        return await self._speaker.say(part.model_copy(update={"room": direct, "reply_to": None}))

    async def _found_original(self, part: Part, via: Via) -> Receipt | None:
        # Where it does not say so yet, saying it again changes the same message.
        try:
            told = await self._wire(Route("GET", ORIGINAL, **_webhook(via)))
        except Refused:
            return await self._finder.find(_below(part, via))
        is_said = not int(told.get("flags") or 0) & LOADING and says_the_same(told, part)
        return Receipt(message=str(told["id"])) if is_said else None


def _is_first(part: Part, via: Via) -> bool:
    is_first = str(part.delivery) == via["first"] and not part.ordinal
    return is_first and via["kind"] == "command"


def _below(part: Part, via: Via) -> Part:
    """The part, as an answer to the message whose button was pressed."""
    message = None if via.get("hidden") else via.get("message")
    return part.model_copy(update={"reply_to": part.reply_to or message})


def _webhook(via: Via) -> Json:
    return {"webhook_id": via["application"], "webhook_token": via["token"]}
