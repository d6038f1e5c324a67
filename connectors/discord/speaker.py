"""Says things in channels, and changes what was said."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import TYPE_CHECKING, Any

from bot.content import Verb
from bot.errors import Rejected
from bot.part import Part, Receipt
from connectors.discord import errors, outgoing
from connectors.discord.errors import Refused
from connectors.discord.places import Places
from connectors.discord.webhooks import LONGEST, Webhooks
from connectors.discord.wire import Route, receipt

if TYPE_CHECKING:
    import discord

    from bot.runtime import Runtime
    from connectors.discord.wire import Wire

Json = dict[str, Any]

NAME = 100
"""Characters of a thread's name."""
MESSAGES = "/channels/{channel_id}/messages"
MESSAGE = f"{MESSAGES}/{{message_id}}"
GONE = frozenset({errors.UNKNOWN_MESSAGE, errors.UNKNOWN_CHANNEL})


class Speaker:
    """Says parts in channels: as messages, under another name, in new threads."""

    def __init__(self, wire: Wire, runtime: Runtime) -> None:
        self._wire, self._runtime = wire, runtime
        self.places = Places(wire)
        self._webhooks = Webhooks(wire, self.places)

    # saying

    async def say(self, part: Part) -> Receipt:
        """Say something; see `Connector.send`."""
        channel = await self.channel(part)
        is_first = bool(part.thread and not part.ordinal)
        if is_first and (await self.places.place(channel)).is_forum:
            return await self._post(channel, part)
        said = await (self._as_somebody if part.persona else self._as_ourselves)(channel, part)
        if is_first:
            await self.open_thread(channel, said.message, part.thread)
        return said

    def files(self, part: Part, channel: str) -> AbstractAsyncContextManager[list[discord.File]]:
        """The files of a part, as large as the channel allows.

        Raises:
            Rejected, Unavailable: as `Media.open`.
        """
        allowed = partial(self._file_size, part, channel)
        return outgoing.opened(self._runtime.media, part, allowed)

    async def _file_size(self, part: Part, channel: str) -> int:
        told = (part.via or {}).get("file_size")
        return int(told) if told else await self.places.file_size(channel)

    async def channel(self, part: Part) -> str:
        """Where to say it: what follows the first part of a thread goes into that thread."""
        if not part.room.key.isdecimal():
            raise Rejected(f"{part.room.key!r} is not the id of a Discord channel")
        if not (part.thread and part.ordinal):
            return part.room.key
        first = (await self._runtime.store.parts(part.delivery))[0].receipt
        if first is None:
            raise Rejected("the part before it was not sent, so it has no thread")
        return first.message

    async def _as_ourselves(self, channel: str, part: Part) -> Receipt:
        route, body = Route("POST", MESSAGES, channel_id=channel), outgoing.said(part)
        async with self.files(part, channel) as files:
            return receipt(await self._write(route, body, files))

    async def _as_somebody(self, channel: str, part: Part) -> Receipt:
        assert part.persona
        body = {**outgoing.body(part), "username": outgoing.cut(part.persona.name, LONGEST)}
        if part.persona.avatar:
            body["avatar_url"] = part.persona.avatar
        async with self.files(part, channel) as files:
            how: Json = {"body": outgoing.naming(body, files), "files": files, "once": True}
            wait = {"wait": "true", "with_components": "true"}
            return receipt(await self._webhooks.ask(channel, "POST", params=wait, **how))

    async def _post(self, channel: str, part: Part) -> Receipt:
        body = outgoing.body(part)
        async with self.files(part, channel) as files:
            post = {
                "name": outgoing.cut(part.thread, NAME),
                "message": outgoing.naming(body, files),
            }
            route = Route("POST", "/channels/{channel_id}/threads", channel_id=channel)
            told = await self._wire(route, post, files=files, once=True, needs="Create Posts")
        return receipt(told)  # a post has the id of its first message

    async def open_thread(self, channel: str, message: str, name: str) -> None:
        """Open the thread of a message, unless it has one."""
        route = Route("POST", f"{MESSAGE}/threads", channel_id=channel, message_id=message)
        try:
            body = {"name": outgoing.cut(name, NAME)}
            await self._wire(route, body, needs="Create Public Threads")
        except Refused as error:
            if error.code != errors.HAS_THREAD:
                raise

    async def _write(self, route: Route, body: Json, files: Sequence[discord.File]) -> Any:
        needs = "Send Messages, Attach Files" if files else "Send Messages, Embed Links"
        body = outgoing.naming(body, files)
        return await self._wire(route, body, files=files, needs=needs)

    # changing

    async def change(self, part: Part) -> None:
        """Do what the verb says; see `Connector.change`."""
        try:
            await self.attempt(part)
        except Refused as error:
            if error.code not in GONE:
                raise

    async def attempt(self, part: Part) -> None:
        """Do what the verb says, if the message is there.

        Raises:
            Refused: it may be gone.
        """
        if not part.target:
            raise Rejected(f"nothing to {part.verb}: the message is not known")
        where: Json = {"channel_id": part.room.key, "message_id": part.target}
        match part.verb:
            case Verb.EDIT | Verb.DELETE:
                await self._rewrite(part, where)
            case Verb.REACT | Verb.UNREACT:
                await self._react(part, where)
            case _:
                raise Rejected(f"Discord cannot {part.verb}")

    async def _react(self, part: Part, where: Json) -> None:
        is_back = part.verb is Verb.UNREACT
        emoji = await self.places.emoji(part.room, part.text)
        path, method = f"{MESSAGE}/reactions/{{emoji}}/@me", "DELETE" if is_back else "PUT"
        needs = "Add Reactions, Read Message History"
        try:
            await self._wire(Route(method, path, emoji=emoji, **where), needs=needs)
        except Refused as error:
            if not (is_back and error.code == errors.UNKNOWN_EMOJI):
                raise

    async def _rewrite(self, part: Part, where: Json) -> None:
        try:
            await self._edit_or_delete(part, where)
        except Refused as error:
            # What was said under another name belongs to the webhook that said it.
            if error.code not in (errors.NOT_OURS, errors.NO_PERMISSION):
                raise
            await self._rewrite_as_somebody(part, where["message_id"], error)

    async def _edit_or_delete(self, part: Part, where: Json) -> None:
        if part.verb is Verb.DELETE:
            await self._wire(Route("DELETE", MESSAGE, **where), needs="Manage Messages")
            return
        async with self.files(part, part.room.key) as files:
            await self._write(Route("PATCH", MESSAGE, **where), outgoing.body(part), files)

    async def _rewrite_as_somebody(self, part: Part, message: str, refusal: Refused) -> None:
        method = "DELETE" if part.verb is Verb.DELETE else "PATCH"
        how: Json = {} if part.verb is Verb.DELETE else {"body": outgoing.body(part)}
        try:
            path = f"/messages/{message}"
            await self._webhooks.ask(part.room.key, method, path, **how)
        except Rejected:
            raise refusal from None
