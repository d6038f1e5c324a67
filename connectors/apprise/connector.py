"""Notifies whatever Apprise can reach. Nothing comes back from there."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from bot.capabilities import Capabilities
from bot.connector import Connector, Identity
from bot.content import Attachment
from bot.errors import ConfigError, Rejected
from bot.events import Deliver, Event, EventKind, Presence
from bot.memory import Entity, Room, RoomKind
from bot.part import Part, Receipt
from bot.service import Status
from bot.value import now
from connectors.apprise.addresses import COMMON, Address, capabilities, library, load, title
from connectors.apprise.config import AppriseConfig
from connectors.apprise.outcome import check

if TYPE_CHECKING:
    from apprise import Apprise

    from bot.runtime import Runtime

SEND_SECONDS = 30.0
"""How long a send may take. Its thread may last a little longer: nothing can end a thread."""

LINES = 1_000
"""So many addresses are kept ready; others are read anew."""

GONE = "its address is not known any more: add it to APPRISE_URLS"


class AppriseService(Connector):
    """Speaks to the addresses of its settings, and to those that audiences name."""

    service_type = platform = "apprise"
    capability_description = "Notifies the services that Apprise knows."
    capabilities = COMMON
    config_type = AppriseConfig
    config: AppriseConfig

    def __init__(self, runtime: Runtime, account: str = "default") -> None:
        super().__init__(runtime, account)
        self._addresses = self.config.addresses
        self._lines: OrderedDict[str, Apprise] = OrderedDict()

    async def open(self) -> None:
        """See `Service.open`.

        Raises:
            ConfigError: Apprise is not installed, or does not understand an address.
        """
        await asyncio.to_thread(load)
        for key in self._addresses:
            await self._line(key)
        await super().open()

    async def listen(self, deliver: Deliver) -> None:
        """Tell which rooms there are, and nothing more."""
        known = {room.key for room in await self.rooms() if not room.closed}
        await deliver(*(self._joined(key) for key in self._addresses if key not in known))
        self.report(Status.UP)
        await asyncio.Event().wait()

    async def login(self) -> Identity:
        """See `Connector.login`; nobody is asked, since to ask would be to notify."""
        return Identity(key=self.account, name=f"addresses: {', '.join(self._addresses) or 'none'}")

    async def send(self, part: Part) -> Receipt:
        """See `Connector.send`. There is no reference of the message but our own."""
        try:
            line = await self._line(part.room.key)
        except ConfigError as error:
            raise Rejected(error.problem) from error
        files = [await self._file(one) for one in part.attachments]
        result = await line.async_notify(
            body=part.text,
            body_format="text",
            attach=files or None,
            timeout=SEND_SECONDS,
            log_level=logging.DEBUG,
        )
        check(result, part.room.key)
        return Receipt(message=part.id.hex)

    @classmethod
    def capabilities_for(cls, room: Room) -> Capabilities:
        """See `Connector.capabilities_for`."""
        return capabilities(room.key.partition("/")[0])

    def room(self, key: str) -> Room:
        """See `Connector.room`."""
        name = title(key.partition("/")[0])
        return Room(
            platform=self.platform,
            account=self.account,
            key=key,
            kind=RoomKind.CHANNEL,
            name=name,
        )

    async def room_of(self, address: str) -> Room | None:
        """See `Connector.room_of`.

        Args:
            address: the key of a room, the name that the settings give it, or an Apprise URL, which
                is kept as a note.
        """
        for key, one in self._addresses.items():
            if address in (key, one.name):
                return self.room(key)
        if "://" not in address:
            return self.room(address) if await self.note(_note(address)) else None
        try:
            new = Address.read(address)
            await asyncio.to_thread(new.line)
        except (ValueError, ConfigError):
            return None
        await self.keep(_note(new.key), new.url)
        return self.room(new.key)

    async def _line(self, key: str) -> Apprise:
        """What sends to a room.

        Raises:
            ConfigError: its address is not known, or nobody understands it.
        """
        if key not in self._lines:
            address = await self._address(key)
            self._lines[key] = await asyncio.to_thread(address.line)
            while len(self._lines) > LINES:
                self._lines.popitem(last=False)
        self._lines.move_to_end(key)
        return self._lines[key]

    async def _address(self, key: str) -> Address:
        if address := self._addresses.get(key):
            return address
        if url := await self.note(_note(key)):
            schema, _, name = key.partition("/")
            return Address(name=name, schema=schema, url=url)
        raise ConfigError(f"{key}: {GONE}")

    async def _file(self, attachment: Attachment) -> Any:
        """A file, in memory: Apprise takes those that have a name on disk, or none at all."""
        async with self.runtime.media.open(attachment, most=COMMON.file_size) as file:
            content = await asyncio.to_thread(file.handle.read)
            memory = library().attachment.memory.AttachMemory
            return memory(content=content, name=file.name, mimetype=file.media_type)

    def _joined(self, key: str) -> Event:
        """A room of the settings is there."""
        at = now()
        return Event(
            kind=EventKind.MEMBERSHIP,
            platform=self.platform,
            account=self.account,
            ids=(key, at.isoformat()),
            at=at,
            room=self.room(key).model_copy(update={"closed": ""}),
            sender=Entity(platform=self.platform, key=f"self/{self.account}", is_bot=True),
            presence=Presence.JOINED,
            is_own=True,
        )


def _note(key: str) -> str:
    return f"address/{key}"
