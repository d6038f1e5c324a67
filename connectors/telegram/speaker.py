"""What the bot says on Telegram: a part goes out in as few calls as it takes."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

from bot.errors import Unconfirmed
from bot.part import Part, Receipt
from connectors.telegram import paying, topics
from connectors.telegram.errors import Moved, Refused
from connectors.telegram.fallback import Fallback
from connectors.telegram.outgoing import plain
from connectors.telegram.steps import Step, step

if TYPE_CHECKING:
    from connectors.telegram.connector import TelegramService

BETWEEN = 1.0
"""Seconds from one message of a part to the next: a chat takes one a second, as the FAQ says.
https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this"""

BEGUN = 1_000
"""How many parts may be half sent before the oldest is forgotten."""


@dataclass(slots=True)
class Progress:
    """A part on its way.

    Args:
        rest: what is left of it; None if nothing is.
        sent: the messages so far.
        main: the one with its text, or the first.
    """

    rest: Part | None
    sent: list[str] = field(default_factory=list)
    main: str = ""

    def note(self, step: Step, answer: Any) -> None:
        """A call was made, and Telegram answered."""
        told = _references(answer)
        self.main = told[0] if step.is_main else self.main or told[0]
        self.sent += told
        self.rest = step.rest

    def receipt(self) -> Receipt:
        """The proof of what was said: the message with the text, and the others."""
        others = tuple(one for one in self.sent if one != self.main)
        return Receipt(message=self.main, more=others)


class Speaker:
    """Says parts.

    Args:
        service: whose parts they are; it opens files.
    """

    def __init__(self, service: TelegramService) -> None:
        self._service = service
        self._moved: dict[str, str] = {}
        self._begun: OrderedDict[UUID, Progress] = OrderedDict()

    async def say(self, part: Part) -> Receipt:
        """See `Connector.send`. A group that became another one is followed there."""
        if moved := self._moved.get(part.room.key):
            part = _in(part, moved)
        try:
            return await self._say(part)
        except Moved as error:
            self._moved[part.room.key] = str(error.chat)
            return await self._say(_in(part, str(error.chat)))

    async def _say(self, part: Part) -> Receipt:
        here = _in(part, await topics.place(self._service, part))
        receipt = await (self._say_files if part.attachments else self._say_words)(here)
        await topics.forget(self._service, part)
        return receipt

    async def _say_words(self, part: Part) -> Receipt:
        try:
            return await self._say_text(part)
        except Refused as error:
            if not Fallback().after(error).is_plain:
                raise
            self._warn(error)
            return await self._say_text(plain(part))

    async def _say_text(self, part: Part) -> Receipt:
        return Receipt(message=_references(await self._ask(step(part, ()), part))[0])

    async def _say_files(self, part: Part) -> Receipt:
        """Call by call. After an error in between, the next try goes on where this one ended."""
        progress = self._begun.setdefault(part.id, Progress(part))
        if len(self._begun) > BEGUN:
            self._begun.popitem(last=False)
        how = Fallback()
        while progress.rest:
            try:
                await self._go_on(progress, part.room.key, how)
            except Refused as error:
                how = how.after(error)
                self._warn(error)
        self._begun.pop(part.id, None)
        return progress.receipt()

    async def _go_on(self, progress: Progress, room: str, how: Fallback) -> None:
        attachments = progress.rest.attachments if progress.rest else ()
        async with AsyncExitStack() as files:
            items = await how.items(files, self._service, attachments)
            while progress.rest:
                if progress.sent and self._service.capabilities.rates:
                    await asyncio.sleep(BETWEEN)
                part = _in(progress.rest, room)
                one = step(plain(part) if how.is_plain else part, items)
                progress.note(one, await self._ask(one, part))
                items = items[one.files :]

    async def _ask(self, one: Step, part: Part) -> Any:
        paid = paying.fields(part) if self._service.config.paid_broadcasts else {}
        return await self._service.client.ask(one.method, one.fields | paid, part.room)

    def _warn(self, error: Refused) -> None:
        self._service.runtime.logger.warning("Telegram: said in another way", why=str(error))


def _in(part: Part, room: str) -> Part:
    """The same part in another room; what it answers stays in the old one."""
    if part.room.key == room:
        return part
    return part.model_copy(
        update={"room": part.room.model_copy(update={"key": room}), "reply_to": None}
    )


def _references(answer: Any) -> list[str]:
    """The messages that Telegram made, at least one."""
    try:
        made = answer if isinstance(answer, list) else [answer]
        found = [f"{one['chat']['id']}/{one['message_id']}" for one in made]
    except (KeyError, TypeError):
        found = []
    if not found:
        raise Unconfirmed("Telegram's answer names no message")
    return found
