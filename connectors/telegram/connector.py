"""Telegram: private chats, groups, forum topics and channels."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, SecretStr, field_validator
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception

from bot.capabilities import Capabilities, Rate
from bot.connector import Connector, Identity
from bot.errors import DeliveryError, Fenced, RateLimited, Unauthorized, Unavailable
from bot.events import Deliver
from bot.memory import Room, RoomKind
from bot.part import Part, Receipt
from bot.retry import pause
from bot.service import Status
from bot.settings import Config, setting

if TYPE_CHECKING:
    from bot.runtime import Runtime
    from connectors.telegram.client import Client

HOW_TO_GET_ONE = (
    "Talk to @BotFather on Telegram, send /newbot, and copy the token that it answers with."
)
# https://core.telegram.org/api/links#message-links: a private link, perhaps with a topic in it. The
# ids of supergroups and channels are written without the -100 that the Bot API puts before them.
_LINK = re.compile(r"https://(?:t|telegram)\.me/c/(\d+)/(?:\d+/)?(\d+)/?(?:[?#].*)?")
CONFLICT_PAUSE = 15.0
"""Seconds between looks whether the other reader of our updates has gone."""


def _listed(value: Any) -> Any:
    names = value.split(",") if isinstance(value, str) else value
    names = names if isinstance(names, list | tuple) else [names]
    return tuple(str(name).strip() for name in names if str(name).strip())


class TelegramConfig(Config):
    """The settings of one Telegram bot."""

    token: SecretStr = setting("TELEGRAM_BOT_TOKEN", help=HOW_TO_GET_ONE)
    api_url: str = setting(
        "TELEGRAM_API_URL",
        default="https://api.telegram.org",
        help="The Bot API server, as http://host:port; /bot<token>/ is appended.",
    )
    rooms: Annotated[tuple[str, ...], BeforeValidator(_listed)] = setting(
        "TELEGRAM_ROOMS",
        default=(),
        help="Where notifications go: chat ids, comma separated; <chat>/<topic> for a topic.",
    )
    on_ambiguous: Literal["resend", "hold"] = setting(
        "TELEGRAM_ON_AMBIGUOUS",
        default="resend",
        help="What to do when nobody knows whether a message arrived: resend, or hold it.",
    )
    limits: bool = setting(
        "TELEGRAM_LIMITS",
        default=True,
        help="Off for a server of your own that has no limits, such as a simulator.",
    )

    @field_validator("api_url")
    @classmethod
    def _is_address(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")):
            raise ValueError("must start with http:// or https://")
        return value.rstrip("/")


def utf16_length(text: str) -> int:
    """How Telegram counts a text: in UTF-16 code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


class TelegramService(Connector):
    """Speaks for one bot on Telegram."""

    service_type = platform = "telegram"
    capability_description = "Talks on Telegram: private chats, groups, forum topics, channels."
    config_type = TelegramConfig
    config: TelegramConfig
    capabilities = Capabilities(
        max_length=4096,  # https://core.telegram.org/bots/api#sendmessage
        length=utf16_length,
        rates=(  # https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
            Rate(count=30, seconds=1),
            Rate(count=1, seconds=1, per_room=True),
            Rate(count=20, seconds=60, per_room=True, kinds=("group", "thread", "channel")),
        ),
        edits=True,
        threads=True,
        typing_seconds=5,  # https://core.telegram.org/bots/api#sendchataction
    )

    def __init__(self, runtime: Runtime, account: str = "default") -> None:
        super().__init__(runtime, account)
        if not self.config.limits:
            self.capabilities = self.capabilities.model_copy(update={"rates": ()})
        self._client: Client | None = None
        self._patiently = AsyncRetrying(
            retry=retry_if_exception(_passes), wait=_pause, before_sleep=self._struggles
        )

    @asynccontextmanager
    async def lifetime(self) -> AsyncIterator[None]:
        """A pool of connections; nothing is asked of Telegram yet."""
        from connectors.telegram.client import Client

        token = self.config.token.get_secret_value().strip()
        async with Client.open(token, self.config.api_url) as self._client:
            yield

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
    def message_of(cls, link: str) -> str | None:
        """See `Connector.message_of`. A link with a public name does not tell the chat's id."""
        found = _LINK.fullmatch(link)
        return f"-100{found[1]}/{found[2]}" if found else None

    async def login(self) -> Identity:
        """See `Connector.login`."""
        me = await self.client.me()
        host = await self.client.webhook()
        webhook = f"A webhook is set ({host}): Telegram sends the updates there, not here."
        return me.model_copy(update={"warnings": (*me.warnings, webhook)}) if host else me

    async def listen(self, deliver: Deliver) -> None:
        """Poll for updates; a batch is confirmed by asking for the next, once it is stored."""
        try:
            me: Identity = await self._patiently(self.client.me)
            offset: int | None = None
            while True:
                offset = await self._patiently(self._take, deliver, me, offset)
        except Unauthorized as error:
            self.report(Status.DOWN, str(error), f"Check TELEGRAM_BOT_TOKEN. {HOW_TO_GET_ONE}")
            raise

    async def _take(self, deliver: Deliver, me: Identity, offset: int | None) -> int | None:
        """Store one batch; the offset that confirms it."""
        from connectors.telegram import translate

        # After trouble a poll that does not wait shows at once that it is over.
        updates = await self.client.updates(offset, wait=self._health.status is Status.UP)
        found = [translate.event(raw, self.account, me) for raw in updates]
        if events := [event for event in found if event]:
            await deliver(*events)
        if passed := len(found) - len(events):
            self.runtime.logger.debug("Telegram: updates passed over", count=passed)
        numbers = [n for raw in updates if (n := translate.update_id(raw)) is not None]
        if updates and not numbers:
            raise Unavailable("Telegram sent updates without ids, which cannot be confirmed")
        self.report(Status.UP)
        return max(numbers) + 1 if numbers else offset

    def _struggles(self, state: RetryCallState) -> None:
        error = _error(state)
        why, fix = str(error) or type(error).__name__, getattr(error, "fix", "")
        if self._health.why != why:
            self.runtime.logger.warning(
                "Telegram: trying again", account=self.account, why=why, fix=fix
            )
        self.report(Status.DEGRADED, why, fix)

    async def send(self, part: Part) -> Receipt:
        """See `Connector.send`."""
        return await self.client.send(part)

    def room(self, key: str) -> Room:
        """See `Connector.room`. People have positive ids, groups and channels negative ones."""
        chat, _, topic = key.partition("/")
        kind = RoomKind.GROUP if chat.startswith("-") else RoomKind.DM
        kind = RoomKind.THREAD if topic and kind is RoomKind.GROUP else kind
        parent = chat if topic else None
        return Room(platform=self.platform, account=self.account, key=key, kind=kind, parent=parent)

    async def typing(self, room: Room) -> None:
        """See `Connector.typing`."""
        with suppress(DeliveryError):
            await self.client.typing(room)


def _error(state: RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None


def _passes(error: BaseException) -> bool:
    """Whether waiting may help. It does where the store is full, too."""
    return isinstance(error, Exception) and not isinstance(error, Unauthorized | Fenced)


def _pause(state: RetryCallState) -> float:
    """How long to wait, in seconds."""
    error = _error(state)
    if isinstance(error, RateLimited):
        return error.retry_after
    return CONFLICT_PAUSE if getattr(error, "fix", "") else pause(state.attempt_number)
