"""Telegram: private chats, groups, forum topics and channels."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from functools import cached_property
from typing import TYPE_CHECKING

from bot.capabilities import Capabilities, Markup, Rate, utf16
from bot.connector import Connector, Identity
from bot.content import Attachment, Verb
from bot.errors import DeliveryError, Rejected, Unauthorized, Unavailable
from bot.events import Deliver
from bot.memory import Entity, Room, RoomKind
from bot.part import Part, Receipt
from bot.service import Status
from connectors.telegram import links, paying
from connectors.telegram.config import HOW_TO_GET_ONE, TelegramConfig

if TYPE_CHECKING:
    from bot.runtime import Runtime
    from connectors.telegram.client import Client
    from connectors.telegram.speaker import Speaker

NO_PERSON = "People have no public names for bots: name the id of their chat with this one."

NO_PORT = (
    "The webhook leads to the bot's HTTP server, which takes any free port: set TOWNHALL_HTTP_PORT,"
    " or TELEGRAM_WEBHOOK_PORT for a port of its own."
)


class TelegramService(Connector):
    """Speaks for one bot on Telegram."""

    service_type = platform = "telegram"
    capability_description = "Talks on Telegram: private chats, groups, forum topics, channels."
    config_type = TelegramConfig
    config: TelegramConfig
    capabilities = Capabilities(
        max_length=4096,  # https://core.telegram.org/bots/api#sendmessage
        length=utf16,
        rates=(  # https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
            Rate(count=30, seconds=1),
            Rate(count=1, seconds=1, per_room=True),
            Rate(count=20, seconds=60, per_room=True, kinds=("group", "thread", "channel")),
        ),
        markup=Markup.HTML,
        verbs=frozenset({Verb.SAY, Verb.EDIT, Verb.DELETE, Verb.REACT, Verb.UNREACT}),
        edits=True,
        threads=True,
        files=10,  # https://core.telegram.org/bots/api#sendmediagroup
        each_file_counts=True,
        file_size=50 * 2**20,  # https://core.telegram.org/bots/api#sending-files
        buttons=100,
        button_value=64,  # https://core.telegram.org/bots/api#inlinekeyboardbutton
        typing_seconds=5,  # https://core.telegram.org/bots/api#sendchataction
    )

    def __init__(self, runtime: Runtime, account: str = "default") -> None:
        super().__init__(runtime, account)
        if not self.config.limits:
            self.capabilities = self.capabilities.model_copy(update={"rates": ()})
        elif self.config.paid_broadcasts:
            faster = paying.rates(self.capabilities.rates)
            self.capabilities = self.capabilities.model_copy(update={"rates": faster})
        self._client: Client | None = None

    @asynccontextmanager
    async def lifetime(self) -> AsyncIterator[None]:
        """A pool of connections; nothing is asked of Telegram yet."""
        from connectors.telegram.client import Client

        async with Client.open(self._token, self.config.api_url) as self._client:
            yield

    @property
    def _token(self) -> str:
        return self.config.token.get_secret_value().strip()

    @property
    def client(self) -> Client:
        """The connection.

        Raises:
            Unavailable: the service is not open.
        """
        if self._client is None:
            raise Unavailable("Telegram is not open")
        return self._client

    @classmethod
    def link_of(cls, room: Room, message: str) -> str | None:
        """See `Connector.link_of`."""
        return links.link_of(room, message)

    @classmethod
    def message_of(cls, link: str) -> str | None:
        """See `Connector.message_of`."""
        return links.message_of(link)

    async def login(self) -> Identity:
        """See `Connector.login`."""
        me, host = await self.client.me(), await self.client.webhook_host()
        warnings = me.warnings
        if host and not self.config.webhook_url:
            warnings += (f"A webhook is set ({host}): Telegram sends the updates there, not here.",)
        if self._has_no_port:
            warnings += (NO_PORT,)
        return me.model_copy(update={"warnings": warnings})

    @property
    def _has_no_port(self) -> bool:
        """Whether a webhook is to lead to a port that is another one after each start."""
        if not self.config.webhook_url or self.config.webhook_port:
            return False
        return str(self.runtime.get_setting("TOWNHALL_HTTP_PORT", "0")) == "0"

    async def listen(self, deliver: Deliver) -> None:
        """See `Connector.listen`; by polling, unless a webhook is configured."""
        from connectors.telegram.listening import Listening

        try:
            await Listening(self, deliver).run()
        except Unauthorized as error:
            self.report(Status.DOWN, str(error), f"Check TELEGRAM_BOT_TOKEN. {HOW_TO_GET_ONE}")
            raise

    def fetch(self, attachment: Attachment) -> AbstractAsyncContextManager[AsyncIterable[bytes]]:
        """See `Connector.fetch`."""
        from connectors.telegram.files import fetched

        return fetched(
            self.client,
            self.runtime.media,
            attachment.key,
            api_url=self.config.api_url,
            token=self._token,
        )

    async def avatar(self, entity: Entity) -> Attachment | None:
        """See `Connector.avatar`. Chats that speak as themselves have none for us."""
        from connectors.telegram.translate.files import picture

        sizes = [] if entity.key.startswith("-") else await self.client.pictures(entity)
        return picture(sizes, self.name) if sizes else None

    async def send(self, part: Part) -> Receipt:
        """See `Connector.send`."""
        return await self._speaker.say(part)

    async def change(self, part: Part) -> None:
        """See `Connector.change`."""
        from connectors.telegram.changes import Changes

        await Changes(self).make(part)

    @cached_property
    def _speaker(self) -> Speaker:
        from connectors.telegram.speaker import Speaker

        return Speaker(self)

    def room(self, key: str) -> Room:
        """See `Connector.room`. People have positive ids, groups and channels negative ones."""
        chat, _, topic = key.partition("/")
        kind = RoomKind.GROUP if chat.startswith("-") else RoomKind.DM
        kind = RoomKind.THREAD if topic and kind is RoomKind.GROUP else kind
        parent = chat if topic else None
        return Room(platform=self.platform, account=self.account, key=key, kind=kind, parent=parent)

    async def room_of(self, address: str) -> Room | None:
        """See `Connector.room_of`: `@name` is a public group or channel.

        Raises:
            Rejected: it is none, or a person.
        """
        if not address.startswith("@"):
            return self.room(address)
        from connectors.telegram.errors import Refused
        from connectors.telegram.translate.places import place

        try:
            found = place(await self.client.ask("getChat", {"chat_id": address}), self.account)
        except Refused as error:
            raise Rejected(f"{error} {NO_PERSON}") from error
        if found.is_private:
            raise Rejected(f"{address} is a person. {NO_PERSON}")
        return found

    def cost_of(self, parts: Sequence[Part], times: int) -> str:
        """See `Connector.cost_of`."""
        pays = self.config.paid_broadcasts and self.config.limits
        return paying.cost(parts, times) if pays else ""

    async def typing(self, room: Room) -> None:
        """See `Connector.typing`."""
        with suppress(DeliveryError):
            await self.client.typing(room)
