"""The next best way to say something, where Telegram refuses the best."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass, fields, replace

from bot.connector import Connector
from bot.content import Attachment
from connectors.telegram.errors import Refused
from connectors.telegram.uploads import LARGEST, Item, shown_as

REMEDIES = {
    "is_plain": ("can't parse entities",),
    "anew": ("wrong file identifier", "can't use file of type", "type of file mismatch"),
    "as_documents": ("photo_invalid_dimensions", "image_process_failed", "photo_save_file_invalid"),
}
"""By what Telegram's words hold, the field of `Fallback` that helps."""


@dataclass(frozen=True, slots=True)
class Fallback:
    """What is done without, by and by; nothing at first.

    Args:
        is_plain: without markup.
        anew: with the bytes of files that Telegram has, in place of their ids.
        as_documents: with photos as documents.
    """

    is_plain: bool = False
    anew: bool = False
    as_documents: bool = False

    def after(self, error: Refused) -> Fallback:
        """The next best.

        Raises:
            Refused: there is none.
        """
        for field in fields(self):
            if not getattr(self, field.name) and error.says(*REMEDIES[field.name]):
                return replace(self, **{field.name: True})
        raise error

    async def items(
        self, files: AsyncExitStack, service: Connector, attachments: tuple[Attachment, ...]
    ) -> list[Item]:
        """The files, open for as long as `files`; those that Telegram has by their ids.

        Raises:
            Rejected, Unavailable: as `Media.open`.
        """
        return [await self._item(files, service, one) for one in attachments]

    async def _item(self, files: AsyncExitStack, service: Connector, one: Attachment) -> Item:
        file = None
        if self.anew or one.holder != service.name:
            opening = service.runtime.media.open(one, most=LARGEST)
            file = await files.enter_async_context(opening)
        kind = shown_as(one, file.size if file else None)
        kind = "document" if kind == "photo" and self.as_documents else kind
        return Item(kind, file or one.key, one.seconds)
