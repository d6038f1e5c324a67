"""How updates get here: by polling, or by a webhook."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception

from bot.connector import Identity
from bot.errors import ConfigError, Fenced, RateLimited, Rejected, Unauthorized, Unavailable
from bot.events import Deliver
from bot.race import first_to_end
from bot.rest import asked_for
from bot.retry import pause
from bot.service import Status
from connectors.absence import Absence
from connectors.telegram import webhook
from connectors.telegram.commands import publish
from connectors.telegram.errors import Conflicted
from connectors.telegram.intake import Intake
from connectors.telegram.topics import Topics
from connectors.telegram.translate import update_id

if TYPE_CHECKING:
    from connectors.telegram.connector import TelegramService

CONFLICT_PAUSE = 15.0
"""Seconds between looks whether the other reader of our updates has gone."""

DOUBT_SECONDS = 3.0
"""How long after a refusal Telegram is asked whether it was meant."""

LEFT_ALONE = 60.0
"""How long Telegram is not asked, in the end, if it refuses and names no time, in seconds."""

KEPT = timedelta(hours=24)
"""How long Telegram keeps updates: https://core.telegram.org/bots/api#getting-updates"""

HEAD_START = 0.003
"""Seconds that those who were just heard have before more is asked for, which takes as much of the
loop's time as an answer does."""


class Listening:
    """Reads the updates of one bot until it is cancelled.

    Args:
        service: whose updates they are; it shows how that goes.
    """

    def __init__(self, service: TelegramService, deliver: Deliver) -> None:
        self._service, self._deliver = service, deliver
        self._fenced = asyncio.get_running_loop().create_future()
        self._trouble = ""
        self._absence = Absence(service, "updates")
        self._patiently = AsyncRetrying(
            retry=retry_if_exception(_passes), wait=_pause, before_sleep=self._struggles
        )

    async def run(self) -> None:
        """Read.

        Raises:
            Unauthorized: Telegram does not know us.
            ConfigError: the webhook cannot be set up so.
        """
        service = self._service
        me: Identity = await self._patiently(service.client.me)
        if service.config.commands:
            await publish(service)
        answer, topics = service.client.answer, Topics(service.runtime.store)
        is_hooked = bool(service.config.webhook_url)
        how = "webhook" if is_hooked else "polling"
        opening = Intake.open(service.account, me, self._deliver, answer, topics, how=how)
        async with opening as intake:
            await (self._receive(intake) if is_hooked else self._poll(intake))

    # by polling

    async def _poll(self, intake: Intake) -> None:
        """A batch is confirmed by asking for the next, once it is stored."""
        await self._patiently(self._remove_webhook)
        offset: int | None = None
        while True:
            try:
                offset = await self._patiently(self._next, intake, offset)
            except Unauthorized as error:
                await self._doubt(error)

    async def _doubt(self, error: Unauthorized) -> None:
        """Ask who we are before we believe that we are unknown: a proxy may have said it.

        Raises:
            Unauthorized: Telegram does not know us.
        """
        self._warn(str(error), error.fix)
        await asyncio.sleep(DOUBT_SECONDS)
        await self._patiently(self._service.client.me)

    async def _remove_webhook(self) -> None:
        """Remove the webhook that an earlier run of ours set. Another's stays, and is named."""
        if (ours := await self._service.note(webhook.NOTE)) is None:
            return
        info = await self._service.client.webhook()
        if webhook.is_same(str(info.get("url", "")), ours):
            await self._service.client.delete_webhook()
        await self._service.keep(webhook.NOTE, None)

    async def _next(self, intake: Intake, offset: int | None) -> int | None:
        """Store one batch; the offset that confirms it."""
        # After trouble a poll that does not wait shows at once that it is over.
        is_well = (await self._service.health()).status is Status.UP
        updates = await self._service.client.updates(offset, wait=is_well)
        await self._take(intake, updates)
        numbers = [n for raw in updates if (n := update_id(raw)) is not None]
        if updates and not numbers:
            raise Unavailable("Telegram sent updates without ids, which cannot be confirmed")
        self._recovered()
        await self._return()
        if updates:
            await asyncio.sleep(HEAD_START)
        # An empty batch says that all before it is confirmed. After a quiet week numbers begin
        # anew, perhaps below an old offset: https://core.telegram.org/bots/api#update
        return max(numbers) + 1 if numbers else None

    # by a webhook

    async def _receive(self, intake: Intake) -> None:
        """An update is confirmed by the answer to it, once it is stored."""
        config = self._service.config
        url, given = config.webhook_url or "", config.webhook_secret
        secret = (given or config.token).get_secret_value().strip()
        secret = secret if given else webhook.derived(secret)

        async def take(update: Any) -> bool:
            return await self._accept(intake, update)

        receive, doors = webhook.receiver(secret, take), self._service.runtime.doors
        host, port = config.webhook_host, config.webhook_port
        async with webhook.door(url, receive, doors, host=host, port=port):
            await self._patiently(self._set_webhook, url, secret)
            await first_to_end(self._watch(url), self._fence())

    async def _set_webhook(self, url: str, secret: str) -> None:
        await self._service.keep(webhook.NOTE, url)  # before: so that it is known to be ours
        try:
            certificate = self._service.config.webhook_certificate
            await self._service.client.set_webhook(url, secret, certificate)
        except (Rejected, OSError) as error:
            raise ConfigError(
                f"the webhook cannot be set: {error}",
                fix="Check TELEGRAM_WEBHOOK_URL and TELEGRAM_WEBHOOK_CERTIFICATE.",
            ) from None

    async def _accept(self, intake: Intake, update: Any) -> bool:
        """Store one update; whether it is."""
        try:
            await self._take(intake, [update])
        except Fenced as error:
            if not self._fenced.done():
                self._fenced.set_exception(error)
            return False
        except Exception as error:  # noqa: BLE001 - Telegram tries again, whatever it was
            self._warn(str(error) or type(error).__name__)
            return False
        self._recovered()
        return True

    async def _fence(self) -> None:
        await self._fenced

    async def _watch(self, url: str) -> None:
        """Show what Telegram says of the webhook."""
        while True:
            info: dict[str, Any] = await self._patiently(self._service.client.webhook)
            health = webhook.judged(info, url)
            self._service.report(health.status, health.why, health.fix)
            if health.status is Status.UP:
                await self._return()
            await asyncio.sleep(webhook.LOOK)

    # by either

    async def _take(self, intake: Intake, updates: list[Any]) -> None:
        if passed := await intake.take(updates):
            self._service.runtime.logger.debug("Telegram: updates passed over", count=passed)

    async def _return(self) -> None:
        """Say so if nothing was read for so long that Telegram has forgotten some of it."""
        away = await self._absence.end()
        if away > KEPT:
            self._service.runtime.logger.warning(
                "Telegram: what was said more than 24 hours ago, while nothing was read, is missed",
                account=self._service.account,
                away_hours=away // timedelta(hours=1),
            )

    def _struggles(self, state: RetryCallState) -> None:
        error = _error(state)
        self._warn(str(error) or type(error).__name__, getattr(error, "fix", ""))

    def _warn(self, why: str, fix: str = "") -> None:
        """Show what is wrong; the log has it once, the first time by the report itself."""
        service = self._service
        known, self._trouble = self._trouble, why
        if known and known != why:
            service.runtime.logger.warning(
                "Telegram: trying again", account=service.account, why=why, fix=fix
            )
        service.report(Status.DEGRADED, why, fix)

    def _recovered(self) -> None:
        self._trouble = ""
        self._service.report(Status.UP)


def _error(state: RetryCallState) -> BaseException | None:
    return state.outcome.exception() if state.outcome else None


def _passes(error: BaseException) -> bool:
    """Whether waiting may help. It does where the store is full, too."""
    lasts = isinstance(error, Unauthorized | Fenced | ConfigError)
    return isinstance(error, Exception) and not lasts


def _pause(state: RetryCallState) -> float:
    """How long to wait, in seconds."""
    error = _error(state)
    if isinstance(error, RateLimited):
        return asked_for(error, state.attempt_number, least=LEFT_ALONE)
    is_conflict = isinstance(error, Conflicted)
    return CONFLICT_PAUSE if is_conflict else pause(state.attempt_number)
