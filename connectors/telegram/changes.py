"""What the bot does to messages that are there: edits, deletions, reactions."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from bot.content import Verb
from bot.errors import Rejected
from bot.part import Part
from connectors.telegram.errors import Refused
from connectors.telegram.fallback import Fallback
from connectors.telegram.outgoing import Fields, keyboard, message, plain, words

if TYPE_CHECKING:
    from connectors.telegram.connector import TelegramService

DONE = (
    "message is not modified",
    "message to edit not found",
    "message to delete not found",
    "message to react not found",
    "message_id_invalid",
)
"""What Telegram says where nothing is left to do: it is done already, or the message is gone."""

NO_TEXT = "there is no text in the message"
VARIANT = "\ufe0f"
"""Asks for an emoji in color; Telegram's list of reactions does without."""


class Changes:
    """Changes messages.

    Args:
        service: whose messages they are; it opens files.
    """

    def __init__(self, service: TelegramService) -> None:
        self._service = service

    async def make(self, part: Part) -> None:
        """See `Connector.change`."""
        where = message(part.target or "")
        try:
            match part.verb:
                case Verb.EDIT:
                    await self._edit(part, where)
                case Verb.DELETE:
                    await self._service.client.ask("deleteMessage", where, part.room)
                case Verb.REACT:
                    await self._react(part, where, [_reaction(part.text)])
                case Verb.UNREACT:
                    await self._react(part, where, [])
                case _:
                    raise Rejected(f"Telegram cannot {part.verb} a message")
        except Refused as error:
            if not error.says(*DONE):
                raise

    async def _edit(self, part: Part, where: Fields) -> None:
        """Change the text and buttons, or one file with its text."""
        how = Fallback()
        while True:
            try:
                await self._edit_so(plain(part) if how.is_plain else part, where, how)
            except Refused as error:
                how = how.after(error)
            else:
                return

    async def _edit_so(self, part: Part, where: Fields, how: Fallback) -> None:
        fields = {**where, "reply_markup": keyboard(part)}
        if part.attachments:
            await self._edit_file(part, fields, how)
        elif not part.text.strip():
            await self._service.client.ask("editMessageReplyMarkup", fields, part.room)
        else:
            await self._edit_text(part, fields)

    async def _edit_text(self, part: Part, fields: Fields) -> None:
        try:
            said = {**fields, **words(part, "text")}
            await self._service.client.ask("editMessageText", said, part.room)
        except Refused as error:
            if not error.says(NO_TEXT):
                raise
            said = {**fields, **words(part, "caption")}
            await self._service.client.ask("editMessageCaption", said, part.room)

    async def _edit_file(self, part: Part, fields: Fields, how: Fallback) -> None:
        if len(part.attachments) > 1:
            raise Rejected("Telegram can change one file of a message, not several")
        async with AsyncExitStack() as files:
            [item] = await how.items(files, self._service, part.attachments)
            said = {**fields, "media": item.medium(words(part, "caption"))}
            await self._service.client.ask("editMessageMedia", said, part.room)

    async def _react(self, part: Part, where: Fields, reactions: list[Fields]) -> None:
        """Replace our reaction; a bot has at most one."""
        said = {**where, "reaction": reactions}
        await self._service.client.ask("setMessageReaction", said, part.room)


def _reaction(emoji: str) -> Fields:
    """An emoji, or a custom one by its id."""
    if emoji.isdecimal():
        return {"type": "custom_emoji", "custom_emoji_id": emoji}
    return {"type": "emoji", "emoji": emoji.replace(VARIANT, "")}
